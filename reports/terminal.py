"""A change in the terminal: what matters first, marks that need no colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports import wording
from reports.listed import same, told
from reports.reasons import disclosure, reasons
from reports.summary import summarise
from reports.views import Folded, MovedAway, Row, excerpted, in_order, only_invisible, rows, shown
from storage.types import Article, Baseline, Change, EditOp, Field, Kind, Span, SpanOp, Version, Weight

_MARKS = {
    EditOp.EDIT: "±",
    EditOp.ADD: "+",
    EditOp.DROP: "-",
    EditOp.MOVE: "⇄",
    EditOp.SPLIT: "÷",
    EditOp.MERGE: "∪",
    EditOp.KEEP: " ",
}
_MOVED = "magenta"
_STYLES = {SpanOp.KEEP: "", SpanOp.ADD: "bold underline blue", SpanOp.DROP: "strike yellow"}
_WEIGHT_STYLES = {Weight.SUBSTANTIVE: "bold", Weight.EDITORIAL: "", Weight.COSMETIC: "dim"}


def show(
    console: Console,
    change: Change,
    old: Version,
    new: Version,
    article: Article,
    language: str = "en",
    *,
    full: bool = False,
    articles: int = 1,
) -> None:
    """Print one change; ``articles`` is the number of articles with the same edit."""
    assessment = change.assessment
    console.print(Text(shown(new.content.headline or article.id), style="bold"))
    console.print(Text(shown(article.url), style="dim"))
    baseline = "against_seed" if change.baseline is Baseline.SEED else "against_previous"
    numbers = f"{wording.version(old.number, language)} → {wording.version(new.number, language)}"
    # any two versions may be asked for; only what is recorded stands beside the version before
    recorded = change.id or change.baseline is Baseline.SEED
    console.print(Text(f"{numbers}, {wording.say(baseline, language)}" if recorded else numbers))
    if assessment.diff.changed:
        console.print(Text(wording.observed(change.observed_after, change.observed_by, language)))
    for line in _fates(change, old, new, language):
        console.print(Text(line, style="bold"))
    console.print()
    label = f"{wording.weight(assessment.weight, language).upper()}  " if assessment.diff.changed else ""
    console.print(
        Text.assemble((label, "bold reverse" if console.color_system else ""), summarise(assessment, language))
    )
    if why := disclosure(assessment, language):
        console.print(Text(why, style="dim"))
    if Kind.HEADLINE in assessment.kinds and new.number and in_order(old, new):
        console.print(Text(_persisted(new, language), style="dim"))
    console.print()
    shown_rows = rows(assessment)
    ends = _ends(shown_rows)
    for row in shown_rows:
        if isinstance(row, Folded):
            console.print(Text(f"… {wording.count('paragraphs_unchanged', row.count, language)}", style="dim"))
        elif isinstance(row, Row):
            _edit(console, row, ends, language, full=full)
        else:
            was = wording.say("stood_here", language, number=row.row.number)
            console.print(Text(f"{_MARKS[EditOp.MOVE]} {was}\n", style=_MOVED))
    if articles > 1:
        console.print(Text(f"{same(change, articles, language)}.", style="dim"))
    names = wording.around(assessment.diff.metadata, language)
    if names:
        console.print(Text(wording.say("metadata", language, names=names), style="dim"))


def _fates(change: Change, old: Version, new: Version, language: str) -> Iterator[str]:
    """What became of the texts or of the change itself: taken down, withdrawn."""
    for version in (old, new):
        if version.removed:
            when, what = wording.moment(version.removed.at, language), wording.version(version.number, language)
            yield wording.say("removed_because", language, version=what, when=when, why=shown(version.removed.reason))
    if change.withdrawn:
        yield wording.say("withdrawn", language, when=wording.moment(change.withdrawn, language))


def _persisted(new: Version, language: str) -> str:
    """Whether a headline was there at a second look: outlets try headlines out, and one that stayed is another finding."""
    if new.first_seen and new.last_seen and new.last_seen > new.first_seen:
        return wording.say("headline_seen_again", language, last=wording.moment(new.last_seen, language))
    return wording.say("headline_seen_once", language)


def _ends(found: Sequence[Row | Folded | MovedAway]) -> dict[tuple[SpanOp, int | None], int]:
    """The change in which each end of a moved sentence stands."""
    changes = [row for row in found if isinstance(row, Row)]
    return {(span.op, span.link): row.number for row in changes for span in row.edit.spans if span.link is not None}


def _edit(
    console: Console, row: Row, ends: Mapping[tuple[SpanOp, int | None], int], language: str, *, full: bool
) -> None:
    edit = row.edit
    kinds = ", ".join(dict.fromkeys(wording.kind(finding.kind, language) for finding in edit.findings))
    where = "" if edit.field is Field.BODY else f"{wording.field(edit.field, language)}: "
    title = f"{_MARKS[edit.op]} {row.number} {where}{wording.operation(edit.op, language)}"
    weight = _WEIGHT_STYLES[edit.weight or Weight.COSMETIC]
    console.print(Text.assemble((title, "bold"), (f"  {kinds}" if kinds else "", weight)))
    text = _text(edit.spans if full else excerpted(edit.spans), ends)
    for line in (text, *(Text(f"· {shown(why)}", style="dim") for why in reasons(edit, language))):
        # a pipe gets whole lines: padding would crop them to a width that nobody sees
        console.print(Padding(line, (0, 0, 0, 4)) if console.is_terminal else Text.assemble("    ", line))
    console.print()


def _text(spans: Iterable[Span], ends: Mapping[tuple[SpanOp, int | None], int]) -> Text:
    """Marked words: [-removed-] and {+added+}, which read the same without colour; what moved names its other end."""
    text = Text()
    for span in spans:
        words = shown(span.text, marked=only_invisible(span)).replace("\n", " ¶ ")
        moved = span.link is not None
        if span.op is SpanOp.ADD:
            whence = f"⇄ {ends[SpanOp.DROP, span.link]}: " if moved else ""
            text.append(f"{{+{whence}{words}+}}", style=_MOVED if moved else _STYLES[span.op])
        elif span.op is SpanOp.DROP:
            whither = f"⇄ {ends[SpanOp.ADD, span.link]}: " if moved else ""
            text.append(f"[-{whither}{words}-]", style=_MOVED if moved else _STYLES[span.op])
        else:
            text.append(words)
    return text


def changes(
    console: Console,
    found: Sequence[Change],
    articles: Mapping[int, int] | None = None,
    language: str = "en",
    *,
    flaps: Mapping[int, int] | None = None,
) -> None:
    """Print a list of changes; ``articles`` says for a change that stands for several articles how many.

    ``flaps`` says how many later changes go on with the flapping that a change tells of.
    """
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("No.", justify="right")
    table.add_column("")
    table.add_column("", overflow="fold")
    for change in found:
        label = Text(wording.weight(change.assessment.weight, language), _WEIGHT_STYLES[change.assessment.weight])
        lines = told(change, (articles or {}).get(change.id), (flaps or {}).get(change.id), language)
        headline, summary, where, *rest = lines
        what = Text.assemble((headline, "bold"), f"\n{summary}\n", (where, "dim"), *(f"\n{line}" for line in rest))
        table.add_row(str(change.id), label, what)
    console.print(table)
