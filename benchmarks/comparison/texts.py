"""Articles to edit: nine of our own writing, the seed, real pages where they are at hand; and made ones of any length."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_LITTLE = "der die das und in den von zu mit sich auf für nicht ein eine als auch es an werden aus er hat".split()  # noqa: SIM905 - reads as the text it is
_SYLLABLES = "bau stra ße wal ter kom mis mün ster gel brü cke schul hof fen lan des poli tik wirt schaft haus".split()  # noqa: SIM905 - same
LANGUAGES = ("de", "en", "ru", "ar", "fa", "zh", "hi", "am", "bn")

Document = list[list[list[str]]]  # paragraphs of sentences of words


def article(language: str) -> Document:
    """The paragraphs written for a language, without the headline.

    In the file a line is a sentence, a blank line stands between paragraphs, and spaces part the words (in Chinese too).
    """
    text = (Path(__file__).parent / "articles" / f"{language}.txt").read_text(encoding="utf-8")
    return [[line.split() for line in paragraph.splitlines()] for paragraph in text.strip().split("\n\n")[1:]]


def made(rng: random.Random, words: int) -> Document:
    """A text of about so many words for measuring time: real little words, contents made of syllables, some numbers."""
    vocabulary = ["".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3))) for _ in range(1500)]
    document: Document = []
    count = 0
    while count < words:
        paragraph = [sentence(rng, vocabulary) for _ in range(rng.randint(2, 5))]
        document.append(paragraph)
        count += sum(map(len, paragraph))
    return document


def sentence(rng: random.Random, vocabulary: list[str]) -> list[str]:
    """One sentence, its stop on the last word."""
    out = []
    for _ in range(rng.randint(7, 16)):
        roll = rng.random()
        if roll < 0.4:
            out.append(_LITTLE[min(int(rng.expovariate(0.25)), len(_LITTLE) - 1)])
        elif roll < 0.44:
            out.append(str(rng.randint(2, 9800)))
        else:
            out.append(vocabulary[min(int(rng.expovariate(0.004)), len(vocabulary) - 1)])
    out[0] = out[0][:1].upper() + out[0][1:]
    out[-1] += "."
    return out


def real() -> list[Document]:
    """The seed, and the expected texts of the real pages where the sample data are at hand."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((_ROOT / "seeds").glob("*.txt"))]
    folder = os.environ.get("ZAESUR_TEST_DATA")
    if folder:
        gold = json.loads((Path(folder) / "dw" / "gold.json").read_text(encoding="utf-8"))
        for page in gold.values():
            body = page["body"]
            paragraphs = [text for section in body["sections"] for text in section["paragraphs"]]
            texts.append("\n".join([*body["summary"], *paragraphs]))
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
