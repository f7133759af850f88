"""dw.com until June 2023: ``longText``, ``intro``, facts in a ``smallList``.

The classic page has no kicker like today's, no place and no credits of its own: these fields are absent.
"""

from __future__ import annotations

from lxml import etree

from crawler.body import captions, mark_notes, read_body
from crawler.page import canonical_link, declared_time, first, fold, has_class, meta, text_of
from storage.types import Block, Content

_AUTHOR = ("autor", "author", "автор", "auteur", "yazar", "autora", "المؤلف", "کاتب", "作者")
_LONG = f"//div[{has_class('longText')}][not(ancestor::div[{has_class('longText')}])][not(ancestor::*[{has_class('gallery')}])]"
_SIDE = f"ancestor::*[{has_class('gallery')} or {has_class('right')}]"


def matches(root: etree._Element) -> bool:
    """Whether this is an article page of the classic era; its video and audio pages have a lead but no long text."""
    if first(root, "//h1") is None:
        return False
    return (
        first(root, _LONG) is not None
        or first(root, f"//*[{has_class('col3')}][.//h1]//p[{has_class('intro')}]") is not None
    )


def read(root: etree._Element, page: str, number: str) -> Content:
    """Read the article."""
    title = first(root, f"//*[{has_class('col3')}]//h1")
    if title is None:
        title = root.xpath("//h1")[0]
    intro = first(root, f"//p[{has_class('intro')}]")
    facts = _facts(root)
    author = next((value for name, value in facts.items() if any(part in name.casefold() for part in _AUTHOR)), "")
    return Content(
        headline=text_of(title),
        teaser=text_of(intro) if intro is not None else "",
        authors=tuple(fold(name) for name in author.replace("|", ",").split(",") if fold(name)),
        published=next((day for value in facts.values() if (day := declared_time(value))), None),
        language=(root.get("lang") or meta(root, "language") or "").replace("_", "-").split("-")[0],
        blocks=tuple(_blocks(root)),
        layout="dw-classic",
        canonical_url=canonical_link(root),
    )


def _facts(root: etree._Element) -> dict[str, str]:
    """The fact box: ``Datum`` and ``Autorin/Autor`` among others, in the edition's language."""
    facts: dict[str, str] = {}
    for item in root.xpath(f"//ul[{has_class('smallList')}]/li"):
        label = first(item, "./strong")
        if label is not None:
            facts.setdefault(text_of(label), fold("".join([label.tail or ""])))
    return facts


def _blocks(root: etree._Element) -> list[Block]:
    outside = root.xpath(f"//div[{has_class('picBox')}][not(ancestor::div[{has_class('longText')}])][not({_SIDE})]")
    lead = [block for figure in outside for block in captions(figure)]
    return mark_notes([*lead, *(block for body in root.xpath(_LONG) for block in read_body(body))])
