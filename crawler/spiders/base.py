"""What both spiders share: offline contracts and conditions that come from outside."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from scrapy import Spider

# an answer's validators, and the header that makes the next request conditional on each
CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class OfflineSpider(Spider):
    """A spider whose contracts run without any network.

    ``scrapy check`` sets SCRAPY_CHECK; only then are ``data:`` URLs fetched, so that a contract carries its own page.
    """

    store: Any = None

    @classmethod
    def update_settings(cls, settings: Any) -> None:
        """Let contracts read ``data:`` URLs, and let them keep nothing."""
        super().update_settings(settings)
        if os.environ.get("SCRAPY_CHECK"):
            handlers = {**settings.getdict("DOWNLOAD_HANDLERS")}
            handlers.pop("data", None)
            settings.set("DOWNLOAD_HANDLERS", handlers, priority="spider")
            settings.set("ITEM_PIPELINES", {}, priority="spider")


def listed(text: str | None) -> list[str]:
    """URLs in an argument, separated by white space or by a comma before the next http."""
    return [url for url in re.split(r"\s+|,(?=\s*https?:)", text or "") if url]


def lines_of(path: str | None) -> list[str]:
    """URLs in a file, one a line; blank lines and comments are left out."""
    if not path:
        return []
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
