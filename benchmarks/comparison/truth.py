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


_SIGNS = '.,:;!?"“”„«»()。，、：؟،؛।።፣'
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


def script(document: Document, language: str, rng: random.Random, count: int, *, hard: bool = False) -> Script:
    """``count`` edits of mixed kinds at places that do not touch each other, with one reading only.

    Sentences to insert are taken out of the document beforehand. Hard ones hold eight list items that are nearly
    the same, and edits inside paragraphs that were moved, split or merged.
    """
    while True:
        made = _attempt(document, language, rng, count, hard=hard)
        if one_reading(made):
            return made


def _attempt(document: Document, language: str, rng: random.Random, count: int, *, hard: bool) -> Script:
    out = set(rng.sample(range(1, len(document)), len(document) // 6))
    paragraphs = [paragraph for at, paragraph in enumerate(document) if at not in out]
    spare = [sentence for at in sorted(out) for sentence in document[at]]
    rng.shuffle(spare)
    items = _items(paragraphs, spare, rng) if hard else []
    place = rng.randrange(2, len(paragraphs))
    paragraphs[place:place] = [[sentence] for sentence, _ in items]
    old = [[[Word(text) for text in sentence] for sentence in paragraph] for paragraph in paragraphs]
    made = Script(language, old, [[list(sentence) for sentence in paragraph] for paragraph in old])
    editor = _Editor(made, rng, spare, hard=hard)
    editor.telling = {word for n, (_, at) in enumerate(items) for word in old[place + n][0][at : at + 2]}
    for _ in range(count * 4):
        if len(made.edits) >= count:
            break
        editor.one(rng.choice(IN_PLACE if rng.random() < 0.5 else LARGER))
    return made


def _items(paragraphs: Document, spare: list[list[str]], rng: random.Random) -> list[tuple[list[str], int]]:
    """Eight copies of one sentence, taken out of the spare ones, and where each differs in a word and a number."""
    pattern = min(spare, key=lambda sentence: abs(len(sentence) - 11))
    spare.remove(pattern)
    words = {word for p in paragraphs for s in p for word in s[1:-1] if word.isalpha() and word not in pattern}
    places = [at for at in range(1, len(pattern) - 3) if not any(map(str.isdecimal, pattern[at : at + 3]))]
    items = []
    for number, word in zip(rng.sample(range(2, 999), 8), rng.sample(sorted(words), 8), strict=True):
        at = rng.choice(places)
        items.append(([*pattern[:at], word, str(number), *pattern[at + 2 :]], at))
    return items


def one_reading(made: Script) -> bool:
    """Whether what moved is clearly the lighter part: else it could as well be said that the rest moved past it."""
    moved = {word for edit in made.edits if edit.kind == "move" for word in edit.old}
    where = {word: at for at, word in enumerate(word for p in made.old for s in p for word in s)}
    runs: list[tuple[int, int, bool]] = []  # place in the old text, letters, moved
    for sentence in (s for p in made.new for s in p):
        known = [word for word in sentence if word in where]
        if known:
            runs.append((where[known[0]], sum(len(word.text) for word in known), known[0] in moved))
    before = _heaviest(runs)
    after = _heaviest([(-place, letters, gone) for place, letters, gone in reversed(runs)])[::-1]
    stays = sum(letters for _, letters, gone in runs if not gone)
    through = [a + b - run[1] for a, b, run in zip(before, after, runs, strict=True) if run[2]]
    return max(through, default=0) < 0.95 * stays


def _heaviest(runs: list[tuple[int, int, bool]]) -> list[int]:
    """The letters of the heaviest rising chain that ends in each run."""
    ranks = {place: rank for rank, place in enumerate(sorted(run[0] for run in runs), 1)}
    tree = [0] * (len(runs) + 1)  # a Fenwick tree of prefix maxima
    best: list[int] = []
    for place, letters, _ in runs:
        rank, heaviest = ranks[place] - 1, 0
        while rank:
            heaviest, rank = max(heaviest, tree[rank]), rank & (rank - 1)
        best.append(total := heaviest + letters)
        rank = ranks[place]
        while rank < len(tree):
            tree[rank], rank = max(tree[rank], total), rank + (rank & -rank)
    return best


class _Editor:
    """Makes edits in the new version; sentences and blocks once touched are left alone afterwards."""

    def __init__(self, made: Script, rng: random.Random, spare: list[list[str]], *, hard: bool) -> None:
        self.made, self.rng, self.spare, self.hard = made, rng, spare, hard
        pool = [word.text.strip(_SIGNS) for p in made.old for s in p for word in s]
        self.pool = [text for text in pool if text.isalpha()] or pool
        self.busy: set[int] = set()  # sentences and blocks, by identity
        self.keep: list[object] = []  # so that identities stay unique
        self.telling: set[Word] = set()  # the words that tell items apart: without them nobody could say which is which
        self.foreign: set[int] = set()  # sentences that a block did not hold before

    def one(self, kind: str) -> None:
        new = self.made.new
        place = self.rng.randrange(len(new))
        block = new[place]
        if not block:
            return
        at = self.rng.randrange(len(block))
        sentence = block[at]
        if kind in IN_PLACE:
            free = self.hard or id(block) not in self.busy
            if free and id(sentence) not in self.busy and len(sentence) >= 6:
                before = len(self.made.edits)
                getattr(self, kind)(sentence)
                if len(self.made.edits) > before:
                    self._mark(sentence)
            return
        if id(block) not in self.busy:
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

    def _sentences(self, count: int) -> list[list[Word]]:
        """The next sentences that the old version does not hold; none when they are used up."""
        if len(self.spare) < count:
            return []
        return [[Word(text) for text in self.spare.pop()] for _ in range(count)]

    def replace(self, sentence: list[Word]) -> None:
        at = self.rng.randrange(1, len(sentence) - 2)
        word = Word(self._fresh(sentence[at].text))
        self._add("replace", [sentence[at]], [word])
        sentence[at] = word

    def number(self, sentence: list[Word]) -> None:
        places = [at for at in range(1, len(sentence) - 1) if sentence[at].text.isdecimal()]
        if places:
            at = self.rng.choice(places)
            word = Word(_digits_like(sentence[at].text, int(sentence[at].text) + self.rng.randint(1, 90)))
            self._add("replace", [sentence[at]], [word])
            sentence[at] = word

    def phrase(self, sentence: list[Word]) -> None:
        size = self.rng.randint(2, 3)
        at = self.rng.randrange(1, len(sentence) - size - 1)
        words = [Word(self._fresh(word.text)) for word in sentence[at : at + size]]
        told = self.telling.intersection(sentence[at : at + size])
        if told or {word.text for word in words} & {word.text for word in sentence}:
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
        before, after = sentence[at - 1].text, sentence[at + 1].text
        glued = before[-1].isdecimal() and after[0].isdecimal()
        if glued or sentence[at].text in (before, after):
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
        if any(id(s) in self.busy for s in block[max(at - 1, 0) : at + 1]):
            return
        for words in self._sentences(1):
            self._add("insert", [], words)
            block.insert(at, words)
            self.foreign.add(id(words))
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
        self.foreign.add(id(sentence))
        self._add("move", sentence, sentence)
        self._mark(*around, *beside)

    def insert_block(self, place: int, block: Paragraph, at: int) -> None:
        fresh = [] if self._beside(place) else self._sentences(self.rng.randint(2, 3))
        if not fresh:
            return
        self.made.new.insert(place, fresh)
        self._add("insert", [], [word for sentence in fresh for word in sentence])
        self._mark(fresh, *fresh)

    def delete_block(self, place: int, block: Paragraph, at: int) -> None:
        edited = any(id(sentence) in self.busy for sentence in block)
        if edited or self._beside(place) or len(self.made.new) < 6:
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
        if any(self.foreign.issuperset(map(id, half)) for half in halves):
            return
        self.made.new[place : place + 1] = halves
        words = [word for sentence in block for word in sentence]
        self._add("split", words, words)
        self._mark(block, *halves, *([] if self.hard else block))

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
        self._mark(block, after, joined, *([] if self.hard else joined))

    def _neighbours(self, block: Paragraph, after: Paragraph) -> bool:
        """Whether the two stood side by side in the old version too: else it would be a merge and a move."""
        where = {id(p[0][0]): at for at, p in enumerate(self.made.old)}
        return where.get(id(after[0][0]), -1) - where.get(id(block[0][0]), -9) == 1

    def _touched(self, block: Paragraph) -> bool:
        edited = not self.hard and any(id(sentence) in self.busy for sentence in block)
        return edited or id(block) in self.busy

    def _beside(self, place: int) -> bool:
        return any(id(block) in self.busy for block in self.made.new[max(place - 1, 0) : place + 2])


def _digits_like(text: str, number: int) -> str:
    """The number in the digits that the text is written with."""
    zero = ord(text[0]) - int(text[0])
    return "".join(chr(zero + int(digit)) for digit in str(number))
