"""Quotation marks around a change: whether it stands inside them, brings them or takes them away."""

from __future__ import annotations

import regex

from reports.diff.hunks import Hunk

_MARKS = '"„“”«»「」『』'
_QUOTED = regex.compile(rf"[{_MARKS}](.+?)[{_MARKS}]", regex.DOTALL)
_MARK = regex.compile(rf"[{_MARKS}]")
_MARK_OR_END = regex.compile(rf"[{_MARKS}\n]")  # a paragraph's end closes what was left open
_CLOSE = {"„": '“”"', "“": "”“", "”": "”", '"': '"', "«": "»", "»": "«»", "「": "」", "『": "』"}


def quoted(hunk: Hunk) -> str:
    """Why the change is one of a quotation, as the key of a reason; "" when it is none."""
    if _inside(hunk.before):
        return "inside_quotation"
    before, after = (_QUOTED.search(text) or _only_marks(text) for text in (hunk.old, hunk.new))
    if before and after:
        return "quotation_changed"
    return "quotation_added" if after else "quotation_dropped" if before else ""


def _only_marks(text: str) -> bool:
    """Whether a mark comes or goes by itself; its partner is another change."""
    return bool(_MARK.search(text)) and not any(character.isalnum() for character in text)


def _inside(before: str) -> bool:
    """Whether a quotation mark opened before and has not closed."""
    opened = ""
    for match in _MARK_OR_END.finditer(before):
        mark, at = match.group(), match.start()
        if mark == "\n" or (opened and mark in _CLOSE[opened]):
            opened = ""
        elif not opened and mark in _CLOSE and _opens(before[at - 1 : at], before[at + 1 : at + 2]):
            opened = mark
    return bool(opened)


def _opens(previous: str, following: str) -> bool:
    """Whether a mark that some languages open with and others close with opens here: it stands after a space or bracket.

    »So« in German, «so» in Russian, « so » in French, "so" everywhere.
    """
    after_space = not previous or previous.isspace() or previous in "([{-–—:/'‘"
    return after_space and (not following or not following.isspace() or not previous.strip())
