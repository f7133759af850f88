"""What ``show`` tells of a change: why each rule fired, what the note mentions, whether a new headline stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scheduler.timeline import NUMBER

if TYPE_CHECKING:
    Newsroom = Any


def test_a_change_says_why_in_both_languages_and_as_data(followed: Newsroom) -> None:
    followed.site.revise(NUMBER, followed.steps[1].content)
    (row,) = followed.rows("crawl", followed.url)
    number = str(row["changes"][-1])
    assert "a name differs: “Sergei Rjabkow” became “Sergej Lawrow”" in followed.run("show", number).stdout
    assert (
        "ein Name ist anders: aus „Sergei Rjabkow“ wurde „Sergej Lawrow“"
        in followed.run("show", number, "--lang", "de").stdout
    )
    findings = [finding for edit in followed.rows("show", number)[0]["edits"] for finding in edit["findings"]]
    assert {"name", "amount"} <= {finding["kind"] for finding in findings}
    assert all(finding["reason"] and finding["why"]["en"] and finding["why"]["de"] for finding in findings)


def test_a_headline_says_whether_it_was_there_at_a_second_look(followed: Newsroom) -> None:
    content = replace(followed.steps[0].content, headline="Eine ganz andere Überschrift über dem Text")
    followed.site.revise(NUMBER, content)
    (row,) = followed.rows("crawl", followed.url)
    number = str(row["changes"][-1])
    assert "The newer headline has been seen at one look so far." in followed.run("show", number).stdout
    followed.rows("crawl", followed.url)
    assert "The newer headline was still there at a later look" in followed.run("show", number).stdout
