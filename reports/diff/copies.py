"""What a text copy makes of a page's blocks: captions taken for paragraphs, credits glued on or losing their prefix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import regex

from reports.diff.blocks import Cluster
from reports.diff.tokens import visible
from storage.types import Content, Field

_PREFIX = regex.compile(
    r"(?:Bild|Foto|Image|Image credit|Picture|Photo|Imagen|Imagem|Photo credit|Фото|Изображение|Зображення|"
    r"الصورة|صورة|تصویر|图片|Fotoğraf|Slika|Снимка|Φωτογραφία)\s*[:：]\s*"
)
_NOISE = regex.compile(r"(?<!\d)[\s|©]+|[\s|©]+(?!\d)")  # 1 5 is not 15


def loose_key(text: str) -> str:
    """A caption or credit without its prefix, separators and space."""
    return _NOISE.sub("", _PREFIX.sub("", visible(text)))


def loose_keeps(old: Content, new: Content, clusters: list[Cluster], *, lenient: bool) -> list[Cluster]:
    """The clusters, with dropped and added blocks paired that are the same text read in another way."""
    dropped = [c.old[0] for c in clusters if not c.new]
    added = [c.new[0] for c in clusters if not c.old]
    if lenient:
        clusters = [_as_kept(old, new, c) for c in clusters]
    pairs = _equal_pairs(old, new, dropped, added, visible if lenient else str)
    if lenient:
        pairs += _glued(old, new, dropped, added, pairs)
    if old.form is not new.form or old.layout != new.layout:
        clusters = _carried(old, new, clusters, pairs)
    if not pairs:
        return clusters
    gone = {at for pair in pairs for at in pair.old}
    came = {at for pair in pairs for at in pair.new}
    rest = [c for c in clusters if (c.new or c.old[0] not in gone) and (c.old or c.new[0] not in came)]
    return rest + pairs


def _carried(old: Content, new: Content, clusters: list[Cluster], pairs: list[Cluster]) -> list[Cluster]:
    """Without the captions or credits of one side where the other, a copy or another layout, carries none at all."""
    found = {at for pair in pairs for at in pair.old}, {at for pair in pairs for at in pair.new}
    out = []
    for c in clusters:
        here, at, there, paired = (old, c.old, new, found[0]) if c.old else (new, c.new, old, found[1])
        block = here.blocks[at[0]]
        alone = not (c.old and c.new) and at[0] not in paired and block.field is Field.CAPTION
        if not alone or any(other.kind is block.kind for other in there.blocks):
            out.append(c)
    return out


def _as_kept(old: Content, new: Content, cluster: Cluster) -> Cluster:
    """A caption or credit that differs only by its prefix counts as kept."""
    if not cluster.old or not cluster.new:
        return cluster
    olds, news = [old.blocks[at] for at in cluster.old], [new.blocks[at] for at in cluster.new]
    if any(block.field is not Field.CAPTION for block in (*olds, *news)):
        return cluster
    same = loose_key(" ".join(b.text for b in olds)) == loose_key(" ".join(b.text for b in news))
    differs = [b.text for b in olds] != [b.text for b in news]
    return Cluster(cluster.old, cluster.new, cluster.moved, loose=True) if same and differs else cluster


def _equal_pairs(
    old: Content, new: Content, dropped: list[int], added: list[int], key: Callable[[str], str]
) -> list[Cluster]:
    """Texts with equal keys of which one side is a caption and the other is not."""
    blocks = [*(old.blocks[at] for at in dropped), *(new.blocks[at] for at in added)]
    if not any(block.field is Field.CAPTION for block in blocks):
        return []
    places: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for at in reversed(added):
        block = new.blocks[at]
        places[key(block.text), block.field is Field.CAPTION].append(at)
    pairs = []
    for at in dropped:
        block = old.blocks[at]
        others = places.get((key(block.text), block.field is not Field.CAPTION))
        if others:
            pairs.append(Cluster((at,), (others.pop(),), loose=True))
    return pairs


def _glued(old: Content, new: Content, dropped: list[int], added: list[int], pairs: list[Cluster]) -> list[Cluster]:
    """A caption and its credit on one side that are one line on the other."""
    gone = {at for pair in pairs for at in pair.old}
    came = {at for pair in pairs for at in pair.new}
    olds, news = [at for at in dropped if at not in gone], [at for at in added if at not in came]
    found = [Cluster(a, b, loose=True) for a, b in _joins(old, new, olds, news)]
    taken = {at for c in found for at in c.old}, {at for c in found for at in c.new}
    olds, news = [at for at in olds if at not in taken[0]], [at for at in news if at not in taken[1]]
    return found + [Cluster(a, b, loose=True) for b, a in _joins(new, old, news, olds)]


def _joins(
    one: Content, many: Content, ones: list[int], parts: list[int]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Blocks of ``one`` that spell a caption and the blocks after it of ``many``, or one caption read otherwise."""
    keys: dict[str, tuple[int, ...]] = {}
    free = set(parts)
    for at in parts:
        if many.blocks[at].field is Field.CAPTION:
            for size in (1, 2, 3):
                run = tuple(range(at, at + size))
                if free.issuperset(run):
                    keys.setdefault(loose_key(" ".join(many.blocks[place].text for place in run)), run)
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for at in ones:
        run = keys.get(loose_key(one.blocks[at].text), ())
        if run and free.issuperset(run):
            free -= set(run)
            found.append(((at,), run))
    return found
