"""Text copies of DW articles in several editions, as browsers and text dumps give them. The texts are made up."""

from __future__ import annotations

import pytest

from crawler.copies import read_copy
from crawler.copydates import date_in
from crawler.pagecopy import read_text
from storage.types import Content

ENGLISH = """Skip to content
Skip to main menu
Skip to more DW sites

Ferries return to Kiel

Anna Example Houston
06/14/2026June 14, 2026

For the first time in ten years the night ferry sails again.

A ferry at night
The ferry left on timeImage: Max Example/AFP/Getty Images

The ferry left the harbour on Sunday with two hundred people on board.

A slow start

The harbour, the smallest on the coast, had to be dredged. "We wanted more," said the captain.

- The trip takes nine hours.
- Cabins are sold out

To view this video please enable JavaScript, and consider upgrading to a web browser that supports HTML5 video

But the crew was quickly in control.

Edited by: Max Example

Skip next section Explore more

Explore more

Another story that is not part of this one.
"""
RUSSIAN = """Перейти к содержанию

Паромы снова ходят в Киль

Иван Примеров
3 марта 2025 г.

Впервые за десять лет ночной паром снова в пути.

Паром ночью
Паром вышел вовремяФото: Max Example/REUTERS

Паром вышел из гавани в понедельник. На борту двести человек.

Видео: что дальше?

02:15

Ваш браузер не поддерживает видео.

Второй абзац рассказывает о деталях рейса.
"""
SPANISH = """Ir al contenido

Los ferris vuelven a Kiel

Ana Ejemplo | Luis Ejemplo
24/02/202524 de febrero de 2025

Por primera vez en diez años zarpa el ferri nocturno.

El ferri zarpó el lunes con doscientas personas a bordo.

(efe, reuters)
"""
CHINESE = """跳转至内容

渡轮重返基尔

王明
2025年2月24日

十年来夜间渡轮首次起航。

夜晚的渡轮图像来源: Max Example/REUTERS

渡轮星期一载着两百人离开港口。天气很好。

接下来会怎样?

02:15

第二段讲述了航行的细节。
"""
ARABIC = """العبارات تعود إلى كيل

أحمد مثال
٢٤ فبراير ٢٠٢٥

للمرة الأولى منذ عشر سنوات تبحر العبارة الليلية.

العبارة ليلاصورة من: Max Example/REUTERS

غادرت العبارة الميناء يوم الاثنين. كان على متنها مئتا شخص.
"""
FRESH = """Fähren fahren wieder nach Kiel

Max Muster
vor 3 Stunden

Zum ersten Mal seit zehn Jahren fährt die Nachtfähre.

Die Fähre verließ den Hafen am Sonntag mit zweihundert Menschen an Bord.
"""
COPIES = {"en": ENGLISH, "ru": RUSSIAN, "es": SPANISH, "zh": CHINESE, "ar": ARABIC, "de": FRESH}


def content(language: str) -> Content:
    return read_copy("copy.txt", COPIES[language].encode())[0].content


@pytest.mark.parametrize(
    ("language", "headline", "authors", "place", "published"),
    [
        ("en", "Ferries return to Kiel", ("Anna Example",), "Houston", "2026-06-14"),
        ("ru", "Паромы снова ходят в Киль", ("Иван Примеров",), None, "2025-03-03"),
        ("es", "Los ferris vuelven a Kiel", ("Ana Ejemplo", "Luis Ejemplo"), None, "2025-02-24"),
        ("zh", "渡轮重返基尔", ("王明",), None, "2025-02-24"),
        ("ar", "العبارات تعود إلى كيل", ("أحمد مثال",), None, "2025-02-24"),
        ("de", "Fähren fahren wieder nach Kiel", ("Max Muster",), None, None),
    ],
)
def test_the_header_is_told_from_the_line_that_is_a_date(
    language: str, headline: str, authors: tuple[str, ...], place: str | None, published: str | None
) -> None:
    copy = content(language)
    assert (copy.headline, copy.authors, copy.place, copy.published) == (headline, authors, place, published)
    assert copy.language == language
    assert copy.teaser == COPIES[language].split("\n\n")[2 if language in ("ar", "de") else 3]


@pytest.mark.parametrize(
    ("language", "blocks"),
    [
        (
            "en",
            [
                ("caption", "The ferry left on time"),
                ("credit", "Image: Max Example/AFP/Getty Images"),
                ("paragraph", "The ferry left the harbour on Sunday with two hundred people on board."),
                ("heading", "A slow start"),
                (
                    "paragraph",
                    'The harbour, the smallest on the coast, had to be dredged. "We wanted more," said the captain.',
                ),
                ("list-item", "The trip takes nine hours."),
                ("list-item", "Cabins are sold out"),
                ("paragraph", "But the crew was quickly in control."),
                ("note", "Edited by: Max Example"),
            ],
        ),
        (
            "ru",
            [
                ("caption", "Паром вышел вовремя"),
                ("credit", "Фото: Max Example/REUTERS"),
                ("paragraph", "Паром вышел из гавани в понедельник. На борту двести человек."),
                ("paragraph", "Второй абзац рассказывает о деталях рейса."),
            ],
        ),
        ("es", [("paragraph", "El ferri zarpó el lunes con doscientas personas a bordo."), ("note", "(efe, reuters)")]),
        (
            "zh",
            [
                ("caption", "夜晚的渡轮"),
                ("credit", "图像来源: Max Example/REUTERS"),
                ("paragraph", "渡轮星期一载着两百人离开港口。天气很好。"),
                ("paragraph", "第二段讲述了航行的细节。"),
            ],
        ),
        (
            "ar",
            [
                ("caption", "العبارة ليلا"),
                ("credit", "صورة من: Max Example/REUTERS"),
                ("paragraph", "غادرت العبارة الميناء يوم الاثنين. كان على متنها مئتا شخص."),
            ],
        ),
        ("de", [("paragraph", "Die Fähre verließ den Hafen am Sonntag mit zweihundert Menschen an Bord.")]),
    ],
)
def test_the_text_is_kept_and_furniture_is_not(language: str, blocks: list[tuple[str, str]]) -> None:
    assert [(block.kind.value, block.text) for block in content(language).blocks] == blocks


@pytest.mark.parametrize("language", ["en", "ru", "es"])
def test_skip_links_may_be_missing(language: str) -> None:
    bare = COPIES[language].partition("\n\n")[2]
    assert read_copy("copy.txt", bare.encode())[0].content == content(language)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("24. Februar 2025", "2025-02-24"),
        ("24.02.2025", "2025-02-24"),
        ("30.01.202430. Januar 2024", "2024-01-30"),
        ("01/30/2024January 30, 2024", "2024-01-30"),
        ("24 février 2025", "2025-02-24"),
        ("24 de fevereiro de 2025", "2025-02-24"),
        ("24 лютого 2025 р.", "2025-02-24"),
        ("24 Şubat 2025", "2025-02-24"),
        ("24 lutego 2025", "2025-02-24"),
        ("2025年2月24日", "2025-02-24"),
        ("٢٤ فبراير ٢٠٢٥", "2025-02-24"),
        ("24 फ़रवरी 2025", "2025-02-24"),
        ("31.02.2025", None),
        ("Am 24. Februar 2025 begann der Gipfel von Brüssel", None),
        ("Agenda 2010", None),
    ],
)
def test_dates_are_read_as_the_editions_write_them(line: str, day: str | None) -> None:
    assert date_in(line) == day


@pytest.mark.parametrize("line", ["|", " | ", "①", "²", "|||"])
def test_a_line_of_marks_above_the_date_is_no_name_and_stops_nothing(line: str) -> None:
    text = (
        f"Der Hafen\n\n{line}\n\n24.02.2025\n\nEin Bericht.\n\nAm Morgen liegen Schiffe im Hafen.\n\nEs weht kein Wind."
    )
    content = read_text(text)
    assert content is not None
    assert content.blocks[-1].text == "Es weht kein Wind."
