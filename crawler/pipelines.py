"""Every look that a spider brings is recorded here, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from storage import Recorded, Store
from storage.types import Look


class RecordPipeline:
    """Records looks; what it passes on is the row that ``zaesur crawl --json`` prints."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._own: Store | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> RecordPipeline:
        """Scrapy's way to make a component."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Use the spider's store; a spider run by hand opens the database named by ZAESUR_DB."""
        spider = self._crawler.spider
        if getattr(spider, "store", None) is None:
            self._own = spider.store = Store.open(Path(os.environ.get("ZAESUR_DB") or "zaesur.db"))
            spider.run = self._own.start_run(f"scrapy crawl {spider.name}")

    def close_spider(self) -> None:
        """Close what was opened here."""
        if self._own:
            self._own.close()

    def process_item(self, item: Any) -> Any:
        """Record a look; other items pass."""
        if not isinstance(item, Look):
            return item
        spider = self._crawler.spider
        result = row(item, spider.store.record(item, run=spider.run))
        spider.rows.append(result)
        return result


def row(look: Look, recorded: Recorded) -> dict[str, Any]:
    """A look as one row; ``changes`` is filled by whoever compares."""
    capture = recorded.capture
    return {
        "url": look.requested_url,
        "article": capture.article,
        "outcome": capture.outcome.value,
        "http_status": capture.status,
        "version": capture.version,
        "changes": [],
        "reason": capture.reason,
    }
