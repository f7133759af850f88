"""Text as tokens: words, numbers with their separators, single signs. White space lies between tokens, never in them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex

# in this order: numbers with separators and units (1.000,50  12:30  -5  20 %), Han and kana one by one, words with inner
# apostrophes and hyphens (US-Präsident), anything else one grapheme at a time
_TOKEN = regex.compile(
    r"""(?<![\p{L}\p{N}])[-−+]?\p{Nd}+(?:[.,:'’\u202f\u00a0]\p{Nd}+)*(?:\s?[%‰°])?(?:-\p{L}[\p{L}\p{M}]*)*
      | [\p{Han}\p{Hiragana}\p{Katakana}]
      | [\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}_\u00ad\u200c\u200d]|[-'’.](?=[\p{L}\p{N}]))*
      | \X""",
    regex.VERBOSE,
)
_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u200b\u2060\ufeff\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_SPACES = regex.compile(r"\s+")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("„“”«»‟〝〞「」『』＂", '"'),
        **dict.fromkeys("‚‘’‛‹›´`ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "ي": "ی",
        "ك": "ک",
        "ـ": None,
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text and where it stands."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text; what lies between them is white space."""
    found = (Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text))
    return tuple(token for token in found if not token.text.isspace())


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The tokens' texts."""
    return tuple(token.text for token in tokens(text))


@lru_cache(maxsize=16384)
def visible(text: str) -> str:
    """The text without what no reader sees: NFC, soft hyphens and marks dropped, every space one space."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


@lru_cache(maxsize=16384)
def key(text: str) -> str:
    """``visible`` with quotation marks, dashes and dots made alike: equal keys differ in typography only."""
    return visible(text).translate(_SIGNS)


def is_number(token: str) -> bool:
    """Whether a token is a number."""
    return bool(regex.match(r"[-−+]?\p{Nd}", token))


def is_word(token: str) -> bool:
    """Whether a token has a letter."""
    return bool(regex.search(r"\p{L}", token))
