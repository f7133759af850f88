"""Cut every page at every hundredth, in every coding: none of the pieces may become a version.

``python -m tests.faults.cuts --size 100`` cuts at so many places of each page.
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Callable

import brotli
import zstandard

from crawler.reading import open_page, read
from tests.faults import scene
from tests.faults.pages import invented, look, real

Coded = tuple[bytes, list[tuple[str, str]]]  # the body as it would be served whole, and its headers
CODINGS: dict[str, Callable[[bytes], Coded]] = {
    "identity": lambda page: (page, []),
    "identity, length told": lambda page: (page, [("Content-Length", str(len(page)))]),
    "gzip": lambda page: (gzip.compress(page, 6, mtime=0), [("Content-Encoding", "gzip")]),
    "deflate": lambda page: (zlib.compress(page), [("Content-Encoding", "deflate")]),
    "br": lambda page: (brotli.compress(page, quality=4), [("Content-Encoding", "br")]),
    "zstd": lambda page: (zstandard.compress(page), [("Content-Encoding", "zstd")]),
}


def run(size: int, seed: int) -> int:
    """Cut all pages at ``size`` places each, in each coding; the number of the exit."""
    samples = [*invented(), *real()]
    versions, whole = 0, 0
    reasons: Counter[str] = Counter()
    for sample in samples:
        for name, code in CODINGS.items():
            body, headers = code(sample.page.encode("utf-8", "surrogatepass"))
            whole += read(look(sample, body, *headers), None).outcome is None
            for place in range(size):
                ended, _ = open_page(look(sample, body[: len(body) * place // size], *headers))
                reasons[(ended.reason or "")[:48]] += 1
                if ended.outcome is None:
                    versions += 1
                    print(f"ACCEPTED: {sample.name}, {name}, cut at {place}/{size}")
    pieces = len(samples) * len(CODINGS) * size
    for reason, count in reasons.most_common(6):
        print(f"{count:>8}  {reason}")
    expected = len(samples) * len(CODINGS)
    print(f"cut pages: {versions} accepted of {pieces} pieces; target 0; {whole} of {expected} whole pages accepted")
    return 1 if versions or whole < expected else 0


if __name__ == "__main__":
    scene.command("cuts", run, 100)
