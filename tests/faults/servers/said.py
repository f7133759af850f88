"""Faults of what is said: answers 200 with a page that is not the article, or not the article as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from storage.types import Block, BlockKind
from tests.faults.servers.fault import Fault, answer, says
from tests.faults.servers.wire import Pieces, Told, http

# what pages in an article's place call themselves
HEADLINES = {
    "soft 404 in German": "404 - Seite nicht gefunden",
    "soft 404 in English": "Page not found",
    "soft 404 in Spanish": "Página no encontrada",
    "soft 404 in Portuguese": "Página não encontrada",
    "soft 404 in French": "Page introuvable",
    "soft 404 in Italian": "Pagina non trovata",
    "soft 404 in Turkish": "Sayfa bulunamadı",
    "soft 404 in Russian": "Страница не найдена",
    "soft 404 in Ukrainian": "Сторінку не знайдено",
    "soft 404 in Polish": "Nie znaleziono strony",
    "soft 404 in Greek": "Η σελίδα δεν βρέθηκε",
    "soft 404 in Arabic": "الصفحة غير موجودة",
    "soft 404 in Chinese": "页面不存在",
    "soft 404 in Indonesian": "Halaman tidak ditemukan",
    "soft 410": "Error 410 - The requested page has expired",
    "maintenance": "Wartungsarbeiten",
    "maintenance in English": "We'll be right back",
    "challenge": "Just a moment...",
    "challenge of another kind": "Verify you are human",
    "consent": "Bevor Sie fortfahren",
    "consent in English": "Before you continue to the site",
    "login": "Bitte melden Sie sich an",
    "rate limit in words": "Too many requests",
    "refusal in words": "Access denied",
    "server error in words": "Internal Server Error",
}
_SORRY = (
    "Bitte versuchen Sie es später noch einmal oder gehen Sie zur Startseite, wo Sie alle unsere Nachrichten finden."
)


def _alone(headline: str) -> str:
    """A page of its own."""
    menu = "".join(f"<li><a href='/{n}'>Thema {n}</a></li>" for n in range(20))
    return (
        f"<!doctype html><html lang='de'><head><title>{headline}</title></head><body><ul>{menu}</ul>"
        f"<main><h1>{headline}</h1><p>{_SORRY}</p><p>{_SORRY}</p></main></body></html>"
    )


def _dressed(headline: str) -> Callable[[Told], Pieces]:
    """The same words in the article's own layout and under its address."""

    def make(told: Told) -> Pieces:
        blocks = (Block(kind=BlockKind.PARAGRAPH, text=_SORRY), Block(kind=BlockKind.PARAGRAPH, text=headline))
        content = replace(told.article.content, headline=headline, teaser=_SORRY, blocks=blocks)
        return http(told.site.page(replace(told.article, content=content)))

    return make


# of a page in the article's layout an earlier look says that far too little of the text is there
_DRESSED = "not the article|not an article"
_NOT = "not the article|not an article|incomplete page|empty page|binary|wrong article"
ERROR_PAGES = [
    *(says(name, _NOT, _alone(headline)) for name, headline in HEADLINES.items()),
    *(answer(f"{name}, in the article's layout", _DRESSED, _dressed(headline)) for name, headline in HEADLINES.items()),
    answer("challenge told by a header", "bot challenge", lambda t: http(t.page, "cf-mitigated: challenge")),
    answer("challenge told by another header", "bot challenge", lambda t: http(t.page, "x-amzn-waf-action: captcha")),
    says("empty", "empty page", ""),
    says("white space", "empty page", " \r\n\t \n" * 50),
    says("JSON called HTML", _NOT, json.dumps({"error": {"code": 429, "message": "slow down"}})),
    says("XML called HTML", _NOT, "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
    says("a feed called HTML", _NOT, "<?xml version='1.0'?><rss><channel><item><title>x</title></item></channel></rss>"),
    says("an image called HTML", _NOT, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    says("a PDF called HTML", _NOT, b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"%%EOF"),
    says("one word", _NOT, "OK"),
    says("a program's warning", _NOT, "<br /><b>Fatal error</b>: Uncaught Error in /var/www/index.php:7<br />"),
    says("a server's first page", _NOT, _alone("Welcome to nginx!")),
    says("a folder's listing", _NOT, _alone("Index of /de")),
    says("a parked domain", _NOT, _alone("This domain is for sale")),
    says("a page that needs scripts", _NOT, "<html><body><noscript>Please enable JavaScript</noscript><div id='root'></div></body></html>"),
    says("a frame", _NOT, "<html><body><iframe src='https://captcha.example/'></iframe></body></html>"),
    says("a hotel's network", _NOT, _alone("Willkommen im WLAN")),
]  # fmt: skip


def _as(**fields: Any) -> Callable[[Told], Pieces]:
    """The article with other fields."""
    return lambda told: http(told.site.page(replace(told.article, content=replace(told.article.content, **fields))))


def _renumbered(told: Told) -> Pieces:
    return http(told.page.replace(str(told.article.number), "70000007"))


def _wrong_canonical(told: Told) -> Pieces:
    told_tag = f'rel="canonical" href="{told.site.base_url}'
    head, tag, tail = told.page.partition(told_tag)
    return http(head + tag + tail.replace(str(told.article.number), "70000007", 1))


def _other(told: Told) -> Pieces:
    other = replace(told.article, number=70000007, slug="ganz-anders")
    words = tuple(
        Block(kind=BlockKind.PARAGRAPH, text=f"Etwas ganz anderes geschah am {n}. Mai in Kiel, sagte die Behörde.")
        for n in range(9)
    )
    return http(told.site.page(replace(other, content=replace(told.article.content, headline="Anders", blocks=words))))


def _stale(told: Told) -> Pieces:
    older = replace(told.article, modified=told.article.published - timedelta(days=3))
    return http(told.site.page(older))


def _short(told: Told) -> Pieces:
    content = replace(told.article.content, blocks=told.article.content.blocks[:1])
    content = replace(content, blocks=(replace(content.blocks[0], text=content.blocks[0].text[:60]),))
    return http(told.site.page(replace(told.article, content=content)))


def _closed_up(told: Told) -> Pieces:
    """Cut inside the body, then closed by something on the way."""
    paragraphs = [n for n in range(len(told.page)) if told.page.startswith("</p>", n)]
    end = told.rng.choice([n for n in paragraphs if n < told.page.rfind("</article>")])
    return http(told.page[:end] + "</p></body></html>")


def _two(told: Told) -> Pieces:
    other = replace(told.article, number=70000007, slug="ganz-anders")
    return http(told.page + told.site.page(other))


def _other_first(told: Told) -> Pieces:
    other = replace(told.article, number=70000007, slug="ganz-anders")
    return http(told.site.page(other) + told.page)


CONTENT = [
    answer("another article", "wrong article", _other),
    answer("another number everywhere", "wrong article", _renumbered),
    answer("another canonical address", "wrong article", _wrong_canonical),
    answer("stale copy", "stale copy", _stale, beside=True),
    answer("shortened", "doubtful|missing", _short, beside=True),
    answer("no </html>", "does not end", lambda t: http(t.page.replace("</html>", ""))),
    answer("garbage behind </html>", "does not end", lambda t: http(t.page + "502 upstream went away")),
    answer("an error page behind </html>", "does not end|two pages", lambda t: http(t.page + _alone("Fehler"))),
    answer("cut and closed up", "incomplete page|no text found", _closed_up),
    answer("two articles", "two pages", _two),
    answer("another article before it", "two pages|wrong article", _other_first),
    answer("headline emptied", "no headline|incomplete|not the article", _as(headline="")),
    answer("text emptied", "no text|doubtful|not the article", _as(blocks=())),
    answer("teaser and authors lost", "are missing", _as(teaser="", authors=()), beside=True),
    answer("everything but the headline lost", "no text|not the article", _as(teaser="", authors=(), kicker="", blocks=())),
]  # fmt: skip


def _resaid(**how: Any) -> Callable[[Told], Pieces]:
    return lambda told: http(told.page, **how)


# what looks odd and is fine: refusing it would be a gap without need
HARMLESS: list[Fault] = [
    answer("length left out", "", lambda t: http(t.page, length=None), outcome=None),
    answer("no media type", "", _resaid(media=None), outcome=None),
    answer("the same length twice over", "", lambda t: http(t.page, "X-Twice: yes"), outcome=None),
    answer("UTF-8 with a BOM", "", lambda t: http(b"\xef\xbb\xbf" + t.page.encode()), outcome=None),
    answer("UTF-16 with a BOM", "", lambda t: http(t.page.encode("utf-16"), media="text/html; charset=utf-16"), outcome=None),
    answer("charset that is none", "", _resaid(media="text/html; charset=rot13"), outcome=None),
    answer("a comment behind </html>", "", lambda t: http(t.page + "<!-- cache 7 -->\n"), outcome=None),
    answer("answer before the answer", "", lambda t: [b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n", *http(t.page)], outcome=None),
    answer("an old protocol", "", lambda t: [b"HTTP/1.0 200 OK\r\n\r\n" + t.page.encode()], outcome=None),
    answer("Retry-After of no second, twice", "", lambda t: http(t.page, "Retry-After: 0"), outcome=None),
    Fault(name="robots.txt is not there", outcome=None, robots=lambda t: http("no", status="404 No")),
    Fault(name="robots.txt is an article", outcome=None, robots=lambda t: http(t.page)),
    Fault(name="over TLS", outcome=None, entrance="https"),
]  # fmt: skip
