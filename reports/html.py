"""A change as one self-contained HTML file to mail or to file: no script, nothing fetched, all page content as text."""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup

from reports.site.changes import unnamed
from reports.site.evidence import citations, source
from reports.site.view import environment, template_text
from reports.site.words import Spoken
from reports.views import rows
from storage import Store
from storage.types import Article, Change, Version


def report(
    change: Change, old: Version, new: Version, article: Article, language: str = "en", store: Store | None = None
) -> str:
    """The report of one change, in German or English; the article's text keeps its own language and direction.

    With a store the evidence names the looks that brought both texts.
    """
    css = template_text("style.css")
    return (
        environment()
        .get_template("report.html")
        .render(
            v=Spoken(language),
            css=Markup(css),  # noqa: S704 - our own style sheet
            css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            title=new.content.headline or article.headline or article.id,
            language_of=new.content.language or article.language,
            change=change,
            article=article,
            old=old,
            new=new,
            rows=rows(change.assessment),
            unnamed=unnamed(change),
            metadata=change.assessment.diff.metadata,
            sources=[source(article, version, store) for version in (old, new)],
            citations=citations(change, article, old, new),
        )
    )
