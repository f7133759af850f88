"""An article's body as blocks: trafilatura extracts the text, the page's own structure says what each piece is."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from lxml import etree
from msgspec.structs import replace

from crawler.notes import is_note
from crawler.page import NO_TEXT, classes, compiled, fold, raw_text, text_of
from storage.types import Block, BlockKind

_EMBEDS = frozenset(
    {"embed", "vjs-wrapper", "rich-text-ad", "dw-widget", "image-gallery", "gallery", "yt-wrapper", "mediaItem"}
    | {"imgTeaserL", "imgTeaserM", "standaloneWrap", "gpt-slot", "newsletter", "feedback", "video", "ytWrapper"}
)
_BESIDE = frozenset({"col3", "right"})
_PROMOTIONS = ("preferred source on google", "bevorzugte quelle auf google")
_INLINE = frozenset("span a em strong b i u s q sub sup small mark abbr cite code font time bdi".split())  # noqa: SIM905 - reads as the list it is
# part of a sentence all the same; trafilatura takes them out with what they say
_TAKEN_OUT = "time label output legend picture object canvas map math progress dialog rt rp".split()  # noqa: SIM905
_PROMOTED = b"google"  # in all of them
_NO_LETTERS = re.compile(r"[\W_]+")
_HEADINGS = {"h2": 2, "h3": 3, "h4": 4}
OPTIONS: dict[str, Any] = {
    "fast": True,  # the fallback extractors rewrite short articles
    "favor_precision": True,
    "include_comments": False,
    "include_tables": True,
    "include_formatting": False,
    "deduplicate": False,  # its cache is global: results would depend on what was read before
    "with_metadata": False,
}


def read_body(container: etree._Element) -> list[Block]:
    """The blocks of a body container, captions and credits where they stand, notes marked.

    The text is trafilatura's, on the container alone. A block of the outlet's own container that trafilatura drops
    (a short heading, a last line) is put back where it stands, and says what kind each piece is.
    """
    own = list(_walk(container))
    found = trafilatura_blocks(_without_embeds(container))
    return mark_notes(_united(own, found))


def trafilatura_blocks(page: str) -> list[Block]:
    """What trafilatura finds in a page, as blocks."""
    import trafilatura  # only who reads pages waits for it to load

    document = trafilatura.bare_extraction(page, options=copy.copy(_extractor(**OPTIONS)))
    return list(_converted(document.body)) if document is not None and not isinstance(document, dict) else []


@cache
def _extractor(
    *,
    fast: bool,
    favor_precision: bool,
    include_comments: bool,
    include_tables: bool,
    include_formatting: bool,
    deduplicate: bool,
    with_metadata: bool,
) -> Any:
    """Its settings without limits of its own: time is limited from outside, and short texts are texts."""
    from trafilatura.settings import Extractor, use_config

    config = use_config()
    for name in ("EXTRACTION_TIMEOUT", "MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE"):
        config.set("DEFAULT", name, "0")
    return Extractor(
        config=config,
        output_format="txt",  # the tree is the same in all; "python" makes its text besides, a tenth of the time
        fast=fast,
        precision=favor_precision,
        comments=include_comments,
        tables=include_tables,
        formatting=include_formatting,
        dedup=deduplicate,
        with_metadata=with_metadata,
    )


def _walk(element: etree._Element) -> Iterator[Block]:
    """The blocks in an element; text that stands bare in it, with the inline markup it runs through, is one paragraph."""
    run, links = [element.text or ""], list[str]()
    for child in element:
        if isinstance(child.tag, str) and not is_embed(child):
            if child.tag == "br" or _inline(child):
                run.append(raw_text(child) or " ")
                links += [a.get("href", "") for a in child.iter("a") if a.get("href")]
            else:
                yield from _bare("".join(run), links)
                run, links = [], []
                yield from _block(child)
        run.append(child.tail or "")
    yield from _bare("".join(run), links)


def _bare(text: str, links: Sequence[str]) -> Iterator[Block]:
    if (said := fold(text)) and not _is_promotion(said):
        yield Block(kind=BlockKind.PARAGRAPH, text=said, links=tuple(links))


def _block(element: etree._Element) -> Iterator[Block]:
    if element.tag == "figure" or "picBox" in classes(element):
        yield from captions(element)
    elif element.tag in _HEADINGS:
        yield from _piece(element, BlockKind.HEADING, _HEADINGS[element.tag])
    elif element.tag == "p":
        yield from _piece(element, BlockKind.PARAGRAPH)
    elif element.tag == "li":
        yield from _item(element)
    elif element.tag == "tr":
        cells = [text_of(cell) for cell in element if isinstance(cell.tag, str)]
        yield Block(kind=BlockKind.TABLE_ROW, text=" | ".join(cells), links=())
    elif element.tag == "blockquote":
        said = (BlockKind.PARAGRAPH, BlockKind.NOTE)
        yield from (replace(block, kind=BlockKind.QUOTE) if block.kind in said else block for block in _walk(element))
    else:
        yield from _walk(element)


def _item(element: etree._Element) -> Iterator[Block]:
    """A list item, then the items of a list inside it."""
    text = text_of(element, without=("ul", "ol"))
    if text and not _is_promotion(text):
        links = tuple(a.get("href", "") for a in element.iter("a") if a.get("href"))
        yield Block(kind=BlockKind.LIST_ITEM, text=text, links=links)
    for inner in element.xpath(".//li[count(ancestor::li) = $depth]", depth=len(element.xpath("ancestor-or-self::li"))):
        yield from _item(inner)


def _inline(element: etree._Element) -> bool:
    return element.tag in _INLINE and not element.xpath(".//p|.//h2|.//figure|.//div")


def _piece(element: etree._Element, kind: BlockKind, level: int = 0) -> Iterator[Block]:
    text = text_of(element)
    if text and not _is_promotion(text):
        links = tuple(a.get("href", "") for a in element.iter("a") if a.get("href"))
        italic = kind is BlockKind.PARAGRAPH and _all_italic(element, text)
        yield Block(kind=BlockKind.NOTE if italic else kind, text=text, level=level, links=links)


def _all_italic(element: etree._Element, text: str) -> bool:
    return text == fold(" ".join(text_of(part) for part in element if part.tag in ("em", "i")))


def captions(figure: etree._Element) -> Iterator[Block]:
    """The caption and the credit of a figure, as blocks of their own."""
    image = next((img.get("data-id") or img.get("src") for img in figure.iter("img")), None)
    caption = next(figure.iter("figcaption"), None)
    if caption is None:
        caption = next(figure.iter("p"), None)
    if caption is None:
        return
    text = text_of(caption, without=("small",))
    if text:
        yield Block(kind=BlockKind.CAPTION, text=text, links=(), image=image)
    for small in caption.iter("small"):
        if credit := text_of(small):
            yield Block(kind=BlockKind.CREDIT, text=credit, links=(), image=image)


def is_embed(element: etree._Element) -> bool:
    """Whether an element is furniture among the paragraphs: a video teaser, an advertisement, a widget."""
    if element.tag in NO_TEXT or element.get("hidden") is not None:
        return True
    named = classes(element)
    # classic layout: a teaser box beside the text
    return bool(named) and (not named.isdisjoint(_EMBEDS) or named >= _BESIDE)


def _without_embeds(container: etree._Element) -> str:
    clone = copy.deepcopy(container)
    promoted = _is_promoted(str(compiled("string()")(clone)))  # seldom: then no paragraph need be asked
    for element in list(clone.iter("*")):
        if element is not clone and _is_furniture(element, promoted=promoted):
            _drop(element)
    etree.strip_tags(clone, *_TAKEN_OUT)
    inner = etree.tostring(clone, encoding="unicode", method="html", with_tail=False)
    return f"<html><body><article>{inner}</article></body></html>"


def _drop(element: etree._Element) -> None:
    """Take an element out of its tree; the text behind it stays."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is None:
        parent.text = (parent.text or "") + element.tail
    elif element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _is_furniture(element: etree._Element, *, promoted: bool) -> bool:
    if element.tag == "p" and promoted and _is_promotion(text_of(element)):
        return True
    return element.tag == "figure" or is_embed(element) or "picBox" in classes(element)


def _is_promotion(text: str) -> bool:
    return _is_promoted(text) and any(phrase in text.casefold() for phrase in _PROMOTIONS)


def _is_promoted(text: str) -> bool:
    """Whether the word stands in it that all promotions have; a text in Latin letters with accents takes long to be folded."""
    return _PROMOTED in text.encode("utf-8", "replace").lower()


def _converted(body: Any) -> Iterator[Block]:
    kinds = {"p": BlockKind.PARAGRAPH, "head": BlockKind.HEADING, "item": BlockKind.LIST_ITEM, "quote": BlockKind.QUOTE}
    for element in body.iter("p", "head", "item", "quote", "row"):
        if any(parent.tag in ("item", "quote", "row") for parent in element.iterancestors()):
            continue
        if element.tag == "row":
            text = " | ".join(fold("".join(cell.itertext())) for cell in element)
            yield Block(kind=BlockKind.TABLE_ROW, text=text)
        elif text := fold("".join(element.itertext())):
            level = int(str(element.get("rend", "h2"))[-1:] or 2) if element.tag == "head" else 0
            yield Block(kind=kinds[element.tag], text=text, level=level)


def _united(own: Sequence[Block], found: Sequence[Block]) -> list[Block]:
    """Both readings as one: the container's blocks in their order, and what only trafilatura saw, where it saw it."""
    texts = {block.text for block in own}
    if all(block.text in texts for block in found):
        return list(own)
    keys = [_key(block.text) for block in own]
    places = {key: index + 1 for index, key in reversed(list(enumerate(keys)))}
    known, more, position = "".join(keys), dict[int, list[Block]](), 0
    for block in found:
        key = _key(block.text)
        if key in places:
            position = max(position, places[key])
        elif key not in known:
            more.setdefault(position, []).append(block)
    united = list(more.get(0, ()))
    for index, block in enumerate(own, start=1):
        united += [block, *more.get(index, ())]
    return united


def _key(text: str) -> str:
    return _NO_LETTERS.sub("", text)


def mark_notes(blocks: Sequence[Block]) -> list[Block]:
    """Notes are trailing: italic lines inside the text are paragraphs, and known wordings at the end are notes."""
    marked: list[Block] = []
    trailing = True
    for block in reversed(blocks):
        if block.kind in (BlockKind.NOTE, BlockKind.PARAGRAPH):
            trailing = trailing and (block.kind is BlockKind.NOTE or is_note(block.text))
            kind = BlockKind.NOTE if trailing else BlockKind.PARAGRAPH
            block = Block(kind=kind, text=block.text, level=0, links=block.links, image=block.image)
        elif block.kind not in (BlockKind.CAPTION, BlockKind.CREDIT):
            trailing = False
        marked.append(block)
    return marked[::-1]
