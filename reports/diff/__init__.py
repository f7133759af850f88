"""The comparison of two versions of an article: what differs, what it is about, how much it matters, was it said."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version

from msgspec.structs import replace

from reports.diff.applying import apply
from reports.diff.disclosure import disclose
from reports.diff.engine import diff
from reports.diff.names import is_family_name
from reports.diff.rank import rank
from reports.diff.standing import still_standing
from storage.types import Assessment, Content, Kind, Weight

RULES = 9  # raised whenever a rule of ours changes what is found between the same two texts
LIBRARIES = ("rapidfuzz", "regex", "rjieba")
FINGERPRINT = f"zaesur-diff/{RULES} " + " ".join(f"{name}/{version(name)}" for name in LIBRARIES)

_AROUND = {
    "links": Kind.LINK,
    "image": Kind.IMAGE,
}  # told with a change of the text, never a change alone, and without weight

__all__ = ["FINGERPRINT", "apply", "assess", "diff"]


def _nothing() -> str:
    return ""


def assess(old: Content, new: Content, standing: Callable[[], str] = _nothing) -> Assessment:
    """Compare two contents and say what the difference amounts to.

    ``standing`` gives all text of the newer page: a passage that left the article's text and still stands there was moved, not
    removed. It is asked only when a passage left.
    """
    plain = diff(old, new)
    language = new.language or old.language
    texts = cache(lambda: dict.fromkeys(text for e in plain.edits for text in (e.old, e.new) if text))
    edits = tuple(
        rank(edit, language, lambda names: is_family_name(names, texts()))
        for edit in still_standing(plain.edits, standing)
    )
    said = disclose(old, new, edits)
    findings = sorted((f for edit in edits for f in edit.findings), key=lambda finding: -finding.weight)
    around = [_AROUND[item.name] for item in plain.metadata if plain.changed and item.name in _AROUND]
    kinds: tuple[Kind, ...] = tuple(dict.fromkeys([*(finding.kind for finding in findings), *around]))
    return Assessment(
        diff=replace(plain, edits=edits),
        kinds=kinds,
        weight=max((finding.weight for finding in findings), default=Weight.COSMETIC),
        disclosure=said.disclosure,
        reason=said.reason,
        note=said.note,
        modified_moved=said.modified_moved,
        unaccounted=said.unaccounted,
    )
