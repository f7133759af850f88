"""What the looks at an article say to the next one: its validators, and the region of the page that need not be read again."""

from __future__ import annotations

import json
from collections.abc import Collection

import msgspec

from storage.base import Row
from storage.types import Outcome, Shown
from storage.versions import CURRENT, Versions

_NEWEST = f"""
SELECT named.value AS article, c.outcome, c.version, c.record, ({CURRENT.replace(":article", "named.value")}) AS current
FROM json_each(?) named JOIN captures c ON c.id = (
    SELECT id FROM captures WHERE article = named.value AND origin = 'crawl' ORDER BY id DESC LIMIT 1)
"""


class LastLooks(Versions):
    """What newest looks told."""

    def shown(self, article: str) -> Shown | None:
        """What the article's newest readable look showed; ``None`` where the page must be read, whatever it shows."""
        row = self._row(
            "SELECT id, version, modified, record FROM captures "
            "WHERE article = ? AND origin = 'crawl' AND outcome != 'not-modified' ORDER BY id DESC LIMIT 1",
            [article],
        )
        if row is None or not row["version"]:
            return None
        told = _REGION.decode(row["record"])
        if not told.region or row["version"] != self.current_version(article):
            return None
        return Shown(
            capture=told.same_as or row["id"],
            version=row["version"],
            region=told.region,
            relied=told.relied,
            modified=row["modified"],
        )

    def validators(self, articles: Collection[str]) -> dict[str, dict[str, str]]:
        """By article, ETag and Last-Modified of the newest full answer, if it showed a version; for conditional requests.

        An answer "not modified" goes on from the answer before it, whose validators its request named.
        """
        rows = self._rows(_NEWEST, [json.dumps(list(articles))])
        return {row["article"]: _validators(row) for row in rows}


class _Headers(msgspec.Struct):
    headers: list[tuple[str, str]]
    request_headers: list[tuple[str, str]] = []


class _Region(msgspec.Struct):
    region: str | None = None  # records of before there were regions tell of none
    same_as: int | None = None
    relied: int = 0


# of a record only what is wanted is read: a tenth of the time
_HEADERS, _REGION = msgspec.json.Decoder(_Headers), msgspec.json.Decoder(_Region)
_VALIDATORS = {"etag": "etag", "last-modified": "last-modified"}
_CONDITIONS = {"if-none-match": "etag", "if-modified-since": "last-modified"}


def _validators(row: Row) -> dict[str, str]:
    if row["version"] is None or row["version"] != row["current"]:
        return {}
    told = _HEADERS.decode(row["record"])
    again = row["outcome"] == Outcome.NOT_MODIFIED
    names, headers = (_CONDITIONS, told.request_headers) if again else (_VALIDATORS, told.headers)
    return {names[name.lower()]: value for name, value in headers if name.lower() in names}


def headers_of(record: str) -> list[tuple[str, str]]:
    """The headers of the answer that a look's record tells of."""
    return _HEADERS.decode(record).headers
