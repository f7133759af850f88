"""Text as words: tokens that keep what was published, and keys that tell which of them are the same."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from itertools import accumulate, chain
from operator import add

import regex

_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_JOINER = "\u00ad\u200c\u200d\u2060\ufeff"  # those of them that stand inside a word
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}]--[{_UNSPACED}]]"
_WORD = rf"[[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}]--[{_UNSPACED}]]"
_EXTEND = r"[\p{M}\p{GCB=Extend}\p{GCB=SpacingMark}\u200d]"
_SPACE = "\u00a0\u2009\u202f "
_CURRENCY = r"\p{Sc}"
# Never begun inside a number that a letter made no number, and in groups without end: else a long run would take quadratic time.
_NUMBER = (
    r"(?<!\p{Nd}[.,:'’٫٬/])"
    rf"(?:(?<![\w.,)])[-\u2212+±])?(?:{_CURRENCY}[{_SPACE}]?)?"
    rf"(?>\p{{Nd}}{{1,3}}(?:[{_SPACE}]\p{{Nd}}{{3}}){{1,8}}(?!\p{{Nd}})|\p{{Nd}}++)"
    rf"(?>[.,:'’٫٬/]\p{{Nd}}++)*+"
    rf"(?![-‐‑]?{_LETTER})(?:[{_SPACE}]?[%‰٪°{_CURRENCY}](?!{_WORD}))?{_EXTEND}*+"
)
_HAN = rf"(?:\p{{Han}}(?!{_EXTEND}))++"
_TOKEN = regex.compile(
    rf"({_NUMBER}"
    rf"|{_HAN}"
    rf"|{_WORD}++(?:(?:[{_JOINER}]*+[-‐‑'’]|[{_JOINER}])[{_JOINER}]*+{_WORD}++)*+{_EXTEND}*+"
    r"|\.{3}"
    r"|\X)"
    rf"((?:[\s{_INVISIBLE}](?!{_EXTEND}))*+)",
    regex.V1,
)
_LEAD = regex.compile(rf"(?:[\s{_INVISIBLE}](?!{_EXTEND}))*+", regex.V1)
_SPACES = regex.compile(r"\s+")
_HIDDEN = regex.compile(f"[{_INVISIBLE}]+")
# what a text may hold that ``visible`` changes, composition apart; the standard library is faster at finding nothing
_ODD = re.compile(f"[\0-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u3000{_INVISIBLE}]")

_FOLD = {
    **dict.fromkeys("„“”‟«»「」『』〝〞＂", '"'),
    **dict.fromkeys("‚‘’‛‹›`´ʼ＇", "'"),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "…": "...",
    "٪": "%",
    "ي": "ی",
    "ك": "ک",
    "\u0640": "",  # tatweel only stretches a word
}
_FOLDED = re.compile(rf"(?![0-9])[{''.join(_FOLD)}\d]")

_CHUNK = 40  # characters of the longest chunk that is remembered
_CHUNKS = 1 << 16
_NO_WORD = 10_000  # characters without a space, and not of a script without spaces: data, not words
_PLAIN = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u0481\u048a-\u04ff]+").fullmatch
_HAN_CHARACTER = regex.compile(r"\p{Han}")
_HAN_RUN = regex.compile(r"\p{Han}{2}")
_UNSAFE = regex.compile(rf"^(?:$|[\s{_INVISIBLE}]|{_EXTEND})|\p{{GCB=Prepend}}$", regex.V1)
# a space inside a number or between a number and its sign: the one kind that does not part two tokens
_INSIDE = regex.compile(rf"(?<=[\p{{Nd}}{_CURRENCY}]) (?=[\p{{Nd}}%‰٪°{_CURRENCY}])")


def visible(text: str) -> str:
    """The text without what a copy as plain text loses: invisible characters, kinds and runs of space, NFC."""
    if "  " not in text and not _ODD.search(text):
        return unicodedata.normalize("NFC", text).strip()
    return _SPACES.sub(" ", _HIDDEN.sub("", unicodedata.normalize("NFC", text))).strip()


def folded(text: str) -> str:
    """The text as compared: ``visible``, with every kind of quote, dash, ellipsis and digit made one."""
    plain = visible(text)
    return plain if plain.isascii() else _FOLDED.sub(_one_kind, plain)


def _one_kind(found: re.Match[str]) -> str:
    sign = found.group()
    return _FOLD[sign] if sign in _FOLD else str(unicodedata.decimal(sign))


@lru_cache(maxsize=1 << 15)
def _key(core: str) -> str:
    if core == "'":
        return '"'
    key = core if core.isascii() else folded(core)
    if len(key) > 1 and (not key.isalpha()):
        key = _SPACES.sub("", key)
    return '"' if key == "'" else key or core


Token = tuple[str, str, str]  # core, the gap after it, key


def _cut(text: str) -> list[Token]:
    """The tokens of a text without lead; a run of Han in its words."""
    tokens: list[Token] = []
    for core, gap in _TOKEN.findall(text):
        if len(core) > 1 and _HAN_RUN.match(core):
            *before, core = _han_words(core)
            tokens += [(word, "", _key(word)) for word in before]
        tokens.append((core, gap, _key(core)))
    return tokens


def _han_words(run: str) -> list[str]:
    import rjieba  # unpacks its dictionary when imported: only for texts that need it

    return rjieba.cut(run)


class _Chunks(dict[str, tuple[Token, ...]]):
    """What stands between two spaces, cut once; forgotten when there is too much of it."""

    def __missing__(self, chunk: str) -> tuple[Token, ...]:
        """Cut a chunk; the space that followed it belongs to its last token."""
        if _UNSAFE.search(chunk):
            raise _UnsafeChunk
        text = chunk.replace("\0", " ")
        if len(text) > _NO_WORD and not _HAN_RUN.search(text):
            return ((text, " ", text),)
        tokens = ((text, " ", text),) if _PLAIN(text) else tuple(_cut(text + " "))
        if len(chunk) <= _CHUNK:
            if len(self) >= _CHUNKS:
                self.clear()
            self[chunk] = tokens
        return tokens


class _UnsafeChunk(Exception):
    """A chunk whose tokens depend on what stands around it."""


_chunks = _Chunks()


def _tokens(text: str) -> list[Token]:
    """The tokens of a text without lead: chunk by chunk where spaces part it, which is the same and much faster."""
    if "\0" in text:
        return _cut(text)
    stripped = text.rstrip(" ")
    try:
        parts = map(_chunks.__getitem__, _INSIDE.sub("\0", stripped).split(" "))
        tokens = list(chain.from_iterable(parts))
    except _UnsafeChunk:
        return _cut(text)
    core, gap, key = tokens[-1]
    tokens[-1] = (core, gap[:-1] + text[len(stripped) :], key)
    return tokens


class Words:
    """A text in tokens: ``lead`` and then each core with the gap after it spell it byte for byte."""

    __slots__ = ("_starts", "cores", "gaps", "keys", "lead", "text")

    def __init__(self, text: str) -> None:
        """Cut the text: numbers with separators and units, words and compounds whole, other signs one by one."""
        self.text = text
        lead = _LEAD.match(text)
        self.lead = lead.group() if lead else ""
        self.cores: tuple[str, ...] = ()
        self.gaps: tuple[str, ...] = ()
        self.keys: tuple[str, ...] = ()
        if tokens := _tokens(text[len(self.lead) :]) if len(text) > len(self.lead) else []:
            self.cores, self.gaps, self.keys = zip(*tokens, strict=True)
        self._starts: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.cores)

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins in the text, and where the last one ends."""
        if not self._starts:
            lengths = map(add, map(len, self.cores), map(len, self.gaps))
            self._starts = tuple(accumulate(lengths, initial=len(self.lead)))
        return self._starts


@cache
def _little() -> frozenset[str]:
    text = (resources.files("reports.diff") / "data" / "little.toml").read_text(encoding="utf-8")
    return frozenset(word for line in tomllib.loads(text).values() for word in line.split())


@lru_cache(maxsize=1 << 15)
def weight(key: str) -> float:
    """How much a word says: signs almost nothing, little words little, the rest one."""
    if not any(char.isalnum() for char in key):
        return 0.2
    if key.lower() in _little():
        return 0.4
    if len(key) == 1 and not key.isdecimal():
        return 0.5
    return 1.0


@lru_cache(maxsize=1 << 15)
def is_word(key: str) -> bool:
    """Whether a key holds a letter or digit."""
    return key.isalnum() or any(char.isalnum() for char in key)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words, numbers and signs of a text."""
    return tuple(Words(text).cores)


def is_han(character: str) -> bool:
    """Whether a character is one of a script that parts no words."""
    return _HAN_CHARACTER.match(character) is not None


def is_number(core: str) -> bool:
    """Whether a token is a number, with or without a sign or unit."""
    return any(char.isdecimal() for char in core) and not any(char.isalpha() for char in core)
