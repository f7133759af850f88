"""Text as words: tokens that keep what was published, and keys that tell which of them are the same."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import accumulate

import regex

_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}]--[{_UNSPACED}]]"
_WORD = rf"[[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}]--[{_UNSPACED}]]"
_EXTEND = r"[\p{M}\p{GCB=Extend}\p{GCB=SpacingMark}\u200d]"
_SPACE = "\u00a0\u2009\u202f "
_CURRENCY = r"\p{Sc}"
_NUMBER = (
    rf"(?:(?<![\w.,)])[-\u2212+±])?(?:{_CURRENCY}[{_SPACE}]?)?"
    rf"(?>\p{{Nd}}{{1,3}}(?:[{_SPACE}]\p{{Nd}}{{3}})+(?!\p{{Nd}})|\p{{Nd}}++)"
    rf"(?>[.,:'’٫٬/]\p{{Nd}}++)*+"
    rf"(?![-‐‑]?{_LETTER})(?:[{_SPACE}]?[%‰٪°{_CURRENCY}](?!{_WORD}))?{_EXTEND}*+"
)
_TOKEN = regex.compile(
    rf"({_NUMBER}"
    rf"|{_WORD}++(?:[{_INVISIBLE}]*+[-‐‑'’{_INVISIBLE}][{_INVISIBLE}]*+{_WORD}++)*+{_EXTEND}*+"
    r"|\.{3}"
    r"|\X)"
    rf"((?:[\s{_INVISIBLE}](?!{_EXTEND}))*+)",
    regex.V1,
)
_LEAD = regex.compile(rf"(?:[\s{_INVISIBLE}](?!{_EXTEND}))*+", regex.V1)
_SPACES = regex.compile(r"\s+")
_HIDDEN = regex.compile(f"[{_INVISIBLE}]+")

_DIGIT = regex.compile(r"[\p{Nd}--[0-9]]", regex.V1)

_DOUBLE = "„“”‟«»「」『』〝〞＂"
_SINGLE = "‚‘’‛‹›`´ʼ＇"
_DASHES = "‐‑‒–—―−﹣－"
_FOLD: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _DOUBLE), '"'),
    **dict.fromkeys(map(ord, _SINGLE), "'"),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    ord("…"): "...",
    ord("٪"): "%",
    ord("ي"): "ی",
    ord("ك"): "ک",
    0x0640: None,  # tatweel only stretches a word
}


def visible(text: str) -> str:
    """The text without what a copy as plain text loses: invisible characters, kinds and runs of space, NFC."""
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    return _SPACES.sub(" ", _HIDDEN.sub("", unicodedata.normalize("NFC", text))).strip()


def folded(text: str) -> str:
    """The text as compared: ``visible``, with every kind of quote, dash, ellipsis and digit made one."""
    if text.isascii():
        return visible(text)
    plain = visible(text).translate(_FOLD)
    return (
        plain
        if plain.isascii()
        else _DIGIT.sub(lambda found: str(unicodedata.decimal(found.group(), found.group())), plain)
    )


@lru_cache(maxsize=1 << 15)
def _key(core: str) -> str:
    if core == "'":
        return '"'
    key = core if core.isascii() else folded(core)
    if len(key) > 1 and (not key.isalpha()):
        key = _SPACES.sub("", key)
    return '"' if key == "'" else key or core


class Words:
    """A text in tokens: ``lead`` and then each core with the gap after it spell it byte for byte."""

    __slots__ = ("cores", "gaps", "keys", "lead", "starts", "text")

    def __init__(self, text: str) -> None:
        """Cut the text: numbers with separators and units, words and compounds whole, other signs one by one."""
        self.text = text
        lead = _LEAD.match(text)
        self.lead = lead.group() if lead else ""
        pieces = _TOKEN.findall(text, len(self.lead))
        self.cores: list[str] = [core for core, _ in pieces]
        self.gaps: list[str] = [gap for _, gap in pieces]
        lengths = (len(core) + len(gap) for core, gap in pieces)
        self.starts: list[int] = list(accumulate(lengths, initial=len(self.lead)))
        self.keys: list[str] = [core if core.isalpha() and core.isascii() else _key(core) for core in self.cores]

    def __len__(self) -> int:
        return len(self.cores)


_LITTLE = frozenset(
    [
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "eines",
        "und",
        "oder",
        "aber",
        "in",
        "im",
        "an",
        "am",
        "auf",
        "aus",
        "bei",
        "mit",
        "nach",
        "von",
        "vom",
        "zu",
        "zum",
        "zur",
        "für",
        "ist",
        "sind",
        "war",
        "waren",
        "wird",
        "werden",
        "hat",
        "haben",
        "hatte",
        "als",
        "wie",
        "auch",
        "es",
        "er",
        "sie",
        "sich",
        "nicht",
        "dass",
        "so",
        "um",
        "über",
        "bis",
        "vor",
        "durch",
        "the",
        "a",
        "an",
        "and",
        "or",
        "but",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "as",
        "it",
        "its",
        "he",
        "she",
        "they",
        "that",
        "this",
        "not",
    ]
)


@lru_cache(maxsize=1 << 15)
def weight(key: str) -> float:
    """How much a word says: signs almost nothing, little words little, the rest one."""
    if not any(char.isalnum() for char in key):
        return 0.2
    if key.lower() in _LITTLE:
        return 0.4
    if len(key) == 1 and not key.isdecimal():
        return 0.5
    return 1.0


def is_word(key: str) -> bool:
    """Whether a key holds a letter or digit."""
    return key.isalnum() or any(char.isalnum() for char in key)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words, numbers and signs of a text."""
    return tuple(Words(text).cores)


def is_number(core: str) -> bool:
    """Whether a token is a number, with or without a sign or unit."""
    return any(char.isdecimal() for char in core) and not any(char.isalpha() for char in core)
