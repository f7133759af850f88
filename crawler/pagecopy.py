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

_NUMBERED = re.compile(r"^\d+\.\s+\S")
_BULLET = re.compile(r"^[-*•·‣▪]\s+(?=\S)")
_DURATION = re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?$")
_VIDEO = r"(?:video|vídeo|vidéo|wideo|видео|відео|βίντεο|فيديو|ویدئو|ویډیو|ویڈیو|视频|視頻|影片|वीडियो|ভিডিও|ቪዲዮ)"
_BROWSER = (
    r"(?:browser|javascript|html5|navegador|navigateur|przeglądark|tarayıcı|браузер|браузър|прегледувач|preglednik|pregledač|shfletues|peramban"
    r"|kivinjari|متصفح|مرورگر|براؤزر|浏览器|瀏覽器|ब्राउज़र|ব্রাউজার|πρόγραμμα περιήγησης)"
)
_NO_VIDEO = re.compile(rf"^(?=.*{_VIDEO})(?=.*{_BROWSER}).{{1,220}}$", re.IGNORECASE)
_PICTURE = (
    r"(?:Bildquelle|Bild|Image|Imagen|Imagem|Imagine|Immagine|Fotografi|Fotoğraf|Fotoquelle|Foto|Photo|Picture|Zdjęcie|Görsel|Hoto|Picha|Снимка|Снимок"
    r"|Изображение|Зображення|Фотографија|Фото|Εικόνα|صورة من|صورة|عکس|تصویر|انځور|图像来源|图片来源|圖片來源|图像|图片|तस्वीर|छवि|ছবি|ምስል)"
)
_CREDIT = re.compile(rf"(?<![\s(])\s*({_PICTURE}\s*[::]\s?\S.{{1,160}})$")
_CREDIT_LINE = re.compile(rf"^{_PICTURE}\s*[::]\s?\S.{{1,160}}$")
_END = re.compile(
    r"^(?:Den nächsten Abschnitt .+ überspringen|Mehr zum Thema|Weitere Beiträge anzeigen|Schicken Sie uns Ihr Feedback.*|Themenseiten|Ähnliche Themen"
    r"|Skip next section .+|More on this topic|Explore more|Related topics|Show more(?: stories)?|Send us your feedback.*|DW's Top Story"
    r"|(?:Ir a|Saltar|Omitir) .{0,12}siguiente sección.*|Más sobre el tema|(?:Pular|Saltar|Ignorar|Ir para) .{0,12}próxima (?:seção|secção).*|Mais sobre (?:este assunto|o tema)"
    r"|(?:Passer|Sauter|Ignorer) .{0,12}(?:section|rubrique).*|Plus sur (?:ce thème|ce sujet)|Salta .{0,12}sezione.*|Pomiń .{0,12}(?:sekcję|część).*|Więcej na ten temat"
    r"|(?:Пропустить|Перейти к) .{0,12}следующ\w+ раздел.*|(?:Больше|Ещё|Еще) по теме|(?:Пропустити|Перейти до) .{0,12}наступн\w+ розділ.*|Більше (?:на цю тему|за темою)"
    r"|(?:Sonraki|Bir sonraki) bölüm.*(?:geç|atla).*|Konuyla ilgili diğer haberler|Lewati bagian.*|(?:تخطي?|تجاوز) .{0,12}القسم.*|(?:پرش|رد شدن) از .{0,12}بخش.*|跳过下一.*|अगले .{0,12}(?:छोड़|खंड).*)$",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"^(?:Anzeige|Advertisement|Publicidad|Publicidade|Publicité|Реклама|Reklam|إعلان|广告|Teilen|Share|Compartir|Compartilhar|Partager|Поделиться|Link kopieren|Copy link"
    r"|https://p\.dw\.com/\S+|Zum Inhalt springen|Zur Hauptnavigation springen|Zu weiteren Angeboten der DW springen|Skip to (?:main )?(?:content|menu)|Skip to (?:main )?navigation"
    r"|Skip to more DW sites|Ir al (?:contenido|menú).*|Ir a (?:la navegación|más sitios|otros).*|(?:Ir|Pular|Saltar) para o (?:conteúdo|menu).*|(?:Aller|Passer) au (?:contenu|menu).*|Vai al contenuto"
    r"|Перейти (?:к|до) (?:содержани|основно|главно|другим|змісту|вмісту|головно|інш).*|Przejdź do .*|İçeriğe (?:git|geç|atla)|Ana (?:menüye|navigasyona) .*"
    r"|(?:انتقل|تخط|تجاوز|اذهب) إلى .{0,40}|(?:رفتن|پرش) به .{0,40}|跳(?:转|到|至|过).{0,20}(?:内容|导航|菜单|网站)|सामग्री पर जाएं|Lompat ke .*|Nenda .{0,30}|Μετάβαση .{0,40})$",
    re.IGNORECASE,
)
_SENTENCE_END = tuple(".!:;…。।፡።؛")
_HEADING_LENGTH = 110
_HEAD_GROUPS = 5  # the date stands in one of the first groups


def read_text(text: str) -> Content | None:
    """The article in a text copy; ``None`` when there is no headline followed by text."""
    groups = _until_end(_without_skip_links(list(_groups(text))))
    if len(groups) < 2:
        return None
    headline, byline, published, dated, rest = _header(groups)
    teaser, rest = _teaser(rest, dated=dated)
    authors, place = _people(byline)
    blocks = mark_notes(list(_blocks(rest)))
    if not any(block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) for block in blocks):
        return None
    return Content(
        headline=headline,
        teaser=teaser,
        authors=authors,
        place=place,
        published=published,
        language=guess(text),
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


def _without_skip_links(groups: list[list[str]]) -> list[list[str]]:
    """Above the headline a page has lists of links into itself (numbered in a text dump); furniture may follow anywhere."""
    start = next(
        (
            i
            for i, group in enumerate(groups)
            if not all(_NUMBERED.match(line) or _BULLET.match(line) for line in group)
        ),
        0,
    )
    kept = [[line for line in group if not _FURNITURE.match(line)] for group in groups[start:]]
    return [group for group in kept if group]


def _until_end(groups: list[list[str]]) -> list[list[str]]:
    return next((groups[:i] for i, group in enumerate(groups) if i > 2 and _END.match(group[0])), groups)


def _header(groups: list[list[str]]) -> tuple[str, str | None, str | None, bool, list[list[str]]]:
    """Headline, byline, date, whether there is one, and what follows: all told from the line that is a date."""
    for index, group in enumerate(groups[:_HEAD_GROUPS]):
        for at, line in enumerate(group):
            day = date_in(line)
            if day or (RELATIVE.search(line) and len(line) < _HEADING_LENGTH / 2):
                above = [*groups[:index], group[:at]] if at else groups[:index]
                headline, names = _above_the_date([part for part in above if part])
                after = [rest for rest in group[at + 1 :] if date_in(rest) is None]
                if headline:
                    return (
                        headline,
                        (" | ".join(names) or None),
                        day,
                        True,
                        ([after] if after else []) + groups[index + 1 :],
                    )
    return groups[0][0], None, None, False, ([groups[0][1:]] if len(groups[0]) > 1 else []) + groups[1:]


def _above_the_date(above: list[list[str]]) -> tuple[str, list[str]]:
    """The headline and the names below it; what stands higher is a kicker or a link."""
    if not above:
        return "", []
    if len(above) == 1:
        return above[0][0], above[0][1:]
    if all(_reads_as_name(line) for line in above[-1]):
        return above[-2][-1], above[-1]
    return above[-1][-1], []


def _reads_as_name(line: str) -> bool:
    """Names, an agency, a place: short, no sentence, and in scripts that have capitals each longer word begins with one."""
    words = [word for word in re.split(r"[\s|,/()]+", line) if word]
    small = [word for word in words if len(word) > 3 and word[0].islower()]
    return (
        len(line) <= _HEADING_LENGTH
        and not small
        and not re.search(r"[?!:;…„“”\"«»]|\d", line)
        and len(words) <= 4 * (line.count("|") + line.count(",") + 1)
    )


def _teaser(groups: list[list[str]], *, dated: bool) -> tuple[str | None, list[list[str]]]:
    if dated and groups and len(groups[0]) == 1 and not _CREDIT.search(groups[0][0]):
        return groups[0][0], groups[1:]
    return None, groups


def _people(byline: str | None) -> tuple[tuple[str, ...] | None, str | None]:
    """Authors and place; a copy runs them together, so the place is known only when it is a bureau's city."""
    authors = [name.strip() for name in (byline or "").split("|") if name.strip()]
    if not authors:
        return None, None
    city = next((city for city in BUREAUX if authors[-1].endswith(f" {city}")), None)
    if city:
        authors[-1] = authors[-1].removesuffix(city).strip(" ,()")
    return tuple(authors), city


def _blocks(groups: Sequence[list[str]]) -> Iterator[Block]:
    for group, following in pairwise([*_without_videos(groups), []]):
        if _CREDIT.search(group[-1]) or _CREDIT_LINE.match(group[-1]):
            yield from _figure(group)
            continue
        listed = all(_BULLET.match(line) for line in group)
        for line in group:
            if listed:
                yield Block(kind=BlockKind.LIST_ITEM, text=_BULLET.sub("", line))
            elif _reads_as_heading(line) and (following or line is not group[-1]):
                yield Block(kind=BlockKind.HEADING, text=line, level=2)
            else:
                yield Block(kind=BlockKind.PARAGRAPH, text=line)


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
