"""Inputs of a megabyte made to be as slow as possible: none may take longer than two seconds of CPU."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator

from reports.diff import diff
from storage.types import Block, BlockKind, Content

SIZE = 1_000_000  # bytes of text a side
SECONDS = 2.0
_LETTERS = "abcdefghijklmnop"
Texts = list[str]


def limits() -> Iterator[tuple[str, float]]:
    """The name of each input and the seconds that its comparison took."""
    for name, make in INPUTS.items():
        old, new = (_content(texts) for texts in make(random.Random(name)))
        gc.collect()
        gc.freeze()  # what the benchmark itself has lying about is not the comparison's to walk through
        start = time.process_time()
        diff(old, new)
        yield name, time.process_time() - start


def _content(texts: Texts) -> Content:
    return Content(headline=None, blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts))


def _words(rng: random.Random, count: int) -> Texts:
    return ["".join(rng.choices(_LETTERS, k=rng.randint(3, 9))) for _ in range(count)]


def _paragraphs(rng: random.Random, size: int = SIZE) -> Texts:
    vocabulary = _words(rng, 5_000)
    out: Texts = []
    while size > 0:
        out.append(" ".join(" ".join(rng.choices(vocabulary, k=12)).capitalize() + "." for _ in range(4)))
        size -= len(out[-1]) + 1
    return out


def _shuffled(texts: Texts, rng: random.Random) -> Texts:
    return rng.sample(texts, len(texts))


def _tweaked(text: str, rng: random.Random, count: int = 1) -> str:
    words = text.split(" ")
    for _ in range(count):
        words[rng.randrange(len(words))] = "anderes"
    return " ".join(words)


def _pair(old: str, new: str) -> Callable[[random.Random], tuple[Texts, Texts]]:
    """One paragraph each, repeated up to the size; the new one a little shorter."""
    return lambda rng: ([old * (SIZE // len(old.encode()))], [new * (SIZE // len(new.encode()) - 3) + "x"])


def _rewritten(rng: random.Random) -> tuple[Texts, Texts]:
    return _paragraphs(rng), _paragraphs(rng)


def _rewritten_whole(rng: random.Random) -> tuple[Texts, Texts]:
    return [" ".join(_paragraphs(rng))], [" ".join(_paragraphs(rng))]


def _edited_whole(rng: random.Random) -> tuple[Texts, Texts]:
    text = " ".join(_paragraphs(rng))
    return [text], [_tweaked(text, rng, 3_000)]


def _rearranged_whole(rng: random.Random) -> tuple[Texts, Texts]:
    texts = _paragraphs(rng)
    return [" ".join(texts)], [" ".join(_shuffled(texts, rng))]


def _rearranged(rng: random.Random) -> tuple[Texts, Texts]:
    texts = _paragraphs(rng)
    return texts, [_tweaked(text, rng) for text in _shuffled(texts, rng)]


def _edited(rng: random.Random) -> tuple[Texts, Texts]:
    texts = _paragraphs(rng)
    return texts, [_tweaked(text, rng) for text in texts]


def _lines(count: int) -> Callable[[random.Random], tuple[Texts, Texts]]:
    def make(rng: random.Random) -> tuple[Texts, Texts]:
        words = _words(rng, count)
        return rng.choices(words, k=SIZE // 8), rng.choices(words, k=SIZE // 8)

    return make


def _distinct_lines(rng: random.Random) -> tuple[Texts, Texts]:
    half = SIZE // 16
    return [f"w{n}" for n in range(2 * half)], [f"w{n}" for n in range(half, 3 * half)]


def _few_words(rng: random.Random) -> tuple[Texts, Texts]:
    return [" ".join(rng.choices(_words(rng, 5), k=SIZE // 7))], [" ".join(rng.choices(_words(rng, 5), k=SIZE // 7))]


def _same_few_words(rng: random.Random) -> tuple[Texts, Texts]:
    words = _words(rng, 5)
    return [" ".join(rng.choices(words, k=SIZE // 7))], [" ".join(rng.choices(words, k=SIZE // 7))]


def _han(rng: random.Random) -> tuple[Texts, Texts]:
    old, new = ("".join(chr(0x4E00 + rng.randrange(2_000)) for _ in range(SIZE // 3)) for _ in range(2))
    return [old], [new]


def _alike(rng: random.Random) -> tuple[Texts, Texts]:
    old, new = (
        [
            f"Am {n % 28 + 1}. Tag kamen {n * by % 1000} Menschen über die Brücke von Ort {n % 97}."
            for n in range(15_000)
        ]
        for by in (7, 11)
    )
    return old, new


def _one_and_many(rng: random.Random) -> tuple[Texts, Texts]:
    texts = _paragraphs(rng)
    return [" ".join(texts)], texts


def _half(rng: random.Random) -> tuple[Texts, Texts]:
    texts, others = _paragraphs(rng), _paragraphs(rng)
    return texts, texts[: len(texts) // 2] + others[len(others) // 2 :]


def _empty(rng: random.Random) -> tuple[Texts, Texts]:
    return [""] * (SIZE // 8), [*[""] * (SIZE // 8 - 1), "x"]


INPUTS: dict[str, Callable[[random.Random], tuple[Texts, Texts]]] = {
    "rewritten": _rewritten,
    "rewritten, one paragraph": _rewritten_whole,
    "edited, one paragraph": _edited_whole,
    "rearranged, one paragraph": _rearranged_whole,
    "edited": _edited,
    "rearranged and edited": _rearranged,
    "half rewritten": _half,
    "one paragraph cut into all": _one_and_many,
    "lines of 50 words": _lines(50),
    "lines of 5,000 words": _lines(5_000),
    "lines all distinct": _distinct_lines,
    "lines nearly alike": _alike,
    "empty lines": _empty,
    "one word repeated": _pair("wort ", "wort "),
    "five words": _same_few_words,
    "five words, five others": _few_words,
    "one long word": _pair("a", "a"),
    "signs": _pair("!", "!"),
    "quotation marks": _pair('"', '"'),
    "one-letter sentences": _pair("A. ", "B. "),
    "combining marks": _pair("\u0301", "\u0301"),
    "joined emoji": _pair("👨\u200d", "👨\u200d"),
    "soft hyphens": _pair("\u00ad", "\u00ad"),
    "spaces": _pair(" ", " "),
    "digits": _pair("1", "1"),
    "digits in groups": _pair("1 ", "111 "),
    "digits and dots": _pair("1.", "1."),
    "hyphens": _pair("a-", "a-"),
    "Han": _han,
}
