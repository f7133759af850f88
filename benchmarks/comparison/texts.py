"""Articles to edit: the seed, real pages where they are at hand, and texts in nine scripts made of our own word lists."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_LITTLE = {
    "de": "der die das und in den von zu mit sich auf für nicht ein eine als auch es an werden aus er hat dass",
    "en": "the of and to in a is that for it as was with be by on not he his but at are this have",
    "ru": "и в не на я что он с а как это по но они к у ты из мы за вы так же от",
    "ar": "في من على إلى عن مع هذا هذه التي الذي كان قد لم لا أن ما بعد قبل كل بين",
    "fa": "و در به از که این را با است برای آن یک خود تا کرد بر هم نیز گفت می‌شود",
    "zh": "的 了 在 是 和 有 对 为 这 不 也 与 将 中 上 我们 他们 但是 因为 已经",
    "hi": "के का में की है यह और से हैं को पर इस होता कि जो कर मे गया करने किया",
    "am": "እና ነው ላይ ውስጥ ግን ወደ ከ ስለ እንደ ይህ ያ ነበር ሁሉ አንድ ደግሞ በኋላ በፊት",
    "bn": "এবং এর যে করে এই থেকে জন্য না একটি তার হয় সঙ্গে পর ও কিন্তু আর তিনি মধ্যে",
}
_SYLLABLES = {
    "de": "bau stra ße wal ter kom mis mün ster gel brü cke schul hof fen lan des poli tik wirt schaft stim mung haus",
    "en": "bor der coun cil min ist ter riv bridge har vest sto ry mar ket ven ture tra vel pro test win dow light",
    "ru": "го род ми нис тер мост ре ка шко ла сто ро на де ло вре мя пра во тель ств дол жен ве чер",
    "ar": "با را سا نا ما لي مي ري ست تر شر قا ها كو دي جو زا في طا عم",
    "fa": "پا چا گا ژا دا شه ری تان مر دم کا ری بهار وز نا مه سا زی خو را",
    "zh": "国 家 市 长 桥 梁 经 济 学 校 会 议 代 表 新 闻 报 道 河 流 政 府 问 题 选 举 城 乡 农 民 工 业 贸 易",
    "hi": "कर मंत्री पुल नगर शिक्षा विका समा चार देश राज् सभा नदी जल वायु परि वर्त निर्",
    "am": "ከተ ማ ድል ድይ መን ግስት ትም ህርት ወን ዝ ሚኒ ስት ገበ ያ ሰላ ም ሀገ ር",
    "bn": "সেতু নগর মন্ত্রী শিক্ষা নদী দেশ সভা রাজ্ উন্ন য়ন পরি বর্ত সং বাদ জল বায়ু",
}
STOPS = {"zh": "。", "hi": "।", "bn": "।", "am": "።"}
LANGUAGES = tuple(_LITTLE)

Document = list[list[list[str]]]  # paragraphs of sentences of words


def made(language: str, rng: random.Random, words: int = 700) -> Document:
    """An article of about so many words: real little words, contents made of syllables, numbers now and then."""
    syllables, little = _SYLLABLES[language].split(), _LITTLE[language].split()
    vocabulary = ["".join(rng.choice(syllables) for _ in range(rng.randint(2, 3))) for _ in range(1500)]
    document: Document = []
    count = 0
    while count < words:
        paragraph = [sentence(rng, vocabulary, little, STOPS.get(language, ".")) for _ in range(rng.randint(2, 5))]
        document.append(paragraph)
        count += sum(map(len, paragraph))
    return document


def sentence(rng: random.Random, vocabulary: list[str], little: list[str], stop: str) -> list[str]:
    """One sentence, its stop on the last word."""
    out = []
    for _ in range(rng.randint(7, 16)):
        roll = rng.random()
        if roll < 0.4:
            out.append(little[min(int(rng.expovariate(0.25)), len(little) - 1)])
        elif roll < 0.44:
            out.append(str(rng.randint(2, 9800)))
        else:
            out.append(vocabulary[min(int(rng.expovariate(0.004)), len(vocabulary) - 1)])
    out[0] = out[0][:1].upper() + out[0][1:]
    out[-1] += stop
    return out


def real() -> list[Document]:
    """The seed, and the expected texts of the real pages where the sample data are at hand."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((_ROOT / "seeds").glob("*.txt"))]
    folder = os.environ.get("ZAESUR_TEST_DATA")
    if folder:
        manifest = json.loads((Path(folder) / "dw" / "manifest.json").read_text(encoding="utf-8"))
        entries = manifest if isinstance(manifest, list) else list(manifest.values())
        texts += [e["expected_text"] for e in entries if isinstance(e, dict) and e.get("expected_text")]
    return [document for document in map(_parsed, texts) if sum(map(len, document)) > 10]


def _parsed(text: str) -> Document:
    paragraphs = []
    for line in text.splitlines():
        if len(line.split()) < 8:
            continue
        sentences: list[list[str]] = [[]]
        for word in line.split():
            sentences[-1].append(word)
            if word.rstrip('"“”»').endswith((".", "!", "?")) and len(word) > 4:
                sentences.append([])
        paragraphs.append([found for found in sentences if found])
    return paragraphs
