"""The words that differ between two texts, in hunks a reader finds natural."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import count, pairwise

from rapidfuzz.distance import Indel, Levenshtein

from reports.diff.sentences import ENDS
from reports.diff.tokens import is_number, weight

Hunk = tuple[int, int, int, int]  # dropped tokens [0:1] of the old text, added tokens [2:3] of the new
_SMALL = 3_000  # cells up to which the pleasing but slow matcher is used
_LARGE = 4_000_000  # cells from which the fast one would take too much memory
_HOPELESS = 150_000_000  # cells from which a gap counts as rewritten
_BETWEEN = 4  # kept tokens that may be taken from between two additions to their edge
_QUOTED = 5  # tokens; a longer quotation shows its marks alone
_STRAY, _STRAY_SHARE = 3, 0.2  # kept tokens in a row, and their share of what a rewritten passage says
_CLAUSE_ENDS = frozenset(",;:-،؛，；：、")


def hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """What to drop from ``old`` and add to make ``new``; the mirror image when the two are swapped."""
    if list(old) > list(new):
        return [(a, b, c, d) for c, d, a, b in _hunks(new, old)]
    return _hunks(old, new)


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    head, tail = _common(old, new)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    found = [(i + head, j + head, k + head, m + head) for i, j, k, m in _match(a, b)]
    found = _cleaned(_closed(found, old, new), old, new)
    return _slid(_balanced(_rewritten(found, old, new), old, new), old, new)


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many tokens the two share at the head and (not counting these) at the tail."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _match(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    if not old or not new:
        return [(0, len(old), 0, len(new))] if old or new else []
    if len(old) == len(new) == 1:
        return [] if old[0] == new[0] else [(0, 1, 0, 1)]
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    a, b = list(map(numbers.__getitem__, old)), list(map(numbers.__getitem__, new))
    cells = len(a) * len(b)
    if cells <= _SMALL:
        codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        return [(i, j, k, m) for tag, i, j, k, m in codes if tag != "equal"]
    if cells > _HOPELESS:
        return _anchored(a, b, old, new)
    coder = Indel if cells <= _LARGE else Levenshtein
    ops = [op for op in coder.opcodes(a, b) if op.tag != "equal"]
    return _joined([(op.src_start, op.src_end, op.dest_start, op.dest_end) for op in ops])


def _joined(found: list[Hunk]) -> list[Hunk]:
    """Neighbouring hunks with nothing between them as one."""
    out: list[Hunk] = []
    for hunk in found:
        if out and out[-1][1] == hunk[0] and out[-1][3] == hunk[2]:
            out[-1] = (out[-1][0], hunk[1], out[-1][2], hunk[3])
        else:
            out.append(hunk)
    return out


def _anchored(a: list[int], b: list[int], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """A text of enormous size, cut at runs of words that occur once on both sides."""
    where_a, where_b = _once(a), _once(b)
    pairs = [(where_a[run], where_b[run]) for run in where_a.keys() & where_b.keys()]
    found: list[Hunk] = []
    at, to = 0, 0
    for i, j in [*_rising(sorted(pairs)), (len(a), len(b))]:
        if i < at or j < to:
            continue
        if (i - at) * (j - to) > _HOPELESS:
            found.append((at, i, to, j))
        else:
            found += [(p + at, q + at, r + to, s + to) for p, q, r, s in _match(old[at:i], new[to:j])]
        at, to = i, j
    return _joined(found)


def _once(ids: list[int], length: int = 4) -> dict[tuple[int, ...], int]:
    seen: dict[tuple[int, ...], int] = {}
    twice = set()
    for at in range(len(ids) - length + 1):
        run = tuple(ids[at : at + length])
        if run in seen:
            twice.add(run)
        seen[run] = at
    return {run: at for run, at in seen.items() if run not in twice}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises on both sides."""
    from bisect import bisect_left

    ends: list[int] = []
    tails: list[int] = []
    back = [-1] * len(pairs)
    for at, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        back[at] = tails[place - 1] if place else -1
        ends[place : place + 1] = [j]
        tails[place : place + 1] = [at]
    out = []
    at = tails[-1] if tails else -1
    while at >= 0:
        out.append(pairs[at])
        at = back[at]
    return out[::-1]


def _closed(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Two additions (or two removals) as one, where the kept words between them also stand at an outer edge."""
    out: list[Hunk] = []
    for hunk in found:
        one = _one(out[-1], hunk, old, new) if out else None
        if one:
            out[-1] = one
        else:
            out.append(hunk)
    return out


def _one(left: Hunk, right: Hunk, old: Sequence[str], new: Sequence[str]) -> Hunk | None:
    kept = right[0] - left[1]
    if kept > _BETWEEN:
        return None
    if left[0] == left[1] and right[0] == right[1]:
        start, end = left[2], right[3]
        if new[start : start + kept] == new[left[3] : right[2]]:
            return (right[0], right[0], start + kept, end)
        if new[end - kept : end] == new[left[3] : right[2]]:
            return (left[0], left[0], start, end - kept)
    if left[2] == left[3] and right[2] == right[3]:
        start, end = left[0], right[1]
        if old[start : start + kept] == old[left[1] : right[0]]:
            return (start + kept, end, right[2], right[2])
        if old[end - kept : end] == old[left[1] : right[0]]:
            return (start, end - kept, left[2], left[2])
    return None


def _cleaned(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Hunks joined over islands of kept words that say too little to stand alone."""
    out = found
    while True:
        before, out = out, _swallowed(out, old, new)
        if len(before) == len(out):
            return out


def _swallowed(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    out: list[Hunk] = []
    for hunk in found:
        if out and (_is_island(out[-1], hunk, old, new) or _quotes(out[-1], hunk, old, new)):
            out[-1] = (out[-1][0], hunk[1], out[-1][2], hunk[3])
        else:
            out.append(hunk)
    return out


def _quotes(left: Hunk, right: Hunk, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the two hunks only put a few words in quotation marks, or take the marks away."""
    if right[0] - left[1] > _QUOTED:
        return False
    sides = [(old[h[0] : h[1]], new[h[2] : h[3]]) for h in (left, right)]
    return any(all(list(s[side]) == ['"'] and not s[1 - side] for s in sides) for side in (0, 1))


def _is_island(left: Hunk, right: Hunk, old: Sequence[str], new: Sequence[str]) -> bool:
    kept = old[left[1] : right[0]]
    if len(kept) > 6 or any(key in ENDS for key in kept):
        return False
    if _are_numbers(left, old, new) and _are_numbers(right, old, new):
        return False
    said = sum(map(weight, kept))
    changed = min(max(hunk[1] - hunk[0], hunk[3] - hunk[2]) for hunk in (left, right))
    both = all(hunk[1] > hunk[0] and hunk[3] > hunk[2] for hunk in (left, right))
    if said <= 0.2:
        return both and changed >= 2
    return said <= 0.8 * changed and said <= (1.0 if changed < 5 else 2.0) and (both or changed >= 3)


def _rewritten(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Three hunks or more as one, where only a few words of a passage were kept here and there."""
    out: list[Hunk] = []
    run: list[Hunk] = []
    for hunk in found:
        if run and (hunk[0] - run[-1][1] > _STRAY or any(key in ENDS for key in old[run[-1][1] : hunk[0]])):
            out += _one_passage(run, old, new)
            run = []
        run.append(hunk)
    return out + _one_passage(run, old, new)


def _one_passage(run: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    if len(run) < 3:
        return run
    start, end = run[0], run[-1]
    whole = (start[0], end[1], start[2], end[3])
    kept = sum(weight(key) for a, b in pairwise(run) for key in old[a[1] : b[0]])
    said = min(sum(map(weight, old[whole[0] : whole[1]])), sum(map(weight, new[whole[2] : whole[3]])))
    return [whole] if kept <= _STRAY_SHARE * said else run


def _balanced(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """A quotation mark beside a hunk goes with it when the hunk holds the other one of the pair on one side only."""
    out: list[Hunk] = []
    for at, (i, j, k, m) in enumerate(found):
        floor = out[-1][1] if out else 0
        ceiling = found[at + 1][0] if at + 1 < len(found) else len(old)
        marks = [side.count('"') for side in (old[i:j], new[k:m])]
        if (marks[0] + marks[1]) % 2 and max(j - i, m - k) > 1:
            if i > floor and old[i - 1] == '"':
                i, k = i - 1, k - 1
            elif j < ceiling and old[j] == '"':
                j, m = j + 1, m + 1
        out.append((i, j, k, m))
    return _joined(out)


def _are_numbers(hunk: Hunk, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a hunk does nothing but put one number for another."""
    i, j, k, m = hunk
    return j - i == m - k == 1 and is_number(old[i]) and is_number(new[k])


def _slid(found: list[Hunk], old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Pure additions and removals moved to where a sentence or clause begins, when the words allow it."""
    out: list[Hunk] = []
    for at, (i, j, k, m) in enumerate(found):
        floor = (out[-1][1], out[-1][3]) if out else (0, 0)
        ceiling = (found[at + 1][0], found[at + 1][2]) if at + 1 < len(found) else (len(old), len(new))
        if i == j:
            by = _shift(new, k, m, min(i - floor[0], k - floor[1]), min(ceiling[0] - j, ceiling[1] - m))
        elif k == m:
            by = _shift(old, i, j, min(i - floor[0], k - floor[1]), min(ceiling[0] - j, ceiling[1] - m))
        else:
            by = 0
        out.append((i + by, j + by, k + by, m + by))
    return out


def _shift(keys: Sequence[str], start: int, end: int, left: int, right: int) -> int:
    choices = [0]
    while left + choices[0] > 0 and keys[start + choices[0] - 1] == keys[end + choices[0] - 1]:
        choices.insert(0, choices[0] - 1)
    while choices[-1] < right and keys[start + choices[-1]] == keys[end + choices[-1]]:
        choices.append(choices[-1] + 1)
    if len(choices) == 1:
        return 0
    return max(choices, key=lambda by: (_edge(keys, start + by) + _edge(keys, end + by), by))


def _edge(keys: Sequence[str], at: int) -> float:
    """How natural a cut before token ``at`` is."""
    if at in (0, len(keys)):
        return 3.5
    before, after = keys[at - 1], keys[at]
    if before in ENDS or (before == '"' and at > 1 and keys[at - 2] in ENDS):
        return 1.5 if after == '"' and before in ENDS else 3
    if before in _CLAUSE_ENDS or after in ("(",):
        return 1
    return 0.5 if after in _CLAUSE_ENDS else 0
