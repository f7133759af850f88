"""Scripted edits with their truth, made without the engine: words carry identities, edits name those they touch."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.comparison.texts import Document


@dataclass(eq=False)
class Word:
    """A word of a document; copies on both sides are the same object."""

    text: str


@dataclass(frozen=True)
class Truth:
    """One edit: what it is and the words it touches on either side."""

    kind: str  # replace, insert, delete, move, split, merge
    old: frozenset[Word]
    new: frozenset[Word]


Paragraph = list[list[Word]]


@dataclass
class Script:
    """Two versions of a document with the edits between them."""

    language: str
    old: list[Paragraph]
    new: list[Paragraph]
    edits: list[Truth] = field(default_factory=list)


IN_PLACE = ("replace", "number", "phrase", "insert_word", "delete_word", "quotes")
LARGER = (
    "insert_sentence",
    "delete_sentence",
    "move_sentence",
    "insert_block",
    "delete_block",
    "move_block",
    "split",
    "merge",
)


def script(document: Document, language: str, rng: random.Random, count: int) -> Script:
    """``count`` edits of mixed kinds at places that do not touch each other."""
    old = [[[Word(text) for text in sentence] for sentence in paragraph] for paragraph in document]
    made = Script(language, old, [[list(sentence) for sentence in paragraph] for paragraph in old])
    pool = [word.text.strip('.。।።,"“„”') for p in old for s in p for word in s]
    editor = _Editor(made, rng, [text for text in pool if text.isalpha()] or pool)
    for _ in range(count * 4):
        if len(made.edits) >= count:
            break
        editor.one(rng.choice(IN_PLACE if rng.random() < 0.5 else LARGER))
    return made


class _Editor:
    """Makes edits in the new version; sentences and blocks once touched are left alone afterwards."""

    def __init__(self, made: Script, rng: random.Random, pool: list[str]) -> None:
        self.made, self.rng, self.pool = made, rng, pool
        self.busy: set[int] = set()  # sentences and blocks, by identity
        self.keep: list[object] = []  # so that identities stay unique

    def one(self, kind: str) -> None:
        new = self.made.new
        place = self.rng.randrange(len(new))
        block = new[place]
        if id(block) in self.busy or not block:
            return
        at = self.rng.randrange(len(block))
        sentence = block[at]
        if kind in IN_PLACE:
            if id(sentence) not in self.busy and len(sentence) >= 6:
                getattr(self, kind)(sentence)
                self._mark(sentence)
            return
        getattr(self, kind)(place, block, at)

    def _mark(self, *things: object) -> None:
        self.busy |= {id(thing) for thing in things}
        self.keep += things

    def _add(self, kind: str, old: list[Word], new: list[Word]) -> None:
        self.made.edits.append(Truth(kind, frozenset(old), frozenset(new)))

    def _fresh(self, unlike: str) -> str:
        while True:
            text = self.rng.choice(self.pool)
            if text != unlike.strip('.。।።,"“„”'):
                return text

    def _sentence(self) -> list[Word]:
        words = [Word(self._fresh("")) for _ in range(self.rng.randint(8, 14))]
        stop = {"zh": "。", "hi": "।", "bn": "।", "am": "።"}.get(self.made.language, ".")
        words[0].text = words[0].text[:1].upper() + words[0].text[1:]
        words[-1].text += stop
        self.keep += words
        return words

    def replace(self, sentence: list[Word]) -> None:
        at = self.rng.randrange(1, len(sentence) - 2)
        word = Word(self._fresh(sentence[at].text))
        self._add("replace", [sentence[at]], [word])
        sentence[at] = word

    def number(self, sentence: list[Word]) -> None:
        places = [at for at in range(1, len(sentence) - 1) if sentence[at].text.isdecimal()]
        if places:
            at = self.rng.choice(places)
            word = Word(str(int(sentence[at].text) + self.rng.randint(1, 90)))
            self._add("replace", [sentence[at]], [word])
            sentence[at] = word

    def phrase(self, sentence: list[Word]) -> None:
        size = self.rng.randint(2, 3)
        at = self.rng.randrange(1, len(sentence) - size - 1)
        words = [Word(self._fresh(word.text)) for word in sentence[at : at + size]]
        if {word.text for word in words} & {word.text for word in sentence}:
            return
        self._add("replace", sentence[at : at + size], words)
        sentence[at : at + size] = words

    def insert_word(self, sentence: list[Word]) -> None:
        at = self.rng.randrange(1, len(sentence) - 1)
        word = Word(self._fresh(""))
        if word.text in (sentence[at].text, sentence[at - 1].text):
            return
        self._add("insert", [], [word])
        sentence.insert(at, word)

    def delete_word(self, sentence: list[Word]) -> None:
        at = self.rng.randrange(1, len(sentence) - 1)
        if sentence[at].text in (sentence[at - 1].text, sentence[at + 1].text):
            return
        self._add("delete", [sentence[at]], [])
        del sentence[at]

    def quotes(self, sentence: list[Word]) -> None:
        """Two words put in quotation marks."""
        at = self.rng.randrange(1, len(sentence) - 1)
        if sentence[at].text.isalpha():
            word = Word(f"„{sentence[at].text}“")
            self._add("replace", [sentence[at]], [word])
            sentence[at] = word

    def insert_sentence(self, place: int, block: Paragraph, at: int) -> None:
        words = self._sentence()
        if any(id(s) in self.busy for s in block[max(at - 1, 0) : at + 1]):
            return
        self._add("insert", [], words)
        block.insert(at, words)
        self._mark(words, *block[max(at - 1, 0) : at + 2])

    def delete_sentence(self, place: int, block: Paragraph, at: int) -> None:
        around = block[max(at - 1, 0) : at + 2]
        if len(block) < 3 or any(id(s) in self.busy for s in around):
            return
        self._add("delete", block[at], [])
        del block[at]
        self._mark(*around)

    def move_sentence(self, place: int, block: Paragraph, at: int) -> None:
        target = self.rng.choice(self.made.new)
        around = block[max(at - 1, 0) : at + 2]
        if target is block or id(target) in self.busy or len(block) < 3 or len(block[at]) < 8 or len(target) < 2:
            return
        to = self.rng.randrange(len(target) + 1)
        beside = target[max(to - 1, 0) : to + 1]
        if any(id(s) in self.busy for s in around + beside):
            return
        sentence = block.pop(at)
        target.insert(to, sentence)
        self._add("move", sentence, sentence)
        self._mark(*around, *beside)

    def insert_block(self, place: int, block: Paragraph, at: int) -> None:
        if self._beside(place):
            return
        fresh = [self._sentence() for _ in range(self.rng.randint(2, 3))]
        self.made.new.insert(place, fresh)
        self._add("insert", [], [word for sentence in fresh for word in sentence])
        self._mark(fresh, *fresh)

    def delete_block(self, place: int, block: Paragraph, at: int) -> None:
        if self._touched(block) or self._beside(place) or len(self.made.new) < 6:
            return
        del self.made.new[place]
        self._add("delete", [word for sentence in block for word in sentence], [])
        self._mark(block)

    def move_block(self, place: int, block: Paragraph, at: int) -> None:
        new = self.made.new
        if id(block) in self.busy or len(new) < 8 or sum(map(len, block)) < 10:
            return
        to = self.rng.choice([i for i in range(len(new) - 1) if abs(i - place) >= 3])
        new.pop(place)
        new.insert(to, block)
        words = [word for sentence in block for word in sentence]
        self._add("move", words, words)
        self._mark(block)

    def split(self, place: int, block: Paragraph, at: int) -> None:
        if len(block) < 2 or self._touched(block):
            return
        cut = self.rng.randrange(1, len(block))
        halves = block[:cut], block[cut:]
        self.made.new[place : place + 1] = halves
        words = [word for sentence in block for word in sentence]
        self._add("split", words, words)
        self._mark(block, *halves, *block)

    def merge(self, place: int, block: Paragraph, at: int) -> None:
        if place + 1 >= len(self.made.new):
            return
        after = self.made.new[place + 1]
        if self._touched(block) or self._touched(after) or not self._neighbours(block, after):
            return
        joined = block + after
        self.made.new[place : place + 2] = [joined]
        words = [word for sentence in joined for word in sentence]
        self._add("merge", words, words)
        self._mark(block, after, joined, *joined)

    def _neighbours(self, block: Paragraph, after: Paragraph) -> bool:
        """Whether the two stood side by side in the old version too: else it would be a merge and a move."""
        where = {id(p[0][0]): at for at, p in enumerate(self.made.old)}
        return where.get(id(after[0][0]), -1) - where.get(id(block[0][0]), -9) == 1

    def _touched(self, block: Paragraph) -> bool:
        return id(block) in self.busy or any(id(sentence) in self.busy for sentence in block)

    def _beside(self, place: int) -> bool:
        return any(id(block) in self.busy for block in self.made.new[max(place - 1, 0) : place + 2])
