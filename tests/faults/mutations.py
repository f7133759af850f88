"""Spoil pages in every way a broken or hostile server may: reading ends in time, within memory and without a crash.

``python -m tests.faults.mutations --size 2000`` reads so many spoilt pages.
"""

from __future__ import annotations

import contextlib
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crawler.reading import read
from tests.faults import scene
from tests.faults.pages import invented, look, real

_LINKED = "application/ld+json"
SECONDS, MEBIBYTES = 60.0, 512.0
_SNIPPETS = (
    "<", ">", '"', "'", "&", "&#xD800;", "&#0;", "\x00", "\ud800", "\u202e", "\u200b", "\ufeff", "</article>", "<article>", "</p>",
    "<p>", "<table>", "<svg>", "<template>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "<h1>", "</html>", "</body>",
)  # fmt: skip
Spoil = Callable[[str, random.Random], str]


def _characters(page: str, rng: random.Random) -> str:
    pieces = list(page)
    for _ in range(rng.randrange(1, 60)):
        pieces[rng.randrange(len(pieces))] = rng.choice(_SNIPPETS)
    return "".join(pieces)


def _moved(page: str, rng: random.Random) -> str:
    a, b, c = sorted(rng.randrange(len(page)) for _ in range(3))
    return page[:a] + page[b:c] + page[a:b] + page[c:]


def _repeated(page: str, rng: random.Random) -> str:
    a = rng.randrange(len(page))
    return page[:a] + page[a : a + rng.randrange(1, 400)] * rng.randrange(2, 200) + page[a:]


def _dropped(page: str, rng: random.Random) -> str:
    a = rng.randrange(len(page))
    return page[:a] + page[a + rng.randrange(1, 5000) :]


def _nested(page: str, rng: random.Random) -> str:
    tag, depth = (
        rng.choice(("div", "span", "p", "b", "ul", "table", "blockquote", "article")),
        rng.randrange(50, 20_000),
    )
    at = rng.randrange(len(page))
    return page[:at] + f"<{tag}>" * depth + page[at:]


def _attributes(page: str, rng: random.Random) -> str:
    many = " ".join(f'a{n}="{n}"' for n in range(rng.choice((100, 5000, 200_000))))
    return page.replace("<article", f"<article {many}", 1)


def _entities(page: str, rng: random.Random) -> str:
    at = rng.randrange(len(page))
    return page[:at] + rng.choice(("&amp;", "&#x202e;", "&nbsp;", "&lt;p&gt;")) * rng.randrange(1, 50_000) + page[at:]


def _unclosed(page: str, rng: random.Random) -> str:
    """What opens very often and never closes: a search for the end must not start anew at each."""
    piece = rng.choice(
        ("<script ", '<span class="publication', "<!--", "<a ", "</script><script <svg ", "<style>", _LINKED)
    )
    many = piece * (1_000_000 // len(piece))
    at = page.find("<article") if rng.random() < 0.3 else page.rfind("</article>")
    return page[:at] + many + page[at:]


SPOILS: tuple[Spoil, ...] = (_characters, _moved, _repeated, _dropped, _nested, _attributes, _entities, _unclosed)


def run(size: int, seed: int) -> int:
    """Read ``size`` spoilt pages; the number of the exit."""
    rng, samples = random.Random(seed), [*invented(), *real()]
    outcomes: Counter[str] = Counter()
    crashes, slowest, what = 0, 0.0, ""
    for number in range(size):
        sample, spoil = rng.choice(samples), SPOILS[number % len(SPOILS)]
        body = spoil(sample.page, rng).encode("utf-8", "surrogatepass")
        if body and rng.random() < 0.2:  # bytes too, which no encoding explains
            spoilt = bytearray(body)
            for _ in range(rng.randrange(1, 40)):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            body = bytes(spoilt)
        began = time.perf_counter()
        try:
            ended = read(look(sample, body), None)
            outcomes[ended.outcome.value if ended.outcome else "read"] += 1
        except Exception as error:
            crashes += 1
            print(f"CRASH: {type(error).__name__}: {error} ({sample.name}, {spoil.__name__}, --seed {seed}, {number})")
        took = time.perf_counter() - began
        if took > slowest:
            slowest, what = took, f"{sample.name}, {spoil.__name__}"
    memory = _peak()
    print(", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    print(
        f"mutated pages: {crashes} crashes of {size}; target 0; slowest {slowest:.2f} s ({what}); target {SECONDS:g} s"
    )
    print(f"memory of the process: {memory:.0f} MiB; target {MEBIBYTES:g} MiB")
    return 1 if crashes or slowest > SECONDS or memory > MEBIBYTES else 0


def _peak() -> float:
    """The most memory this process held, in MiB. Not by getrusage where Linux tells: that counts who started it too."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    scene.command("mutations", run, 2000)
