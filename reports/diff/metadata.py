"""Differences around the text: recorded with the diff, never a change by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from reports.diff.blocks import Cluster
from storage.types import Content, MetadataChange


def metadata_changes(old: Content, new: Content, clusters: Sequence[Cluster]) -> tuple[MetadataChange, ...]:
    """What both sides carry and state differently: dates, address, topics, and links and pictures of paired blocks."""
    pairs = (
        ("published", old.published, new.published),
        ("modified", old.modified, new.modified),
        ("canonical_url", old.canonical_url, new.canonical_url),
        ("topics", _joined(old.topics), _joined(new.topics)),
    )
    found = [MetadataChange(name=n, old=a, new=b) for n, a, b in pairs if a and b and not _same(a, b)]
    for cluster in sorted(clusters, key=lambda c: (c.new, c.old)):
        if len(cluster.old) == len(cluster.new) == 1:
            a, b = old.blocks[cluster.old[0]], new.blocks[cluster.new[0]]
            if (a.links, a.image) == (b.links, b.image):
                continue
            for name, was, now in (("links", _joined(a.links), _joined(b.links)), ("image", a.image, b.image)):
                if was is not None and now is not None and was != now:
                    found.append(MetadataChange(name=name, old=was, new=now))
    return tuple(found)


def _same(a: str, b: str) -> bool:
    """Equal, or one a day and the other an instant on it: a copy gives the day only."""
    return a == b or (len(min(a, b, key=len)) == 10 and a[:10] == b[:10])


def _joined(values: tuple[str, ...] | None) -> str | None:
    return None if values is None else " ".join(values) if all(" " not in v for v in values) else " | ".join(values)
