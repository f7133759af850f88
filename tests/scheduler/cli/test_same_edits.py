"""The same edit on many pages: one line in the list, every change in the JSON, all of them on demand."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from storage.types import Block, BlockKind, Content

if TYPE_CHECKING:
    Newsroom = Any

AGENCY = "Bei dem Beben kamen nach Angaben der Behörden {} Menschen ums Leben, viele wurden verletzt."
NUMBERS = (71900001, 71900002, 71900003)


def article(number: int, dead: int) -> Content:
    own = (
        f"Reportage {number}: In den Dörfern am Hang warten die Leute auf Hilfe und auf Nachricht.",
        "Die Straßen sind gesperrt, und der Regen hört seit Tagen nicht auf.",
        AGENCY.format(dead),
    )
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in own)
    return Content(
        headline=f"Das Beben, Teil {number}", kicker="Welt", teaser="Die Erde hat gebebt.", language="de", blocks=blocks
    )


def publish(newsroom: Newsroom) -> list[str]:
    urls = [
        newsroom.base_url + newsroom.site.publish(article(number, 12), number=number, slug=f"beben-{number}")
        for number in NUMBERS
    ]
    assert {row["outcome"] for row in newsroom.rows("crawl", *urls)} == {"new"}
    return urls


def test_one_edit_on_three_pages_is_one_line_and_three_rows(newsroom: Newsroom) -> None:
    urls = publish(newsroom)
    for number in NUMBERS:
        newsroom.site.revise(number, article(number, 21))
    assert {row["outcome"] for row in newsroom.rows("crawl", *urls)} == {"changed"}
    rows = newsroom.rows("changes")
    assert len(rows) == 3
    listed = newsroom.run("changes").stdout
    assert listed.count("Das Beben, Teil") == 1
    assert "the same edit in 3 articles: zaesur changes --same" in " ".join(listed.split())
    one = str(rows[0]["id"])
    assert {row["id"] for row in newsroom.rows("changes", "--same", one)} == {row["id"] for row in rows[1:]}
    assert "the same edit in 3 articles" in newsroom.run("show", one).stdout


def test_a_page_that_changed_in_more_than_that_keeps_its_line(newsroom: Newsroom) -> None:
    urls = publish(newsroom)
    for number in NUMBERS:
        newsroom.site.revise(number, article(number, 21))
    more = article(NUMBERS[2], 21)
    first, *rest = more.blocks
    more = replace(more, blocks=(replace(first, text="Reportage: Alles ist anders, als es gestern schien."), *rest))
    newsroom.site.revise(NUMBERS[2], more)
    newsroom.rows("crawl", *urls)
    listed = newsroom.run("changes").stdout
    assert listed.count("Das Beben, Teil") == 2
    other = next(str(row["id"]) for row in newsroom.rows("changes") if row["article"].endswith(str(NUMBERS[2])))
    assert len(newsroom.rows("changes", "--same", other)) == 2


def test_digests_that_an_older_program_did_not_make_are_made_with_the_next_look(newsroom: Newsroom) -> None:
    urls = publish(newsroom)
    for number in NUMBERS:
        newsroom.site.revise(number, article(number, 21))
    newsroom.rows("crawl", *urls)
    with sqlite3.connect(newsroom.folder / "zaesur.db") as db:
        db.execute("DELETE FROM change_edits")
    db.close()
    assert newsroom.rows("changes", "--same", "1") == []
    newsroom.rows("crawl", urls[0])
    assert len(newsroom.rows("changes", "--same", "1")) == 2


def test_an_unknown_change_is_said_in_one_line(newsroom: Newsroom) -> None:
    publish(newsroom)
    found = newsroom.run("changes", "--same", "99")
    assert found.returncode == 2
    assert "there is no change 99" in found.stderr
