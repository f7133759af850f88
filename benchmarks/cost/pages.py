"""The pages: invented articles on the local site, with the weight and the build of a real DW page around them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from msgspec.structs import replace

from crawler.localsite import Site
from crawler.localsite.behaviours import Answer
from crawler.localsite.edits import scripted
from crawler.localsite.server import PACKERS, coding
from storage.types import Block, BlockKind, Content

FIRST = 71_000_000
_WORDS = tuple(
    "Hafen Behörde Kontrolle Schiff Container Bericht Woche Minister Sprecherin Prüfung Ladung Zoll Küste Reederei "  # noqa: SIM905
    "Anfang Ergebnis Untersuchung Zeitung Vertrag Bürgermeister Gericht Antrag Verfahren Mitarbeiter Lieferung Grenze".split()
)
# counted in two saved pages of the layout of 2026 (192 and 331 KB, 49 and 72 KB of it after gzip): what stands before and
# behind the article, in elements and bytes
_STYLES, _STATE = 80_000, 70_000
_METAS, _LINKS, _NAVIGATION = 100, 16, 26  # in the head; in the menus
_TEASERS, _TOPICS, _FOOTER = 12, 6, 14
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" class="{}"><g fill="none" fill-rule="evenodd" stroke="#002D5A" '
    'stroke-width="2"><path d="M4 9L4 16 11 16" transform="rotate(45 7.5 12.5)"></path><path stroke-linecap="square" '
    'd="M3.5 12.5L17.5 12.5M17.5 12.5L17.5 5.5M17.5 5L12 5"></path></g></svg>'
)


class HeavySite(Site):
    """The site with all that surrounds the article on a real page: styles, menus, teasers, the page's own data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ready: dict[str, Answer] = {}

    def prepare(self, paths: Iterable[str]) -> None:
        """Make and pack the next page of each address ahead: packing one takes longer than most tools take to look at it."""
        for path in paths:
            self._ready.pop(path, None)
            answer = self.answer(path, {})
            self._ready[path] = replace(answer, body=PACKERS["gzip"](answer.body), coding="gzip")

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """As the site answers, but for the weight of a page; once as it was prepared."""
        if coding(headers.get("accept-encoding", "")) == "gzip" and (ready := self._ready.pop(path, None)):
            return ready
        answer = super().answer(path, headers)
        if answer.status != 200 or not answer.media.startswith("text/html"):
            return answer
        head, menus, rest = _surroundings()
        body = answer.body.replace(b"</head>", head + b"</head>", 1).replace(b"<main>", menus + b"<main>", 1)
        return replace(answer, body=body.replace(b"</main>", b"</main>" + rest, 1))


@cache
def _surroundings() -> tuple[bytes, bytes, bytes]:
    """What stands in the head, before and behind the article; the same on every page."""
    draw = random.Random("surroundings")
    metas = "".join(f'<meta property="dw:{n}" content="{_sentence(draw)}">' for n in range(_METAS))
    links = "".join(f'<link rel="preload" as="script" href="/static/{_class(draw)}.js">' for _ in range(_LINKS))
    menus = "".join(
        f'<li class="{_classes(draw)}">{_link(draw)}{_ICON.format(_class(draw)) if n % 3 == 0 else ""}</li>'
        for n in range(_NAVIGATION)
    )
    rest = "".join(
        (
            *(_teaser(draw) for _ in range(_TEASERS)),
            f"<aside>{''.join(_link(draw) for _ in range(_TOPICS))}</aside>",
            f"<footer><ul>{''.join(f'<li>{_link(draw)}</li>' for _ in range(_FOOTER))}</ul></footer>",
            f"<script>window.__REST__={_state(draw)};</script>",
        )
    )
    head = f"{metas}{links}<style>{_styles(draw)}</style>"
    return (
        head.encode(),
        f'<header><nav class="{_classes(draw)}"><ul>{menus}</ul></nav></header>'.encode(),
        rest.encode(),
    )


def _styles(draw: random.Random) -> str:
    return "".join(
        f".{_class(draw)}{{margin:{draw.randrange(64)}px;color:#{draw.randrange(16**6):06x};display:flex;"
        f"grid-template-columns:repeat({draw.randrange(12)},1fr);transition:opacity .2s ease-in-out}}"
        for _ in range(_STYLES // 130)
    )


def _state(draw: random.Random) -> str:
    """The page's own data on everything but the article."""
    pieces = [
        {"id": draw.randrange(10**8), "title": _sentence(draw), "teaser": _sentence(draw), "image": _class(draw)}
        for _ in range(_STATE // 330)
    ]
    return json.dumps({"related": pieces}, ensure_ascii=False)


def _teaser(draw: random.Random) -> str:
    return (
        f'<div class="{_classes(draw)}"><div class="{_classes(draw)}"><figure class="{_classes(draw)}"><img src="/image/{draw.randrange(10**8)}_303.jpg" '
        f'alt="{_sentence(draw)}"></figure></div><div class="{_classes(draw)}"><h2 class="{_classes(draw)}">{_link(draw)}</h2>'
        f'<span class="{_classes(draw)}">Hafen</span><p class="{_classes(draw)}">{_sentence(draw)} {_sentence(draw)}</p>'
        f'<time class="{_class(draw)}">0{draw.randrange(1, 9)}.03.2026</time>{_ICON.format(_class(draw))}</div></div>'
    )


def _link(draw: random.Random) -> str:
    said = f"{draw.choice(_WORDS)} {draw.choice(_WORDS)}"
    return f'<a href="/de/hafen/t-{draw.randrange(10**8)}" class="{_classes(draw)}"><span class="{_classes(draw)}">{said}</span></a>'


def _classes(draw: random.Random) -> str:
    return " ".join(_class(draw) for _ in range(8))


def _class(draw: random.Random) -> str:
    return f"sc-{draw.randrange(36**5):06x}"


def article(number: int) -> Content:
    """An article of about 700 words, its own and always the same."""
    draw = random.Random(number)
    body = tuple(Block(kind=BlockKind.PARAGRAPH, text=" ".join(_sentence(draw) for _ in range(5))) for _ in range(14))
    return Content(
        headline=f"{_sentence(draw)[:-1]} {number % 1000}",
        kicker="Hafen",
        teaser=_sentence(draw),
        authors=("Nora Feldkamp",),
        language="de",
        blocks=(
            Block(kind=BlockKind.CAPTION, text=_sentence(draw)),
            Block(kind=BlockKind.CREDIT, text=f"Foto: {_sentence(draw)}"),
            *body[:5],
            Block(kind=BlockKind.HEADING, text="Was jetzt geprüft wird"),
            *body[5:],
            Block(kind=BlockKind.NOTE, text=f"Dieser Artikel wurde am {draw.randrange(1, 28)}. März aktualisiert."),
        ),
    )


def _sentence(draw: random.Random) -> str:
    words = [draw.choice(_WORDS) + draw.choice(_WORDS).lower() for _ in range(9)]
    return f"{words[0]} {draw.randrange(10, 999)} " + " ".join(words[1:]) + "."


def publish(site: Site, count: int) -> list[str]:
    """Put that many articles on the site; their paths."""
    return [site.publish(article(FIRST + n), number=FIRST + n, slug=f"hafen-{n}") for n in range(count)]


def edit(site: Site, contents: dict[int, Content], numbers: Sequence[int], draw: random.Random) -> None:
    """One scripted edit in each of these articles."""
    for number in numbers:
        contents[number] = scripted(contents[number], draw).content
        site.revise(number, contents[number])
