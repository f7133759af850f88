"""A change as one self-contained HTML file: no script, nothing fetched, all page content as text."""

from __future__ import annotations

from functools import cache, partial
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from reports import wording
from reports.summary import summarise
from reports.views import direction, only_invisible, rows, shown
from storage.content import digest
from storage.types import Article, Baseline, Change, Edit, Version


def report(change: Change, old: Version, new: Version, article: Article, language: str = "en") -> str:
    """The report of one change, in German or English; the article's text keeps its own language and direction."""
    assessment = change.assessment
    baseline = "against_seed" if change.baseline is Baseline.SEED else "against_previous"
    content_language = new.content.language or article.language
    return (
        _environment()
        .get_template("report.html")
        .render(
            language=language,
            content_language=content_language,
            direction=direction(content_language),
            css=Markup(_file("report.css")),  # noqa: S704 - our own style sheet
            headline=new.content.headline or article.headline or article.id,
            baseline=wording.say(baseline, language),
            observed=wording.observed(change.observed_after, change.observed_by, language),
            changed=assessment.diff.changed,
            weight=wording.weight(assessment.weight, language),
            summary=summarise(assessment, language),
            rows=rows(assessment),
            metadata=", ".join(dict.fromkeys(item.name for item in assessment.diff.metadata)),
            article=article,
            safe_url=article.url if article.url.startswith(("http://", "https://")) else "",
            old=old,
            new=new,
            shown=shown,
            invisible=only_invisible,
            digest=digest,
            say=lambda key, **values: wording.say(key, language, **values),
            field=partial(_named, wording.field, language),
            operation=partial(_named, wording.operation, language),
            moment=lambda value: wording.moment(value, language),
            kinds=lambda edit: _kinds(edit, language),
        )
    )


def _named(name: object, language: str, value: object) -> str:
    return str(name(value, language)) if callable(name) else ""


def _kinds(edit: Edit, language: str) -> list[str]:
    return list(dict.fromkeys(wording.kind(finding.kind, language) for finding in edit.findings))


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, loader=FunctionLoader(_file), undefined=StrictUndefined)


def _file(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")
