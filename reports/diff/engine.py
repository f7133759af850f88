"""The comparison of two contents: fields with fields, blocks with blocks, then the words inside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reports.diff.blocks import Cluster, Piece, align
from reports.diff.copies import loose_keeps
from reports.diff.metadata import metadata_changes
from reports.diff.passages import Inner, Passages, may_move
from reports.diff.spans import spell, whole
from reports.diff.tokens import Words, folded, visible
from storage.types import Block, BlockKind, Content, Diff, Edit, EditOp, Field, Form, Span, SpanOp


def diff(old: Content, new: Content) -> Diff:
    """All that differs between two contents; edits in reading order, unranked."""
    return _Comparison(old, new).run()


class _Comparison:
    """One comparison under way."""

    def __init__(self, old: Content, new: Content) -> None:
        self.old, self.new = old, new
        self.lenient = Form.TEXT in (old.form, new.form) or old.layout != new.layout
        self.cut: dict[str, Words] = {}

    def run(self) -> Diff:
        clusters = self._clusters()
        return Diff(
            edits=(*self._fields(), *self._block_edits(clusters)),
            metadata=metadata_changes(self.old, self.new, clusters),
        )

    def words(self, text: str) -> Words:
        found = self.cut.get(text)
        if found is None:
            found = self.cut[text] = Words(text)
        return found

    def same(self, old: str, new: str) -> bool:
        """Whether two texts say the same as far as their sources can tell."""
        return old == new or (self.lenient and visible(old) == visible(new))

    # fields

    def _fields(self) -> list[Edit]:
        pairs = (
            (Field.HEADLINE, self.old.headline, self.new.headline),
            (Field.KICKER, self.old.kicker, self.new.kicker),
            (Field.TEASER, self.old.teaser, self.new.teaser),
            (Field.BYLINE, *bylines(self.old, self.new)),
            (Field.BYLINE, self.old.place, self.new.place),
        )
        return [self._field(field, a, b) for field, a, b in pairs if a is not None and b is not None]

    def _field(self, field: Field, old: str, new: str) -> Edit:
        if self.same(old, new):
            return Edit(op=EditOp.KEEP, field=field, old=old, new=new, spans=self._spans(old, new))
        if not old or not new:
            op, text = (EditOp.DROP, old) if old else (EditOp.ADD, new)
            return Edit(op=op, field=field, old=old or None, new=new or None, spans=whole(SpanOp(op.value), text))
        return Edit(op=EditOp.EDIT, field=field, old=old, new=new, spans=self._spans(old, new))

    def _spans(self, old: str, new: str) -> tuple[Span, ...]:
        if old == new:
            return whole(SpanOp.KEEP, old)
        inner = Inner(self.words(old), self.words(new))
        inner.mark()
        return spell(inner.old, inner.new, inner.dropped, inner.added)

    # blocks

    def _clusters(self) -> list[Cluster]:
        """Clusters of indexes into the blocks of both contents."""
        found: list[Cluster] = []
        common = {block.text for block in self.old.blocks} & {block.text for block in self.new.blocks}
        sides = _pieces(self.old, common), _pieces(self.new, common)
        for old, new in zip(*sides, strict=True):
            clusters = align(old, new, self.words)
            if len(old) == len(self.old.blocks) and len(new) == len(self.new.blocks):
                found += clusters  # places among the pieces are places among the blocks
                continue
            found += [
                Cluster(tuple([old[at].at for at in c.old]), tuple([new[at].at for at in c.new]), c.moved)
                for c in clusters
            ]
        return loose_keeps(self.old, self.new, found, lenient=self.lenient)

    def _block_edits(self, clusters: list[Cluster]) -> list[Edit]:
        kept: list[Cluster] = []
        changed: list[Cluster] = []
        for cluster in clusters:
            (kept if self._kept(cluster) else changed).append(cluster)
        texts = [(_text(self.old.blocks, c.old), _text(self.new.blocks, c.new)) for c in changed]
        inners = self._inners(changed, texts)
        edits = [self._keep(cluster) for cluster in kept]
        edits += [self._edit(c, *texts[at], inners.get(at)) for at, c in enumerate(changed)]
        return _renumbered(in_reading_order(edits))

    def _kept(self, cluster: Cluster) -> bool:
        return cluster.loose or (len(cluster.old) == len(cluster.new) == 1 and self._equal(cluster))

    def _equal(self, cluster: Cluster) -> bool:
        return self.same(self.old.blocks[cluster.old[0]].text, self.new.blocks[cluster.new[0]].text)

    def _inners(self, changed: list[Cluster], texts: list[tuple[str, str]]) -> dict[int, Inner]:
        """The words of the changed blocks with their marks; none for a short block that is only dropped or added."""
        if not (any(c.old for c in changed) and any(c.new for c in changed)):
            return {}
        paired = [bool(c.old and c.new) for c in changed]
        worth = [at for at, (old, new) in enumerate(texts) if paired[at] or may_move(old or new)]
        inners = {at: Inner(self.words(texts[at][0]), self.words(texts[at][1])) for at in worth}
        passages = Passages([inners[at] for at in sorted(worth, key=lambda at: _symmetric(changed[at]))])
        if len(worth) > 1:
            passages.link_moves()
        for at, inner in inners.items():
            if paired[at]:
                inner.mark()
            else:
                inner.mark_all()
        passages.link_leftovers()
        return inners

    def _keep(self, cluster: Cluster) -> Edit:
        old, new = _text(self.old.blocks, cluster.old), _text(self.new.blocks, cluster.new)
        if old != new:
            return self._edit(cluster, old, new, None)
        block, spans = self.new.blocks[cluster.new[0]], (Span(op=SpanOp.KEEP, text=new),) if new else ()
        return Edit(
            op=EditOp.MOVE if cluster.moved and not cluster.loose else EditOp.KEEP, field=self._where(cluster),
            old=old, new=new, spans=spans, block=block.kind, old_at=cluster.old, new_at=cluster.new,
        )  # fmt: skip

    def _edit(self, cluster: Cluster, old: str, new: str, inner: Inner | None) -> Edit:
        if inner is None and not (cluster.old and cluster.new):
            return self._lone(cluster, old or new)
        kind = self.new.blocks[cluster.new[0]].kind if cluster.new else self.old.blocks[cluster.old[0]].kind
        if inner is not None and (inner.linked or (cluster.old and cluster.new)):
            spans = spell(inner.old, inner.new, inner.dropped, inner.added, inner.old_links, inner.new_links)
        elif not cluster.old or not cluster.new:
            spans = whole(SpanOp.DROP, old) or whole(SpanOp.ADD, new)
        else:
            spans = self._spans(old, new)
        return Edit(
            op=self._op(cluster),
            field=self._where(cluster),
            old=old if cluster.old else None,
            new=new if cluster.new else None,
            spans=spans,
            block=kind,
            old_at=cluster.old,
            new_at=cluster.new,
        )

    def _lone(self, cluster: Cluster, text: str) -> Edit:
        """A block that was dropped or added as a whole; there may be very many of them."""
        if cluster.old:
            block = self.old.blocks[cluster.old[0]]
            return Edit(
                op=EditOp.DROP, field=block.field, old=text, new=None, spans=whole(SpanOp.DROP, text),
                block=block.kind, old_at=cluster.old,
            )  # fmt: skip
        block = self.new.blocks[cluster.new[0]]
        return Edit(
            op=EditOp.ADD, field=block.field, old=None, new=text, spans=whole(SpanOp.ADD, text),
            block=block.kind, new_at=cluster.new,
        )  # fmt: skip

    def _op(self, cluster: Cluster) -> EditOp:
        if not cluster.old:
            return EditOp.ADD
        if not cluster.new:
            return EditOp.DROP
        if cluster.loose:
            return EditOp.KEEP
        if len(cluster.new) > 1:
            return EditOp.SPLIT
        if len(cluster.old) > 1:
            return EditOp.MERGE
        if cluster.moved:
            return EditOp.MOVE
        return EditOp.KEEP if self._equal(cluster) else EditOp.EDIT

    def _where(self, cluster: Cluster) -> Field:
        blocks = [self.old.blocks[at] for at in cluster.old] + [self.new.blocks[at] for at in cluster.new]
        if len(blocks) <= 2 and blocks[0].kind is blocks[-1].kind:
            return blocks[0].field
        if any(block.kind is BlockKind.NOTE for block in blocks):
            return Field.NOTE
        return Field.BODY if any(block.field is Field.BODY for block in blocks) else Field.CAPTION


def _pieces(content: Content, common: set[str]) -> tuple[list[Piece], list[Piece]]:
    """Body and captions; a text that both sides have word for word needs no folding."""
    body: list[Piece] = []
    captions: list[Piece] = []
    for at, block in enumerate(content.blocks):
        key = block.text if block.text in common else folded(block.text)
        (captions if block.field is Field.CAPTION else body).append(Piece(at, block.kind, block.text, key))
    return body, captions


def bylines(old: Content, new: Content) -> tuple[str | None, str | None]:
    """The authors of both sides as text; a copy cannot tell author from place, so an equal line there stays equal."""
    if old.authors is None or new.authors is None:
        return None, None
    a, b = " | ".join(old.authors), " | ".join(new.authors)
    if (old.place is None) != (new.place is None) and visible(a) != visible(b):
        if new.place and visible(f"{b} {new.place}") == visible(a):
            return a, f"{b} {new.place}".strip()
        if old.place and visible(f"{a} {old.place}") == visible(b):
            return f"{a} {old.place}".strip(), b
    return a, b


def in_reading_order(edits: Iterable[Edit]) -> list[Edit]:
    """Block edits as the new side reads, each dropped block after the last one kept in place before it."""
    edits = list(edits)
    here = sorted((edit for edit in edits if edit.new_at), key=lambda edit: edit.new_at)
    gone = sorted((edit for edit in edits if not edit.new_at), key=lambda edit: edit.old_at)
    fixed = sorted((edit.old_at[0], at) for at, edit in enumerate(here) if edit.old_at and edit.op is not EditOp.MOVE)
    after: dict[int, list[Edit]] = defaultdict(list)
    passed, place = 0, -1
    for edit in gone:
        while passed < len(fixed) and fixed[passed][0] < edit.old_at[0]:
            place = fixed[passed][1]
            passed += 1
        after[place].append(edit)
    out = list(after[-1])
    for at, edit in enumerate(here):
        out += [edit, *after[at]]
    return out


def _renumbered(edits: list[Edit]) -> list[Edit]:
    """Links counted from 1 in reading order."""
    numbers: dict[int, int] = {}
    out = []
    for edit in edits:
        if edit.spans and any(span.link is not None for span in edit.spans):
            spans = tuple(
                span
                if span.link is None
                else Span(op=span.op, text=span.text, link=numbers.setdefault(span.link, len(numbers) + 1))
                for span in edit.spans
            )
            edit = Edit(
                op=edit.op, field=edit.field, old=edit.old, new=edit.new, spans=spans,
                block=edit.block, old_at=edit.old_at, new_at=edit.new_at,
            )  # fmt: skip
        out.append(edit)
    return out


def _symmetric(cluster: Cluster) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    """An order of clusters that is the same when the sides are swapped."""
    places = cluster.old + cluster.new
    first, second = sorted((cluster.old, cluster.new))
    return (min(places), sum(places), first, second)


def _text(blocks: Sequence[Block], at: tuple[int, ...]) -> str:
    return blocks[at[0]].text if len(at) == 1 else "\n".join(blocks[place].text for place in at)
