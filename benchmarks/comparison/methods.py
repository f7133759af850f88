"""The competitors and ours, each turned into reported edits: a kind and the words touched on either side."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import Indel
from redlines.processor import WholeDocumentProcessor

from benchmarks.comparison.truth import Paragraph, Script, Truth, Word
from reports.diff import diff
from storage.types import Block, BlockKind, Content, EditOp, SpanOp

UNSPACED = ("zh",)
Reported = list[Truth]
Method = Callable[[Script], Reported]
_BREAK = Word("¶")


class Side:
    """One version as blocks of text, and which word stands where."""

    def __init__(self, paragraphs: list[Paragraph], glue: str) -> None:
        """Lay the words out."""
        self.texts: list[str] = []
        self.starts: list[list[int]] = []
        self.words: list[list[Word]] = []
        for paragraph in paragraphs:
            words = [word for sentence in paragraph for word in sentence]
            starts, at = [], 0
            for word in words:
                starts.append(at)
                at += len(word.text) + len(glue)
            self.texts.append(glue.join(word.text for word in words))
            self.starts.append(starts)
            self.words.append(words)

    def touched(self, block: int, start: int, end: int) -> Iterator[Word]:
        """The words with a letter or sign between two places of a block's text."""
        text = self.texts[block]
        for at in range(start, end):
            if not text[at].isspace():
                yield self.words[block][bisect_right(self.starts[block], at) - 1]


def sides(made: Script) -> tuple[Side, Side]:
    """Both versions laid out."""
    glue = "" if made.language in UNSPACED else " "
    return Side(made.old, glue), Side(made.new, glue)


def content(side: Side) -> Content:
    """A version as the engine takes it."""
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in side.texts)
    return Content(headline=None, blocks=blocks)


def ours(made: Script) -> Reported:
    """The engine under test."""
    old, new = sides(made)
    out: Reported = []
    links: dict[int, tuple[set[Word], set[Word]]] = {}
    for edit in diff(content(old), content(new)).edits:
        if edit.op is EditOp.KEEP:
            continue
        before, after = _Walk(old, edit.old_at), _Walk(new, edit.new_at)
        if edit.op in (EditOp.MOVE, EditOp.SPLIT, EditOp.MERGE):
            out.append(Truth(edit.op.value, frozenset(before.all()), frozenset(after.all())))
        dropped: set[Word] = set()
        added: set[Word] = set()
        for span in edit.spans:
            touched = before.take(span.text) if span.op is not SpanOp.ADD else set()
            came = after.take(span.text) if span.op is not SpanOp.DROP else set()
            if span.op is SpanOp.KEEP:
                _close(out, dropped, added)
                dropped, added = set(), set()
            elif span.link is not None:
                pair = links.setdefault(span.link, (set(), set()))
                pair[0].update(touched)
                pair[1].update(came)
            else:
                dropped |= touched
                added |= came
        _close(out, dropped, added)
    return out + [Truth("move", frozenset(a), frozenset(b)) for a, b in links.values()]


class _Walk:
    """Reads the words under the spans of one side of an edit."""

    def __init__(self, side: Side, blocks: tuple[int, ...]) -> None:
        self.side, self.blocks, self.block, self.at = side, list(blocks), 0, 0

    def all(self) -> list[Word]:
        return [word for block in self.blocks for word in self.side.words[block]]

    def take(self, text: str) -> set[Word]:
        found: set[Word] = set()
        for part in text.split("\n"):
            if self.block < len(self.blocks) and self.at > len(self.side.texts[self.blocks[self.block]]):
                self.block, self.at = self.block + 1, 0
            if part:
                found |= set(self.side.touched(self.blocks[self.block], self.at, self.at + len(part)))
            self.at += len(part) + 1
        self.at -= 1
        return found


def _close(out: Reported, dropped: set[Word], added: set[Word]) -> None:
    if dropped or added:
        kind = "replace" if dropped and added else "delete" if dropped else "insert"
        out.append(Truth(kind, frozenset(dropped), frozenset(added)))


# flat methods: one list of words with a sign for each end of a paragraph


def flat(side: Side) -> list[Word]:
    """All words of a version with a break after each paragraph."""
    return [word for words in side.words for word in (*words, _BREAK)]


def _from_opcodes(old: list[Word], new: list[Word], codes: list[tuple[str, int, int, int, int]]) -> Reported:
    out: Reported = []
    for tag, i, j, k, m in codes:
        if tag == "equal":
            continue
        a, b = [w for w in old[i:j] if w is not _BREAK], [w for w in new[k:m] if w is not _BREAK]
        if not a and not b:  # only a break: generously a split or a merge of the paragraphs around
            out.append(Truth("split" if m > k else "merge", frozenset(_around(old, i)), frozenset(_around(new, k))))
        _close(out, set(a), set(b))
    return out


def _around(words: list[Word], at: int) -> list[Word]:
    """The paragraphs a break at ``at`` stands between or within."""
    start, end = at, at
    while start > 0 and words[start - 1] is not _BREAK:
        start -= 1
    while end < len(words) and words[end] is not _BREAK:
        end += 1
    if end == at:
        end += 1
        while end < len(words) and words[end] is not _BREAK:
            end += 1
    return [word for word in words[start:end] if word is not _BREAK]


def difflib_words(made: Script, *, junk: bool = False) -> Reported:
    """difflib over words."""
    old, new = (flat(side) for side in sides(made))
    matcher = SequenceMatcher(None, [w.text for w in old], [w.text for w in new], autojunk=junk)
    return _from_opcodes(old, new, list(matcher.get_opcodes()))


def difflib_words_junk(made: Script) -> Reported:
    """difflib over words as it comes."""
    return difflib_words(made, junk=True)


def rapidfuzz_words(made: Script) -> Reported:
    """The shortest edit script over words, by rapidfuzz."""
    old, new = (flat(side) for side in sides(made))
    found = Indel.opcodes([w.text for w in old], [w.text for w in new])
    return _from_opcodes(old, new, [(op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end) for op in found])


def difflib_lines(made: Script) -> Reported:
    """difflib over paragraphs."""
    old, new = sides(made)
    out: Reported = []
    for tag, i, j, k, m in SequenceMatcher(None, old.texts, new.texts, autojunk=False).get_opcodes():
        if tag != "equal":
            _close(out, {w for words in old.words[i:j] for w in words}, {w for words in new.words[k:m] for w in words})
    return out


def dmp_semantic(made: Script) -> Reported:
    """diff-match-patch over characters with semantic cleanup."""
    old, new = sides(made)
    engine = diff_match_patch()
    engine.Diff_Timeout = 2
    found = engine.diff_main("\n".join(old.texts), "\n".join(new.texts))
    engine.diff_cleanupSemantic(found)
    before, after = _Walk(old, tuple(range(len(old.texts)))), _Walk(new, tuple(range(len(new.texts))))
    out: Reported = []
    dropped: set[Word] = set()
    added: set[Word] = set()
    for op, text in found:
        gone = before.take(text) if op <= 0 else set()
        came = after.take(text) if op >= 0 else set()
        if op == 0:
            _close(out, dropped, added)
            dropped, added = set(), set()
        else:
            dropped, added = dropped | gone, added | came
    _close(out, dropped, added)
    return out


def redlines_words(made: Script) -> Reported:
    """redlines' own tokens and opcodes, each token mapped to the word it lies in."""
    old, new = (flat(side) for side in sides(made))
    found = WholeDocumentProcessor().process(" ".join(w.text for w in old), " ".join(w.text for w in new))
    if not found:
        return []
    before, after = _owners(found[0].source_chunk.text, old), _owners(found[0].test_chunk.text, new)
    return _from_opcodes(before, after, [redline.opcodes for redline in found])


def _owners(tokens: list[str], words: list[Word]) -> list[Word]:
    """The word each token is, or is a piece of."""
    out, at, read = [], 0, 0
    for token in tokens:
        out.append(words[at])
        read += len(token.strip())
        if read >= len(words[at].text):
            at, read = at + 1, 0
    return out


def two_level(made: Script) -> Reported:
    """Wikipedia's way, simplified: lines first, changed lines paired by likeness, words inside, left lines as moves."""
    old, new = sides(made)
    out: Reported = []
    left: list[int] = []
    right: list[int] = []
    for tag, i, j, k, m in SequenceMatcher(None, old.texts, new.texts, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        news = list(range(k, m))
        for at in range(i, j):
            scored = [(_alike(old.words[at], new.words[to]), -to) for to in news]
            score, to = max(scores for scores in scored) if scored else (0.0, 0)
            if score >= 0.4:
                news.remove(-to)
                out += _inside(old.words[at], new.words[-to])
            else:
                left.append(at)
        right += news
    for at in left:
        scored = [(_alike(old.words[at], new.words[to]), to) for to in right]
        score, to = max(scored) if scored else (0.0, 0)
        if score > 0.4:
            right.remove(to)
            out.append(Truth("move", frozenset(old.words[at]), frozenset(new.words[to])))
            out += _inside(old.words[at], new.words[to])
        else:
            _close(out, set(old.words[at]), set())
    for to in right:
        _close(out, set(), set(new.words[to]))
    return out


def _alike(old: list[Word], new: list[Word]) -> float:
    return SequenceMatcher(None, [w.text for w in old], [w.text for w in new], autojunk=False).ratio()


def _inside(old: list[Word], new: list[Word]) -> Reported:
    matcher = SequenceMatcher(None, [w.text for w in old], [w.text for w in new], autojunk=False)
    return _from_opcodes(old, new, list(matcher.get_opcodes()))


METHODS: dict[str, Method] = {
    "difflib lines": difflib_lines,
    "difflib words": difflib_words_junk,
    "difflib words, no autojunk": difflib_words,
    "rapidfuzz words": rapidfuzz_words,
    "dmp, semantic": dmp_semantic,
    "redlines": redlines_words,
    "two-level (Wikipedia)": two_level,
    "ours": ours,
}
