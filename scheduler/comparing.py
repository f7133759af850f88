"""Make the comparisons that are owed: each new version against the one before and against the seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from crawler.apart import read_apart, text_apart
from crawler.reading import page_text, refresh
from reports.diff import FINGERPRINT, assess
from reports.diff.sameness import edit_digests
from reports.summary import summarise
from storage import Owed, Store
from storage.errors import Altered, Incomparable, NotNow, OtherZlib, StoreError, UserError
from storage.flips import Return
from storage.types import Article, Assessment, Baseline, Change, Kind, Origin, Version

_TOGETHER = 20  # comparisons that share a commit


def compare_owed(store: Store, *, everything: bool = False) -> list[Change]:
    """Make every comparison still owed and record what differs; the full-text index follows the new versions.

    Spiders run by hand only record versions, and a process may be killed between recording and comparing; so each command that
    shows or needs changes calls this first. Returns the new changes. ``everything`` trusts no note of what was compared before.
    """
    store.index_texts()
    newest, owed = store.newest_version(), store.owed(everything=everything)
    found, left = list[Change](), list[str]()
    _digest(store, store.undigested())  # of what was settled elsewhere; digests are made in the order of changes
    for start in range(0, len(owed), _TOGETHER):
        with store.together():
            settled = [_settle(store, each, left) for each in owed[start : start + _TOGETHER]]
            changes = [change for change in settled if change is not None]
            _digest(store, changes)
        found += changes
    if left:
        store.note_incident("comparing", f"some comparisons are still to be made: {left[-1]}")
    else:
        store.all_compared(newest)
    return found


def _digest(store: Store, changes: list[Change]) -> None:
    store.digested([(change.id, edit_digests(change.assessment.diff)) for change in changes])


def pair(store: Store, article: str, old: int, new: int) -> tuple[Version, Version]:
    """Two versions of an article as today's extractor reads them, ready to be compared (0 is the seed)."""
    return current(store, article, old), current(store, article, new)


def current(store: Store, article: str, number: int) -> Version:
    """A version as today's extractor reads it; texts of different extractors are never compared."""
    version = store.version(article, number)
    if version is None:
        raise LookupError(f"{article} has no version {number}")
    return refresh(store, version, read_apart)


def _settle(store: Store, owed: Owed, left: list[str]) -> Change | None:
    """Make a comparison; one that cannot be made now is ``left`` owed, with the reason: it keeps no other from being made."""
    try:
        old, new = pair(store, owed.article, owed.old, owed.new)
        returned = store.returned(owed.article, owed.old, owed.new)
        assessment = compared(store, owed, old, new, returned)
    except (NotNow, Altered, OtherZlib) as why:
        left.append(str(why))
        return None
    except StoreError:
        raise
    except Exception as error:
        left.append(f"{owed.article}, versions {owed.old} and {owed.new}: {type(error).__name__}: {error}"[:300])
        return None
    found = assessment if assessment and assessment.diff.changed else None
    return store.settle(
        owed,
        found,
        observed_after=owed.after or old.last_seen,
        observed_by=owed.by or new.first_seen,
        **told(found, new, returned),
    )


def told(assessment: Assessment | None, new: Version, returned: Return | None) -> dict[str, Any]:
    """What is recorded of a change beside its assessment: by whom it was found, and whether it goes on flapping."""
    return {
        "summary": summarise(assessment, "en") if assessment else "",
        "headline": new.content.headline or "",
        "differ": FINGERPRINT,
        "extractor": new.fingerprint,
        "episode_from": returned.episode if returned else None,
    }


def compared(store: Store, owed: Owed, old: Version, new: Version, returned: Return | None) -> Assessment | None:
    """What a pair of versions amounts to; ``None`` when they cannot be compared. ``returned``: whether the newer text is a return.

    Texts of different extractors cannot (the older page is not stored, or today's extractor refuses it), nor can what was taken down.
    """
    if old.removed or new.removed or not comparable(old, new):
        return None
    assessment = assess(old.content, new.content, standing(store, new))
    if returned is None or not assessment.diff.changed:
        return assessment
    if owed.baseline is Baseline.PREVIOUS:
        # a return weighs what it undoes, whichever way round the rules would weigh it
        undone = assess(new.content, old.content)
        assessment = replace(assessment, kinds=(Kind.REVERT, *assessment.kinds), weight=undone.weight)
    return replace(assessment, kinds=(Kind.FLAPPING, *assessment.kinds)) if returned.episode else assessment


def comparable(old: Version, new: Version) -> bool:
    """Whether one extractor read both texts; a saved copy was never read by the extractor of pages."""
    return Origin.SEED in (old.origin, new.origin) or old.fingerprint == new.fingerprint


def standing(store: Store, new: Version) -> Callable[[], str]:
    """Gives all text on the newer page: what still stands there was not removed."""
    return lambda: page_text(store, new, text_apart)


def on_demand(store: Store, article: Article, old: str | None, new: str | None) -> Change:
    """Compare any two versions; nothing is recorded. Without ``old`` the baseline: the seed, else the version before."""
    numbers = [version.number for version in store.versions(article.id)]
    if not numbers:
        raise UserError(f"nothing has been seen of {article.id} yet; look with: zaesur crawl {article.url}")
    to = _number(new or "latest", numbers)
    before = numbers[: numbers.index(to)] or [to]  # in the order of time
    start = _number(old, numbers) if old else (0 if 0 in numbers else before[-1])
    versions = pair(store, article.id, start, to)
    for version in versions:
        if version.removed:
            raise Incomparable(removal(article, version))
    if not comparable(*versions):
        raise Incomparable(incomparable(store, *versions))
    assessment = assess(versions[0].content, versions[1].content, standing(store, versions[1]))
    return Change(
        id=0,
        article=article.id,
        baseline=Baseline.SEED if start == 0 else Baseline.PREVIOUS,
        from_version=start,
        to_version=to,
        observed_after=versions[0].last_seen,
        observed_by=versions[1].first_seen,
        assessment=assessment,
        summary=summarise(assessment, "en"),
        url=article.url,
        language=article.language,
        headline=versions[1].content.headline or article.headline or "",
    )


def incomparable(store: Store, *versions: Version) -> str:
    """Why two versions cannot be compared, in words."""
    for version in versions:
        for event in reversed(store.unread(version.article)):
            if event.facts["number"] == version.number:
                return (
                    f"version {version.number} of {version.article} cannot be compared with a text of today's extractor: "
                    f"its page could not be read again ({event.facts['reason']})"
                )
    return f"versions {versions[0].number} and {versions[1].number} of {versions[0].article} were read by different extractors"


def removal(article: Article, version: Version) -> str:
    """What is left to say of a version whose content was taken down."""
    taken = version.removed
    when, why = (f"{taken.at:%Y-%m-%d}", taken.reason) if taken else ("?", "?")
    return f"version {version.number} of {article.id}: content removed on {when} because: {why}"


def _number(name: str, numbers: list[int]) -> int:
    named = {"seed": "0", "latest": str(numbers[-1])}.get(name, name)
    if re.fullmatch("[0-9]{1,18}", named) and int(named) in numbers:
        return int(named)
    known = ", ".join("seed" if number == 0 else str(number) for number in numbers)
    raise UserError(f"there is no version {name!r}; there are: {known}")
