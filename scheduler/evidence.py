"""Gather from the records what a bundle of evidence holds."""

from __future__ import annotations

import json

from msgspec.structs import replace

from crawler.decoding import BrokenBody, uncode
from reports.evidence.bundle import Anchor, Evidence, Side
from storage import Store
from storage.chain import Link
from storage.content import decode, encode
from storage.errors import StoreError, UserError
from storage.types import Change, Content, Edit, Origin, Version


def gather(store: Store, number: int) -> Evidence:
    """Everything about one recorded change. Raises UserError for an unknown or withdrawn one, StoreError when a page is not kept."""
    change = store.change(number)
    if change is None:
        raise UserError(f"there is no change {number}; see: zaesur changes")
    if change.withdrawn:
        raise UserError(
            f"change {number} was withdrawn on {change.withdrawn:%Y-%m-%d}: read anew, both sides say the same; "
            "there is nothing to prove, so nothing was written"
        )
    article = store.article(change.article)
    if article is None:
        raise StoreError(f"the article of change {number} is not in this database; nothing was written")
    links = tuple(store.links(article=change.article))
    tree = store.tree()
    return Evidence(
        change=change,
        article=article,
        old=_side(store, change, "old"),
        new=_side(store, change, "new"),
        links=links,
        proofs=tuple(tree.proof(link.id - 1) for link in links),
        size=tree.size,
        root=tree.root,
        gaps=tuple(store.gaps(change.article)),
        anchor=_anchor(store, change, links),
    )


def _anchor(store: Store, change: Change, links: tuple[Link, ...]) -> Anchor | None:
    """The earliest anchor over both sides, with a proof for each of the article's looks under it."""
    versions = [store.version(change.article, number) for number in (change.from_version, change.to_version)]
    anchor = store.anchor_over(max((version.capture or 1 for version in versions if version), default=1))
    if anchor is None:
        return None
    tree = store.tree(anchor.size)
    proofs = {link.id: tree.proof(link.id - 1) for link in links if link.id <= anchor.size}
    return Anchor(data=anchor.data, token=anchor.token, proofs=proofs)


def _side(store: Store, change: Change, side: str) -> Side:
    number = change.from_version if side == "old" else change.to_version
    version = store.version(change.article, number)
    if version is None:
        raise StoreError(f"version {number} of {change.article} is missing; nothing was written. See: zaesur verify")
    if version.removed:
        raise UserError(
            f"version {number} of {change.article} was taken down on {version.removed.at:%Y-%m-%d} "
            f"({version.removed.reason}); what is left proves nothing to others, so nothing was written"
        )
    return _copy(store, version) if version.origin is Origin.SEED else _looked_at(store, change, side, version)


def _copy(store: Store, version: Version) -> Side:
    seed = next(seed for seed in store.seeds() if seed.article == version.article)
    recorded = encode(version.content)
    data = store.seed_data(seed.number)
    return Side(version=version, recorded=recorded, recorded_by=version.fingerprint, link=None, served=data, page=None)


def _looked_at(store: Store, change: Change, side: str, version: Version) -> Side:
    link = next(store.links(after=(version.capture or 0) - 1, until=version.capture), None)
    served = store.body(version.body_sha256) if version.body_sha256 else None
    name = f"version {version.number} of {version.article}"
    if link is None or served is None:
        raise StoreError(
            f"{name}: its page as served is not kept, so there is nothing to prove it with; nothing was written"
        )
    readings = store.readings(version.article, version.number)
    content, by = _compared(readings, change, side)
    return Side(
        version=replace(version, content=content, fingerprint=by),
        recorded=readings[0][0],
        recorded_by=readings[0][1],
        link=link,
        served=served,
        page=_unpacked(name, served, json.loads(link.record)["headers"]),
    )


def _compared(readings: list[tuple[str, str]], change: Change, side: str) -> tuple[Content, str]:
    """The newest reading whose paragraphs are those of the diff: a page may have been read again since it was compared."""
    for text, by in reversed(readings):
        content = decode(text, Content)
        if all(_stands(edit, content, side) for edit in change.assessment.diff.edits):
            return content, by
    raise StoreError(
        f"change {change.id}: no reading of its {side} page fits its diff; nothing was written. See: zaesur verify"
    )


def _stands(edit: Edit, content: Content, side: str) -> bool:
    places, text = (edit.old_at, edit.old) if side == "old" else (edit.new_at, edit.new)
    if not places:
        return True
    return max(places) < len(content.blocks) and text == "\n".join(content.blocks[at].text for at in places)


def _unpacked(name: str, served: bytes, headers: list[list[str]]) -> bytes:
    coding = ", ".join(value for key, value in headers if key.lower() == "content-encoding")
    try:
        return uncode(served, coding)
    except BrokenBody as error:
        raise StoreError(
            f"{name}: its page cannot be unpacked ({error}); nothing was written. See: zaesur verify"
        ) from None
