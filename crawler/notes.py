"""How outlets word notes beneath an article: corrections, updates, translation and agency credits.

Sources: DW's rule on corrections, its pages, and the wordings named there; used where a copy has lost the italics.
"""

from __future__ import annotations

import re

_STARTS = (
    # German
    r"Adaptiert aus dem", r"Aus dem \w+ adaptiert", r"Übersetz(t|ung)\b.{0,40}\b(von|aus)\b", r"Korrektur\b", r"Korrekturhinweis",
    r"Anmerkung der Redaktion", r"Hinweis der Redaktion", r"In einer früheren (Version|Fassung)", r"In einer ersten (Version|Fassung)",
    r"Dieser (Artikel|Text|Beitrag) (wurde|ist)\b", r"Die(se)? .{0,30}(aktualisiert|korrigiert|ergänzt)", r"Redaktion:", r"Redaktionelle Mitarbeit",
    # English
    r"Edited by", r"Adapted (from|by)", r"Translated (from|by)", r"Correction\b", r"Clarification\b", r"Editor'?’?s' note", r"Editor[’']s note",
    r"(A|An) (previous|earlier) version", r"This (article|story|text) (was|has been|is)\b", r"Update\b.{0,10}:", r"This is an updated version",
    # other editions
    r"Редактор", r"Исправлено", r"Editado por", r"Corrección", r"Édité par", r"Correction\s*:", r"Editado por", r"Correção", r"تصحيح", r"تحرير",
    r"Düzelt", r"Editör", r"编辑", r"更正", r"संपादन", r"সম্পাদনা", r"Редактор:", r"Виправ",
)  # fmt: skip
_NOTE = re.compile(rf"^\W*(?:{'|'.join(_STARTS)})", re.IGNORECASE)
_AGENCY = r"(?:[a-z]{2,4}|afpd?|dpa\w?|reuters|rtr\w?|epd|kna|efe|lusa|ansa|tass|interfax|anadolu|unian|ukrinform|belga|archiv|dw)"
_SIGN_OFF = re.compile(
    rf"^(?:[a-zäöü]{{2,5}}(?:/[a-zäöü]{{2,5}})*\s*\((?:[\w.\- ]+,?\s*)+\)|\({_AGENCY}(?:\s*[,/]\s*{_AGENCY})+\))$",
    re.IGNORECASE,
)
_LONGEST = 600  # characters; a longer paragraph is text, whatever it begins with


def is_note(text: str) -> bool:
    """Whether a trailing line reads as a note or credit."""
    return len(text) <= _LONGEST and bool(_NOTE.match(text) or _SIGN_OFF.match(text))
