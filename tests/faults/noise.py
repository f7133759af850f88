"""``python -m tests.faults.noise``: the same article with other noise is no change, the smallest edit is one, in all languages.

Noise pairs: one article rendered twice, with everything drawn anew that the layouts vary (hashed classes, nonces, teasers,
advertisements, embeds among the paragraphs, relative times, the state at the page's end) and now and then attributes in
another order. Edits: one character or one word of one field, under noise. Both go the way a look goes in production: first
the region, and only where it is not that of the last look the text.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable

from msgspec.structs import replace

from benchmarks.comparison.texts import LANGUAGES
from crawler.localsite.rendering import Page, jittered, render
from crawler.reading import open_page, read_article
from reports.diff import diff
from storage.content import digest
from storage.types import Block, BlockKind, Content, Look
from tests.faults import scene
from tests.faults.pages import DAY, LAYOUTS, Sample, content, look

ACUTE = "\u0301"


def rich(language: str) -> Content:
    """The article of a language with a block of every kind, and every field filled."""
    plain = content(language)
    texts = [block.text for block in plain.blocks]
    kinds = (BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.NOTE)
    more = [
        Block(kind=kind, text=text[:70].strip(), level=2 if kind is BlockKind.HEADING else 0)
        for kind, text in zip(kinds, texts * 3, strict=False)
    ]
    picture = (
        Block(kind=BlockKind.CAPTION, text=texts[-1][:60].strip()),
        Block(kind=BlockKind.CREDIT, text="Nora Feldkamp/DW"),
    )
    blocks = [*picture, *plain.blocks]
    for at, block in enumerate(more):
        blocks.insert(3 + 2 * at, block)
    headline = str(plain.headline).strip()
    return replace(plain, headline=headline, kicker=texts[0][:12].strip(), place="Kiel", blocks=tuple(blocks))


def rendered(article: Content, layout: str, number: int, rng: random.Random) -> Sample:
    """One answer of the site: everything that may vary drawn from ``rng``."""
    url = f"https://www.dw.com/{article.language}/x/a-{number}"
    # an editor placed the embeds: mostly they stand where they stood at the last request
    embeds = random.Random(number) if rng.random() < 0.7 else None
    page = render(
        Page(
            content=article,
            number=number,
            url=url,
            published=DAY,
            modified=DAY,
            layout=layout,
            noise=rng,
            embeds=embeds,
        )
    )
    return Sample(f"{article.language} {layout}", url, jittered(page, rng) if rng.random() < 0.3 else page)


def seen(sample: Sample, last: Look | None) -> tuple[Look, bool]:
    """The page as a look reads it; whether it was told by its region."""
    plain, page = open_page(look(sample, sample.page.encode("utf-8", "surrogatepass")))
    if last is not None and plain.outcome is None and plain.region and plain.region == last.region:
        return replace(plain, content=last.content), True
    return (plain if plain.outcome else read_article(plain, page, last.content if last else None)), False


def differs(old: Content, new: Content) -> bool:
    """Whether a version would be recorded, and a change with it."""
    return digest(old) != digest(new) and diff(old, new).changed


# one edit of a text: the new text, or the same where there is nothing to act on
Edit = Callable[[str, random.Random], str]


def _at(text: str, rng: random.Random, wanted: Callable[[str], bool]) -> int | None:
    places = [at for at, sign in enumerate(text) if wanted(sign)]
    return rng.choice(places) if places else None


def _swapped(wanted: Callable[[str], bool], into: Callable[[str, random.Random], str]) -> Edit:
    def edit(text: str, rng: random.Random) -> str:
        at = _at(text, rng, wanted)
        return text if at is None else text[:at] + into(text[at], rng) + text[at + 1 :]

    return edit


def _letter(sign: str, rng: random.Random) -> str:
    return rng.choice([other for other in (chr(ord(sign) + 1), chr(ord(sign) - 1)) if other.isalpha()] or ["a"])


EDITS: dict[str, Edit] = {
    "digit": _swapped(str.isdecimal, lambda sign, rng: str((unicodedata.decimal(sign) + rng.randint(1, 9)) % 10)),
    "letter": _swapped(str.isalpha, _letter),
    "case": _swapped(lambda sign: sign.upper() != sign, lambda sign, rng: sign.upper()),
    "mark": _swapped(lambda sign: sign in "aeiou", lambda sign, rng: unicodedata.normalize("NFC", sign + ACUTE)),
    "letter dropped": _swapped(str.isalpha, lambda sign, rng: ""),
    "comma for a point": _swapped(lambda sign: sign in ".,،。।", lambda sign, rng: ";"),
    "sign before a number": _swapped(str.isdecimal, lambda sign, rng: f" -{sign}"),
    "question": _swapped(lambda sign: sign in ".。।።", lambda sign, rng: "?"),
    "word": lambda text, rng: f"{text} {rng.choice(('nicht', 'позже', 'لا', '不', 'नहीं'))}",
    "quotation mark": _swapped(str.isalpha, lambda sign, rng: f"{sign}“"),
}


def edited(article: Content, layout: str, rng: random.Random) -> tuple[str, Content] | None:
    """The article after one edit of one field that the layout shows; ``None`` where there was nothing to act on."""
    name = rng.choice(sorted(EDITS))
    fields = ["headline", "teaser", *["block"] * 6]
    if layout != "dw-classic":
        fields += ["kicker", "place"]
    field = rng.choice(fields)
    if field != "block":
        before = str(getattr(article, field))
        after = EDITS[name](before, rng)
        new = {
            "headline": replace(article, headline=after),
            "teaser": replace(article, teaser=after),
            "kicker": replace(article, kicker=after),
            "place": replace(article, place=after),
        }[field]
        return (f"{name}, {field}", new) if after.strip() != before else None
    shown = [
        at for at, block in enumerate(article.blocks) if layout != "dw-classic" or block.kind is not BlockKind.CREDIT
    ]
    at = rng.choice(shown)
    block = article.blocks[at]
    after = EDITS[name](block.text, rng)
    if after.strip() == block.text or not after.strip():
        return None
    blocks = (*article.blocks[:at], replace(block, text=after), *article.blocks[at + 1 :])
    return f"{name}, {block.kind.value}", replace(article, blocks=blocks)


def run(size: int, edits: int, seed: int) -> int:
    """``size`` pairs that differ by noise alone, and ``edits`` that differ by an edit too; the number of the exit."""
    rng = random.Random(seed)
    articles = [(rich(language), layout) for language in LANGUAGES for layout in LAYOUTS]
    false, by_region, missed, done = 0, 0, 0, 0
    kinds: Counter[str] = Counter()
    firsts: dict[int, Look] = {}
    for n in range(size + edits):
        which = n % len(articles)
        article, layout = articles[which]
        number = 74_000_000 + which
        if which not in firsts or rng.random() < 0.05:
            firsts[which], _ = seen(rendered(article, layout, number, rng), None)
        first = firsts[which]
        if first.outcome or first.content is None:
            print(f"SET ASIDE: {article.language} {layout}: {first.reason}")
            return 1
        if n < size:
            again, told = seen(rendered(article, layout, number, rng), first)
            by_region += told
            if again.outcome or again.content is None or differs(first.content, again.content):
                false += 1
                print(f"FALSE: {article.language} {layout}: {again.reason or 'a change'}")
            continue
        change = None
        while change is None:
            change = edited(article, layout, rng)
        name, new = change
        after, told = seen(rendered(new, layout, number, rng), first)
        done += 1
        kinds[name.partition(",")[0]] += 1
        if told or after.outcome or after.content is None or not differs(first.content, after.content):
            missed += 1
            print(
                f"MISSED: {article.language} {layout}: {name}: {'told by the region' if told else after.reason or 'no change'}"
            )
    print(f"edits: {dict(sorted(kinds.items()))}")
    print(
        f"noise: {false} false of {size} pairs ({by_region} told by the region); target 0; "
        f"{missed} missed of {done} edits; target 0"
    )
    return 1 if false or missed else 0


if __name__ == "__main__":
    scene.command("noise", run, 1000, edits=200)
