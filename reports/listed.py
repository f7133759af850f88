"""Changes as a list: the lines that tell of each, the same whether a terminal draws them or a pipe takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reports import wording
from reports.summary import summarise
from reports.views import shown
from storage.types import Baseline, Change

_HEAD = "No."


def told(change: Change, articles: int | None, more: int | None, language: str) -> list[str]:
    """A change in lines: headline, what is different, where and when; in how many articles, how often it went on flapping."""
    baseline = wording.say("against_seed" if change.baseline is Baseline.SEED else "against_previous", language)
    observed = wording.observed(change.observed_after, change.observed_by, language)
    lines = [
        shown(change.headline) or change.article,
        summarise(change.assessment, language),
        f"{change.article}, {baseline}; {observed}",
    ]
    if articles:
        lines.append(same(change, articles, language))
    if more:
        lines.append(wording.count("flapping_more", more, language))
    return lines


def same(change: Change, articles: int, language: str) -> str:
    """In how many articles the same was changed, and how to see them."""
    return f"{wording.count('same_edit', articles, language)}: zaesur changes --same {change.id}"


def plain(
    found: Sequence[Change], articles: Mapping[int, int], flaps: Mapping[int, int], language: str = "en"
) -> Iterator[str]:
    """A list of changes for a pipe: whole lines, however long; without the library that draws, which takes longer than the list."""
    numbers = max([len(_HEAD), *(len(str(change.id)) for change in found)])
    labels = [wording.weight(change.assessment.weight, language) for change in found]
    weights = max(map(len, labels), default=0)
    yield f"{_HEAD:>{numbers}}"
    for change, label in zip(found, labels, strict=True):
        first, *rest = told(change, articles.get(change.id), flaps.get(change.id), language)
        yield f"{change.id:>{numbers}}  {label:<{weights}}  {first}"
        yield from (f"{'':{numbers + weights + 4}}{line}" for line in rest)
