"""What happens to the seed's article in the demo: realistic edits, found in its text, spread over three later looks. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from storage.types import Block, BlockKind, Content, Form

NUMBER = 71703285
SLUG = "das-gipfeltreffen-von-trump-und-putin-eine-zäsur"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One state of the article and what an onlooker would say happened; ``touch`` moves the declared modification time."""

    said: str
    content: Content
    touch: bool = True


def timeline(seed: Content) -> list[Step]:
    """The states of the article: as saved, then three revisions."""
    saved = replace(
        seed, kicker="Politik | USA", form=Form.PAGE, layout="dw-2026", place=seed.place or "", language="de"
    )
    facts = _swap(
        saved,
        "rund 500 Milliarden US-Dollar (478 Milliarden Euro)",
        "rund 300 Milliarden US-Dollar (287 Milliarden Euro)",
    )
    facts = _swap(facts, "Sergei Rjabkow", "Sergej Lawrow")
    quiet = _swap(facts, "Die Menschen sind sich nicht mehr sicher", "Die Menschen sind sich kaum noch sicher")
    quiet = replace(
        _moved(quiet, "Die Austragung des Gipfels"), headline="Trump und Putin: Ein Gipfel, der alles verändert"
    )
    noted = replace(
        quiet,
        blocks=(
            *quiet.blocks,
            Block(
                kind=BlockKind.NOTE,
                text="In einer früheren Version dieses Artikels stand, die Bodenschätze hätten einen Wert von rund 500 Milliarden "
                "US-Dollar. Richtig sind 300 Milliarden. Wir haben das korrigiert.",
            ),
        ),
    )
    return [
        Step(said="as it was saved", content=saved),
        Step(said="a number and a name are changed", content=facts),
        Step(
            said="a quotation and the headline are changed without a note, a paragraph moves",
            content=quiet,
            touch=False,
        ),
        Step(said="a correction note is added", content=noted),
    ]


def neighbours() -> list[tuple[int, str, Content]]:
    """Invented articles that stand beside it on the site, so that discovery finds more than one."""
    return [
        (71703301, "ein-dorf-schaltet-die-uhren-ab", _invented("Ein Dorf schaltet die Uhren ab", "Mara Lindqvist")),
        (71703302, "nachtzug-nach-tarnow", _invented("Nachtzug nach Tarnow", "Jonas Eberle")),
    ]


def _invented(headline: str, author: str) -> Content:
    texts = (
        "Am Anfang war es nur ein Versuch, sagt die Bürgermeisterin. Dann blieben die Zeiger stehen, und niemand vermisste sie.",
        "Seit drei Wochen richtet sich der Ort nach dem Licht. Die Schule beginnt, wenn die Sonne über dem Kirchturm steht.",
        "Ob der Versuch verlängert wird, entscheidet der Gemeinderat im Herbst.",
    )
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Content(
        headline=headline,
        kicker="Gesellschaft",
        teaser="Eine Reportage.",
        authors=(author,),
        place="",
        language="de",
        blocks=blocks,
    )


def _swap(content: Content, old: str, new: str) -> Content:
    return _where(content, old, lambda block: replace(block, text=block.text.replace(old, new)))


def _where(content: Content, text: str, edit: Callable[[Block], Block]) -> Content:
    """Edit the one block with this text; a seed that has changed must fail loudly, not demonstrate nothing."""
    if sum(text in block.text for block in content.blocks) != 1:
        raise ValueError(f"the seed's article does not contain {text!r} exactly once")
    return replace(content, blocks=tuple(edit(block) if text in block.text else block for block in content.blocks))


def _moved(content: Content, start: str) -> Content:
    """The paragraph that starts so, three paragraphs further up."""
    blocks = list(content.blocks)
    at = next(i for i, block in enumerate(blocks) if block.text.startswith(start))
    blocks.insert(at - 4, blocks.pop(at))
    return replace(content, blocks=tuple(blocks))
