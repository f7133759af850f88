"""What a server or a saved copy calls a number or a date need not be one; nothing ends over it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.copydates import date_in
from crawler.discovery import read_source
from crawler.middlewares.retryafter import seconds_asked

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MONTH = 30 * 86400.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("²", None),
        ("٧", None),
        ("-5", None),
        ("9" * 5000, MONTH),
        ("Mon, 02 Mar 2026 00:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 00:00:00 +9999999999999999", None),
        ("Wed, 21 Oct 2126 07:28:00 GMT", MONTH),
    ],
)
def test_a_retry_after_is_a_number_a_date_or_nothing(told: str, seconds: float | None) -> None:
    assert seconds_asked(told, NOW) == seconds


@pytest.mark.parametrize("line", ["² Februar 2025", "24 Februar ²", "m² Land"])
def test_a_line_of_a_copy_with_a_raised_number_is_no_date(line: str) -> None:
    assert date_in(line) is None


@pytest.mark.parametrize(
    "date",
    [
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2026-99-99",
        "Mon, 01 Jan 2026 00:00:00 +9999999999999999",
    ],
)
def test_an_entry_with_an_impossible_date_hides_no_other(date: str) -> None:
    entries = "".join(
        f"<url><loc>https://www.dw.com/de/x/a-{number}</loc><lastmod>{told}</lastmod></url>"
        for number, told in ((71703301, date), (71703302, "2026-03-02T08:00:00Z"))
    )
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    found = read_source(sitemap.encode(), "https://www.dw.com/sitemap.xml")
    assert (found.problem, [entry.article.id for entry in found.entries]) == (None, ["a-71703301", "a-71703302"])
