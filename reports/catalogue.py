"""The catalogues in ``locale``, as people wrote them: nothing is compiled, so nothing can be out of date."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

_HEADER = ""
_FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """All texts of a language by their keys: one text, or singular and plural. A key that is not in it is a mistake of ours."""
    return read((_FOLDER / language / "LC_MESSAGES" / "reports.po").read_text(encoding="utf-8"))


def read(po: str) -> dict[str, tuple[str, ...]]:
    """The texts of a catalogue in gettext's format, in a tenth of the time that a reader of the whole format takes.

    Raises ValueError for a line of a kind that our catalogues do not use (contexts, a third number), a key that is there
    twice, and texts in two numbers whose rule is not that of German and English.
    """
    texts: dict[str, list[str]] = {}
    key, line = "", ""
    for line in po.splitlines():
        kind, quoted, text = line.partition('"')
        if not line or line.startswith("# "):
            continue
        if not quoted or kind not in ("msgid ", "msgid_plural ", "msgstr ", "msgstr[0] ", "msgstr[1] ", ""):
            raise ValueError(f"no line of a catalogue: {line!r}")
        words = _unquoted(quoted + text)
        if kind == "msgid ":
            key = words
            if texts.setdefault(key, []):
                raise ValueError(f"{key!r} is there twice")
        elif kind.startswith("msgstr"):
            texts[key].append(words)
        elif not kind and texts[key]:
            texts[key][-1] += words
        elif not kind or words != key:
            raise ValueError(f"the key {key!r} goes on in another line, or its plural has another: {line!r}")
    header = texts.pop(_HEADER, [""])[0]
    if "plural=(n != 1);" not in header:
        raise ValueError("the rule for numbers is another than: plural=(n != 1)")
    return {key: tuple(each) for key, each in texts.items()}


def _unquoted(text: str) -> str:
    # nearly all lines hold nothing that is escaped; the rest is read as C's escapes, which Python shares
    if text.endswith('"') and "\\" not in text and text.count('"') == 2:
        return text[1:-1]
    return str(ast.literal_eval(text))
