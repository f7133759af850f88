"""A change as a picture of 1200 x 630: headline, the words that changed, the sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from reports import wording
from reports.summary import summarise
from reports.views import direction, heaviest, only_invisible, shown, teased
from storage.types import Change, EditOp, Span, SpanOp

SIZE = (1200, 630)
_PAPER, _INK, _FAINT, _RULE = "#fffdf8", "#1a1815", "#5a554c", "#d8d2c4"
_COLOURS = {SpanOp.KEEP: (_INK, None), SpanOp.ADD: ("#0a3d91", "#e3edfb"), SpanOp.DROP: ("#7a3b00", "#fbeedd")}
_MARGIN, _BOTTOM = 72, 540

# fonts as distributions name them; without any, Pillow's own, which knows Latin letters only
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
)
_SCRIPTS = {
    "ARABIC": "NotoSansArabic-Regular.ttf",
    "DEVANAGARI": "NotoSansDevanagari-Regular.ttf",
    "ETHIOPIC": "NotoSansEthiopic-Regular.ttf",
    "BENGALI": "NotoSansBengali-Regular.ttf",
    "CJK": "NotoSansCJK-Regular.ttc",
    "HIRAGANA": "NotoSansCJK-Regular.ttc",
    "HANGUL": "NotoSansCJK-Regular.ttc",
    "TAMIL": "NotoSansTamil-Regular.ttf",
    "HEBREW": "NotoSansHebrew-Regular.ttf",
}
_EUROPEAN = ("CYRILLIC", "GREEK")  # in the fonts below, not in Pillow's own
_LATIN = ("NotoSerif-Regular.ttf", "DejaVuSerif.ttf", "LiberationSerif-Regular.ttf")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class _Word:
    text: str
    op: SpanOp


def draw(change: Change, language: str, outlet: str) -> bytes:
    """The picture as PNG. Words of a script for which this machine has no font are left out, never drawn as boxes."""
    image = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 14, SIZE[1]), fill=_INK)
    pen.text((_MARGIN, 56), f"Zäsur  ·  {outlet}", font=_font("", 28), fill=_FAINT)
    y = _headline(pen, change)
    _edit(pen, change, y + 28)
    pen.line((_MARGIN, _BOTTOM, SIZE[0] - _MARGIN, _BOTTOM), fill=_RULE, width=2)
    label = wording.weight(change.assessment.weight, language).upper()
    sentence = f"{label}  ·  {summarise(change.assessment, language)}"
    lines = list(_lines([_Word(word, SpanOp.KEEP) for word in sentence.split()], _font("", 26), SIZE[0] - 2 * _MARGIN))
    for index, line in enumerate(lines[:2]):
        text = " ".join(word.text for word in line)
        pen.text((_MARGIN, _BOTTOM + 14 + 34 * index), text, font=_font("", 26), fill=_INK)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def described(change: Change, language: str) -> str:
    """The picture in words."""
    return f"{shown(change.headline)}: {summarise(change.assessment, language)}"


def _headline(pen: ImageDraw.ImageDraw, change: Change) -> int:
    words = [_Word(word, SpanOp.KEEP) for word in shown(change.headline).split()]
    return _paragraph(pen, words, 108, size=50, most=3, rtl=direction(change.language, change.headline) == "rtl")


def _edit(pen: ImageDraw.ImageDraw, change: Change, y: int) -> None:
    edit = heaviest(change.assessment)
    if edit is None or edit.op is EditOp.KEEP:
        return
    words = [_Word(word, span.op) for span in teased(edit.spans) for word in _shown(span).split()]
    size, gap = 32, 46
    _paragraph(
        pen,
        words,
        y,
        size=size,
        most=max(1, (_BOTTOM - 12 - y) // gap),
        rtl=direction(change.language, change.headline) == "rtl",
    )


def _shown(span: Span) -> str:
    return shown(span.text, marked=only_invisible(span))


def _paragraph(pen: ImageDraw.ImageDraw, words: list[_Word], y: int, *, size: int, most: int, rtl: bool) -> int:
    """Set words in lines, marked as on the pages; returns where the next thing may begin."""
    font = _font(_script(words), size)
    if font is None:
        return y
    words = [word for word in words if _has(font, word, size)]
    lines = list(_lines(words, font, SIZE[0] - 2 * _MARGIN))
    if len(lines) > most:
        lines = [*lines[: most - 1], [*lines[most - 1][:-1], _Word("…", SpanOp.KEEP)]]
    space = font.getlength(" ") or size / 4
    for line in lines:
        x = float(SIZE[0] - _MARGIN if rtl else _MARGIN)
        for word in line:
            width = font.getlength(word.text)
            left = x - width if rtl else x
            _word(pen, word, (left, y), width, size, font)
            x = left - space if rtl else left + width + space
        y += round(size * 1.42)
    return y


def _has(font: Font, word: _Word, size: int) -> bool:
    """Whether a font can set a word: its script is the font's, or Latin letters, which all have."""
    scripts = {_script([_Word(character, word.op)]) for character in word.text} - {""}
    return all(_font(script, size) is font or script == "LATIN" for script in scripts)


def _word(pen: ImageDraw.ImageDraw, word: _Word, at: tuple[float, float], width: float, size: int, font: Font) -> None:
    x, y = at
    ink, ground = _COLOURS[word.op]
    if ground:
        pen.rectangle((x - 3, y - 1, x + width + 3, y + _baseline(font, size) + size * 0.3), fill=ground)
    pen.text((x, y), word.text, font=font, fill=ink)
    if word.op is not SpanOp.KEEP:
        line = y + _baseline(font, size) + size * (0.2 if word.op is SpanOp.ADD else -0.3)
        pen.line((x, line, x + width, line), fill=ink, width=3)


def _baseline(font: Font, size: int) -> float:
    """How far below its place a word stands; in Arabic fonts further than in Latin ones."""
    return font.getmetrics()[0] if isinstance(font, ImageFont.FreeTypeFont) else size


def _lines(words: list[_Word], font: Font | None, room: int) -> Iterator[list[_Word]]:
    if font is None:
        return
    line: list[_Word] = []
    used = 0.0
    space = font.getlength(" ")
    for word in _fitting(words, font, room):
        width = font.getlength(word.text)
        if line and used + width > room:
            yield line
            line, used = [], 0.0
        line.append(word)
        used += width + space
    if line:
        yield line


def _fitting(words: list[_Word], font: Font, room: int) -> Iterator[_Word]:
    """The words, cut where one alone is wider than a line; scripts without spaces have such words."""
    for word in words:
        text = word.text
        while font.getlength(text) > room:
            cut = max(1, int(len(text) * room / font.getlength(text)) - 1)
            yield _Word(text[:cut], word.op)
            text = text[cut:]
        yield _Word(text, word.op)


def _script(words: list[_Word]) -> str:
    for word in words:
        for character in word.text:
            if unicodedata.category(character).startswith("L"):
                return unicodedata.name(character, "").split(" ")[0]
    return ""


@cache
def _font(script: str, size: int) -> Font | None:
    if script in ("", "LATIN", *_EUROPEAN):
        return _first(_LATIN, size) or (None if script in _EUROPEAN else ImageFont.load_default(size))
    return _first([_SCRIPTS[script]] if script in _SCRIPTS else [], size)


def _first(names: Sequence[str], size: int) -> Font | None:
    """The first of these fonts that is installed."""
    path = next(filter(None, map(_installed, names)), None)
    return _opened(path, size) if path else None


@cache
def _opened(path: str, size: int) -> Font:
    return ImageFont.truetype(path, size)


@cache
def _installed(name: str) -> str | None:
    return next((str(found) for folder in _FOLDERS for found in sorted(folder.rglob(name))), None)
