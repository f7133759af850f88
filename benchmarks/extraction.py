"""Does extraction keep every paragraph of the real DW pages and nothing else? Ours beside plain trafilatura and resiliparse.

Run with ``ZAESUR_TEST_DATA=FOLDER python -m benchmarks.extraction``. Exits 1 when ours misses or adds anything.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trafilatura
from rich.console import Console
from rich.table import Table

from crawler.extraction import extract
from storage.types import BlockKind

Reader = Callable[[str, str], list[str]]
_RUNS = 3


def ours(page: str, url: str) -> list[str]:
    """The teaser and every block that is not a caption."""
    content = extract(page, url)
    return [content.teaser or ""] + [
        b.text for b in content.blocks if b.kind not in (BlockKind.CAPTION, BlockKind.CREDIT)
    ]


def plain_trafilatura(page: str, url: str) -> list[str]:
    """trafilatura's own defaults on the whole page."""
    return (trafilatura.extract(page, url=url) or "").split("\n")


def fast_trafilatura(page: str, url: str) -> list[str]:
    """trafilatura, fast and precise, on the whole page."""
    return (trafilatura.extract(page, url=url, fast=True, favor_precision=True) or "").split("\n")


def resiliparse(page: str, url: str) -> list[str]:
    """resiliparse's main content."""
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError:
        return []
    return str(extract_plain_text(page, main_content=True)).split("\n")


READERS: dict[str, Reader] = {
    "zaesur": ours,
    "trafilatura, default": plain_trafilatura,
    "trafilatura, fast + precision": fast_trafilatura,
    "resiliparse, main content": resiliparse,
}


def main() -> int:
    """Print the table; 0 when ours is complete and clean on every page."""
    folder = Path(os.environ.get("ZAESUR_TEST_DATA", "")) / "dw"
    if not (folder / "manifest.json").is_file():
        sys.stderr.write("name the folder with the sample pages in ZAESUR_TEST_DATA\n")
        return 2
    pages = [p for p in json.loads((folder / "manifest.json").read_text(encoding="utf-8")) if _expected(p)]
    table = Table("page", "reader", "expected", "found in order", "missing", "extra", "ms", "ratio")
    perfect = True
    for page in pages:
        source = (folder / page["file"]).read_text(encoding="utf-8")
        base = 0.0
        for name, reader in READERS.items():
            found, milliseconds = _timed(reader, source, page["url"])
            base = base or milliseconds
            missing, extra, in_order = _score(_expected(page), found)
            perfect = perfect and (name != "zaesur" or (missing == extra == 0 and in_order))
            kept = len(_expected(page)) - missing
            row = (page["id"], name, len(_expected(page)), kept if in_order else f"{kept} (order!)", missing, extra)
            table.add_row(*map(str, row), f"{milliseconds:.1f}", f"{milliseconds / base:.2f}")
    Console(width=100).print(table)
    return 0 if perfect else 1


def _expected(page: dict[str, Any]) -> list[str]:
    text = (page.get("gold") or {}).get("text") or page.get("silver_text") or ""
    return [_plain(part) for part in text.split("\n\n") if part]


def _timed(reader: Reader, page: str, url: str) -> tuple[list[str], float]:
    best, found = float("inf"), list[str]()
    for _ in range(_RUNS):
        start = time.process_time()
        found = reader(page, url)
        best = min(best, time.process_time() - start)
    return [_plain(text) for text in found if _plain(text)], best * 1000


def _score(expected: list[str], found: list[str]) -> tuple[int, int, bool]:
    """How many expected pieces are missing, how many found ones are not expected, and whether the rest is in order."""
    missing = [text for text in expected if text not in found]
    places = [found.index(text) for text in expected if text in found]
    extra = [text for text in found if text not in expected and not any(text in piece for piece in expected)]
    return len(missing), len(extra), places == sorted(places)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lstrip("-• ").strip()


if __name__ == "__main__":
    sys.exit(main())
