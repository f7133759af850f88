"""Read a page copied as text: what a browser's "select all, copy" or a text dump leaves of an article.

The shape is dw.com's: skip links, headline, byline and date, teaser, figures (alternative text above, credit glued to the caption), text
with video teasers between, notes, then furniture. What a copy cannot carry (kicker, links, pictures) is absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from crawler.body import mark_notes
from crawler.copydates import RELATIVE, date_in
from crawler.copylanguage import BUREAUX, guess
from crawler.page import fold
from storage.types import Block, BlockKind, Content, Form

_LIST_LINE = re.compile(r"^\s*(?:\d+\.|[*•·-])\s+\S")
_DURATION = re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?$")
_NO_VIDEO = re.compile(r"browser (does not|doesn't) support|unterstützt .{0,40}video|enable javascript", re.IGNORECASE)
_CREDIT = re.compile(
    r"(?<![\s(])\s*((?:Bild|Image|Foto|Photo|Picture|Imagen|Imagem|Immagine|Zdjęcie|Görsel|Fotoğraf|Foto|Фото|Изображение|Зображення|صورة|عکس|图像|图片|तस्वीर|छवि|ছবি)"
    r"\s*[::]\s?\S.{1,160})$"
)
_CREDIT_LINE = re.compile(r"^(?:Bild|Image|Foto|Photo|Imagen|Imagem|Фото|Görsel|صورة|عکس|图像)\s*[::]\s?\S.{1,160}$")
_END = re.compile(
    r"^(Den nächsten Abschnitt .+ überspringen|Mehr zum Thema|Weitere Beiträge anzeigen|Schicken Sie uns Ihr Feedback|Themenseiten|"
    r"Skip next section .+|More on this topic|Related topics|Show more( stories)?|Send us your feedback|Ir a la siguiente sección.*|"
    r"Перейти к следующему разделу.*|Sonraki bölüme geç.*)",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"^(Anzeige|Advertisement|Teilen|Share|Link kopieren|Copy link|https://p\.dw\.com/\S+|Zum Inhalt springen|Skip to content|"
    r"Zur Hauptnavigation springen|Zu weiteren Angeboten der DW springen|Skip to main menu|Skip to more DW sites)$",
    re.IGNORECASE,
)
_SENTENCE_END = tuple(".!:;…。।፡።؛")
_HEADING_LENGTH = 110
_HEAD_GROUPS = 4  # the byline and the date stand within so many groups below the headline


def read_text(text: str) -> Content | None:
    """The article in a text copy; ``None`` when there is no headline followed by text."""
    groups = [group for group in _groups(text) if not _is_furniture(group)]
    groups = _until_end(groups)
    if len(groups) < 2:
        return None
    headline, rest = groups[0][0], ([groups[0][1:]] if len(groups[0]) > 1 else []) + groups[1:]
    byline, published, rest = _byline(rest)
    teaser, rest = _teaser(rest, dated=published is not None or byline is not None)
    language = guess(text)
    authors, place = _people(byline)
    blocks = mark_notes(list(_blocks(rest)))
    if not any(block.kind is BlockKind.PARAGRAPH for block in blocks):
        return None
    return Content(
        headline=headline,
        teaser=teaser,
        authors=authors,
        place=place,
        published=published,
        language=language,
        blocks=tuple(Block(kind=b.kind, text=b.text, level=b.level) for b in blocks),
        form=Form.TEXT,
        layout="copy",
    )


def _groups(text: str) -> Iterator[list[str]]:
    """Lines between blank lines, folded."""
    group: list[str] = []
    for line in text.splitlines():
        if fold(line):
            group.append(fold(line))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _is_furniture(group: Sequence[str]) -> bool:
    skip_links = all(_LIST_LINE.match(line) and _FURNITURE.match(line.partition(" ")[2]) for line in group)
    return skip_links or all(_FURNITURE.match(line) for line in group)


def _until_end(groups: list[list[str]]) -> list[list[str]]:
    return next((groups[:i] for i, group in enumerate(groups) if i > 2 and _END.match(group[0])), groups)


def _byline(groups: list[list[str]]) -> tuple[str | None, str | None, list[list[str]]]:
    """Who and when: the lines up to the one that is a date."""
    for index, group in enumerate(groups[:_HEAD_GROUPS]):
        for line_number, line in enumerate(group):
            day = date_in(line)
            if day or (RELATIVE.search(line) and len(line) < 40):
                lines = [name for earlier in groups[:index] for name in earlier] + group[:line_number]
                names = [name for name in lines if date_in(name) is None]
                after = [rest for rest in group[line_number + 1 :] if date_in(rest) is None]
                remaining = ([after] if after else []) + groups[index + 1 :]
                return (" | ".join(names) or None), day, remaining
    return None, None, groups


def _teaser(groups: list[list[str]], *, dated: bool) -> tuple[str | None, list[list[str]]]:
    if dated and groups and len(groups[0]) == 1 and not _CREDIT.search(groups[0][0]):
        return groups[0][0], groups[1:]
    return None, groups


def _people(byline: str | None) -> tuple[tuple[str, ...] | None, str | None]:
    """Authors and place; a copy runs them together, so the place is known only when it is a bureau's city."""
    if not byline:
        return None, None
    authors = [name.strip() for name in byline.split("|") if name.strip()]
    city = next((city for city in BUREAUX if authors[-1].endswith(f" {city}")), None)
    if city:
        authors[-1] = authors[-1].removesuffix(city).strip(" ,()")
    return tuple(authors), city


def _blocks(groups: Sequence[list[str]]) -> Iterator[Block]:
    pieces = [group for group in _without_videos(groups) if not all(_FURNITURE.match(line) for line in group)]
    for group, following in pairwise([*pieces, []]):
        if _CREDIT.search(group[-1]) or _CREDIT_LINE.match(group[-1]):
            yield from _figure(group)
            continue
        for line in group:
            last = line is group[-1] and not following
            yield _heading(line) if _reads_as_heading(line) and not last else Block(kind=BlockKind.PARAGRAPH, text=line)


def _without_videos(groups: Sequence[list[str]]) -> list[list[str]]:
    """Drop video teasers: a title, a duration, the sentence of a browser without video, in one group or three."""
    kept: list[list[str]] = []
    for group in groups:
        lines = [line for line in group if not _NO_VIDEO.search(line)]
        if any(_DURATION.match(line) for line in lines):
            at = next(i for i, line in enumerate(lines) if _DURATION.match(line))
            if at:
                lines = lines[: at - 1] + lines[at + 1 :]
            else:
                lines = lines[1:]
                _drop_title(kept)
        if lines:
            kept.append(lines)
    return kept


def _drop_title(kept: list[list[str]]) -> None:
    if kept and not kept[-1][-1].endswith("."):
        kept[-1].pop()
        if not kept[-1]:
            kept.pop()


def _figure(group: Sequence[str]) -> Iterator[Block]:
    """A caption and its credit; lines above them are the picture's alternative text, not text of the article."""
    line = group[-1]
    if _CREDIT_LINE.match(line):
        caption, credit = (group[-2] if len(group) > 1 else ""), line
    else:
        match = _CREDIT.search(line)
        caption, credit = (line[: match.start()], match.group(1)) if match else (line, "")
    if fold(caption):
        yield Block(kind=BlockKind.CAPTION, text=fold(caption))
    if credit:
        yield Block(kind=BlockKind.CREDIT, text=fold(credit))


def _reads_as_heading(line: str) -> bool:
    return len(line) <= _HEADING_LENGTH and not line.endswith(_SENTENCE_END)


def _heading(line: str) -> Block:
    return Block(kind=BlockKind.HEADING, text=line, level=2)
