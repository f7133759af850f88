"""The pages: invented articles on the local site, padded to the weight of a real DW page."""

from __future__ import annotations

import random
from dataclasses import replace

from crawler.localsite import Site
from crawler.localsite.edits import scripted
from storage.types import Block, BlockKind, Content

FIRST = 71_000_000
_PADDING = 170_000  # bytes: a real page has 192 to 331 KB, 30 KB of them after gzip
_WORDS = tuple(
    "Hafen Behörde Kontrolle Schiff Container Bericht Woche Minister Sprecherin Prüfung Ladung Zoll Küste Reederei "  # noqa: SIM905
    "Anfang Ergebnis Untersuchung Zeitung Vertrag Bürgermeister Gericht Antrag Verfahren Mitarbeiter Lieferung Grenze".split()
)


class HeavySite(Site):
    """The site with the scripts, styles and drawings that make up most of a real page."""

    _padding = ""

    def answer(self, path, headers):  # type: ignore[no-untyped-def]
        """As the site answers, but for the weight of a page."""
        answer = super().answer(path, headers)
        if answer.status != 200 or not answer.media.startswith("text/html"):
            return answer
        self._padding = self._padding or _padding()
        return replace(answer, body=answer.body.replace(b"</head>", self._padding.encode() + b"</head>", 1))


def _padding() -> str:
    draw = random.Random("padding")
    rules = "".join(
        f".s{draw.randrange(16**6):06x}{{margin:{draw.randrange(64)}px;color:#{draw.randrange(16**6):06x};display:flex;"
        f"grid-template-columns:repeat({draw.randrange(12)},1fr);transition:opacity .2s ease-in-out}}"
        for _ in range(_PADDING // 130)
    )
    return f"<style>{rules}</style>"


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


def edit(site: Site, contents: dict[int, Content], numbers: list[int], draw: random.Random) -> None:
    """One scripted edit in each of these articles."""
    for number in numbers:
        contents[number] = scripted(contents[number], draw).content
        site.revise(number, contents[number])
