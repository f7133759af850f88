"""Texts of our own in many scripts, and contents made of them."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from msgspec.structs import replace

from storage.types import Block, BlockKind, Content, Form

SENTENCES = (
    "Der Minister kündigte am Montag 1.250,50 Euro für die EU-Kommission an.",
    "„Das ist kein Kompromiss“, sagte sie – und ging.",
    "The mayor didn't answer 12 questions about the bridge.",
    "Мэр города не ответил на 12 вопросов о мосте.",
    "قال الوزير يوم الاثنين إن الجسر أُغلق منذ ١٢ يوماً.",
    "وزیر گفت که پل از ۱۲ روز پیش بسته شده‌است.",
    "市长在3月5日表示,这座桥已关闭12天。",
    "मंत्री ने सोमवार को कहा कि जर्मनी का पुल 12 दिन से बंद है।",
    "সোমবার মন্ত্রী বলেছেন যে সেতুটি ১২ দিন ধরে বন্ধ।",
    "ሚኒስትሩ ድልድዩ ለ12 ቀናት ተዘግቷል አሉ።",
    "A family 👨‍👩‍👧 and a flag 🇩🇪 with cafe\u0301 and no\u00adbreak\u00a0space.",
    "...",
    "Nein.",
)
WORDS = sorted({word for sentence in SENTENCES for word in sentence.split(" ")})


def texts() -> st.SearchStrategy[str]:
    """Paragraphs of our sentences and words, and now and then any characters at all."""
    joined = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join)
    words = st.lists(st.sampled_from(WORDS), min_size=0, max_size=12).map(" ".join)
    line_ends = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    wild = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=line_ends), max_size=25)
    return st.one_of(joined, joined, words, words, wild)


def blocks() -> st.SearchStrategy[Block]:
    """Blocks of every kind."""
    kinds = st.sampled_from([BlockKind.PARAGRAPH] * 4 + list(BlockKind))
    return st.builds(Block, kind=kinds, text=texts())


def contents() -> st.SearchStrategy[Content]:
    """Contents that carry every field."""
    names = st.lists(st.sampled_from(["Ada Lind", "Bo Ek", "Çiğdem Ö."]), unique=True, max_size=2).map(tuple)
    return st.builds(
        Content,
        headline=texts(), kicker=texts(), teaser=texts(), authors=names, place=st.sampled_from(["", "Bonn", "Houston"]),
        blocks=st.lists(blocks(), max_size=6).map(tuple),
        form=st.sampled_from([Form.PAGE, Form.PAGE, Form.TEXT]), layout=st.just("dw-2026"), language=st.just("de"),
    )  # fmt: skip


def pairs() -> st.SearchStrategy[tuple[Content, Content]]:
    """Two contents that share most blocks."""

    def two(base: Content, extra: list[Block], picks: list[int]) -> tuple[Content, Content]:
        pool = (*base.blocks, *extra)
        chosen = tuple(pool[pick % len(pool)] for pick in picks) if pool else ()
        return base, Content(
            headline=base.headline, kicker=base.teaser, teaser=base.teaser, authors=base.authors, place=base.place,
            blocks=chosen, form=base.form, layout=base.layout, language=base.language,
        )  # fmt: skip

    related = st.builds(two, contents(), st.lists(blocks(), max_size=3), st.lists(st.integers(0, 20), max_size=8))
    return st.one_of(related, related, st.builds(lambda a, b: (a, replace(b, form=a.form)), contents(), contents()))


def odd() -> st.SearchStrategy[str]:
    """Texts of characters that are hard to cut: spaces in numbers, joiners, marks, signs that reach across a space."""
    return st.text(
        st.sampled_from("ab12 3 .,%€$-'’\u200c\u200d\u00ad\u0301\u0600\u00a0\n\0\u200b\u0903अ中国é¼☺🇩👨🏽（"),
        max_size=14,
    )


def rearranged(seed: int) -> tuple[Content, Content]:
    """Two articles of many sentences, the new one in another order and with some words exchanged."""
    rng = random.Random(seed)  # noqa: S311 - chance that repeats is wanted
    sentences = [" ".join(rng.sample(WORDS, 10)) + " end." for _ in range(90)]
    changed = [" ".join(rng.choice(WORDS) if rng.random() < 0.1 else word for word in s.split(" ")) for s in sentences]
    rng.shuffle(changed)
    return _article(rng, sentences), _article(rng, changed[:80])


def _article(rng: random.Random, sentences: list[str]) -> Content:
    rest, texts = list(sentences), []
    while rest:
        size = rng.randint(1, 3)
        texts.append(" ".join(rest[:size]))
        rest = rest[size:]
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Content(headline="h", layout="dw-2026", blocks=blocks)
