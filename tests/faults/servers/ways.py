"""Faults of the way: statuses, redirects, headers, connections, TLS, robots.txt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from urllib.parse import quote

from storage.types import Outcome
from tests.faults.servers.fault import FAILED, GONE, Fault, answer
from tests.faults.servers.wire import RESET, Pieces, Told, head, http

_STATUSES = {
    **dict.fromkeys((201, 202, 203, 204, 205, 206, 226, 300, 305, 306), "unexpected answer|empty page"),
    **dict.fromkeys((400, 402, 405, 406, 408, 409, 412, 414, 418, 421, 423, 425, 431), "unexpected answer"),
    401: "login required",
    403: "access refused",
    407: "login required",
    429: "rate limited",
    451: "legally barred",
    **dict.fromkeys((500, 501, 502, 503, 504, 507, 508, 511, 520, 522, 525, 530, 599, 999), "server error"),
}


def _status(code: int) -> Fault:
    """The article's own page, under a status that says otherwise."""
    return answer(f"status {code}", rf"({_STATUSES[code]})", lambda t: http(t.page, status=f"{code} Hm"))


def _line(status_line: bytes) -> Pieces:
    return [status_line + b"\r\nConnection: close\r\n\r\n<html>nothing</html>"]


STATUSES = [
    *(_status(code) for code in _STATUSES),
    answer("status 404", "answers 404", lambda t: http(t.page, status="404 Not Found"), outcome=GONE),
    answer("status 410", "answers 410", lambda t: http(t.page, status="410 Gone"), outcome=GONE),
    answer("status 304 without having asked", "304", lambda t: http(b"", status="304 Not Modified", length=None)),
    answer("status 304 with a page", ".", lambda t: http(t.page, status="304 Not Modified")),
    answer("status no number", ".", lambda t: _line(b"HTTP/1.1 abc Hm"), outcome=FAILED),
    answer("status of two digits", ".", lambda t: _line(b"HTTP/1.1 20 OK")),
    answer("status line of another protocol", ".", lambda t: _line(b"SSH-2.0-OpenSSH_9.2"), outcome=FAILED),
    answer("Retry-After in an hour", "rate limited until", lambda t: http("later", "Retry-After: 3600", status="429 No")),
    answer("Retry-After at once, for ever", "rate limited", lambda t: http("later", "Retry-After: 0", status="429 No")),
    answer("Retry-After in a thousand years", "rate limited until", lambda t: http("later", "Retry-After: 31536000000", status="503 No")),
    answer("Retry-After flood", "rate limited|server error", lambda t: http("later", *["Retry-After: 9"] * 50, status="503 No")),
    answer("Retry-After that says nothing", "server error", lambda t: http("later", "Retry-After: soon", status="503 No")),
]  # fmt: skip


def _to(where: str, status: int = 302, body: str = "") -> Pieces:
    return http(body, f"Location: {where}", status=f"{status} Found")


def _own(told: Told) -> str:
    return quote(told.article.path)


def _counting(told: Told) -> Pieces:
    told.site.truth.append(("hop", told.article.number, None))
    return _to(f"{_own(told)}?hop={len(told.site.truth)}")


def _other_host(told: Told) -> str:
    return told.site.base_url.replace("127.0.0.1", "localhost")


REDIRECTS = [
    answer("redirects to itself", "loop", lambda t: _to(_own(t)), outcome=FAILED),
    answer("redirects without end", "loop", _counting, outcome=FAILED),
    answer("redirect to the home page", "redirected|not the article|wrong article|not found", lambda t: _to("/")),
    answer("redirect to a section", "not the article|incomplete|layout", lambda t: _to("/de/themen/s-9077")),
    answer("redirect to another article", "redirected to another article", lambda t: _to("/de/eine-andere/a-70000001"), outcome=Outcome.MOVED),
    answer("redirect to what is not there", "redirected to another page", lambda t: _to("/de/nichts/a-70000009")),
    answer("redirect to file:", "only http and https|unexpected answer", lambda t: _to("file:///etc/hostname")),
    answer("redirect to ftp:", "only http and https|unexpected answer", lambda t: _to("ftp://127.0.0.1/x")),
    answer("redirect to data:", "only http and https|unexpected answer", lambda t: _to("data:text/html,<h1>x</h1></html>")),
    answer("redirect to javascript:", "scheme", lambda t: _to("javascript:alert(1)"), outcome=FAILED),
    answer("redirect to a private address", "not a public address", lambda t: _to("http://10.0.0.1/x"), outcome=FAILED),
    answer("redirect to a cloud's metadata", "not a public address", lambda t: _to("http://169.254.169.254/latest"), outcome=FAILED),
    answer("redirect to an unknown host", "unknown host", lambda t: _to("http://nowhere.invalid/x"), outcome=FAILED),
    answer("redirect to loopback by name", "not a public address", lambda t: _to(f"{_other_host(t)}{_own(t)}"), outcome=FAILED),
    answer("redirect with a user name", "user name", lambda t: _to("http://a:b@127.0.0.1/x"), outcome=FAILED),
    answer("redirect to a closed port", "not a public address|refused", lambda t: _to("http://127.0.0.1:9/x"), outcome=FAILED),
    answer("redirect to no URL", ".", lambda t: _to("http://[::bad/x"), outcome=FAILED),
    answer("redirect to nowhere", "loop", lambda t: _to(""), outcome=FAILED),
    answer("redirect without Location", "unexpected answer", lambda t: http(t.page, status="302 Found")),
    answer("redirect 303 without Location", "unexpected answer", lambda t: http(t.page, status="303 See Other")),
    answer("redirect 308 to a loop", "loop", lambda t: _to(_own(t), 308), outcome=FAILED),
    answer(
        "redirect from https to http",
        "from https to http",
        lambda t: _to(t.site.base_url + _own(t)) if t.base.startswith("https") else http(t.page),
        outcome=FAILED,
        entrance="https",
    ),
    answer(
        "refresh in the page",
        "not the article|incomplete|empty|layout",
        lambda t: http("<html><head><meta http-equiv='refresh' content='0; url=/login'></head><body></body></html>"),
    ),
    answer("Refresh in a header", "empty page", lambda t: http("", "Refresh: 0; url=/login")),
]  # fmt: skip


def _header_flood(told: Told) -> Iterator[bytes | float]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
    for number in range(100):
        yield b"".join(b"X-%d-%d: flood\r\n" % (number, n) for n in range(500))
    yield b"\r\n" + told.page.encode()


def _header_without_end(told: Told) -> Iterator[bytes | float]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in itertools.count():
        yield b"X-%d: more\r\n" % number
        yield 0.02


def _same_header(told: Told) -> Pieces:
    return http(told.page, *["Set-Cookie: a=b"] * 20_000)


HEADERS = [
    answer("50,000 headers", "header", _header_flood),
    answer("one header 20,000 times", "header", _same_header),
    answer("header of a megabyte", ".", lambda t: http(t.page, "X-Long: " + "x" * (1 << 20)), outcome=FAILED),
    answer("headers without end", "no complete answer in time", _header_without_end, outcome=FAILED, patience=1.0),
    answer("headers cut", ".", lambda t: [head()[:-12]], outcome=FAILED),
    answer("page without headers (HTTP/0.9)", ".", lambda t: [t.page.encode()], outcome=FAILED),
    answer("HTTP/2 unasked", ".", lambda t: [b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)], outcome=FAILED),
    answer("garbage", ".", lambda t: [t.rng.randbytes(4000)], outcome=FAILED),
    answer("media type of an image", "not an HTML page", lambda t: http(t.page, media="image/png")),
    answer("media type of a download", "not an HTML page", lambda t: http(t.page, media="application/octet-stream")),
    answer("media type of JSON", "not an HTML page", lambda t: http('{"error": "no"}', media="application/json")),
    answer("media type of a feed", "not an HTML page", lambda t: http(t.page, media="application/rss+xml")),
    answer("media type that is none", "not an HTML page", lambda t: http(t.page, media="nonsense")),
]  # fmt: skip

CONNECTIONS = [
    answer("closed at once", ".", lambda t: [], outcome=FAILED),
    answer("reset at once", ".", lambda t: [RESET], outcome=FAILED),
    answer("closed after the status line", ".", lambda t: [b"HTTP/1.1 200 OK\r\n"], outcome=FAILED),
    Fault(name="connection refused", reason="connection refused", outcome=FAILED, entrance="refused"),
    *(
        Fault(name=f"TLS: {entrance}", reason="no trusted connection|ended before", outcome=FAILED, entrance=entrance)
        for entrance in ("self-signed", "wrong host", "expired", "not yet valid", "unknown authority", "old tls", "plain behind https")
    ),
    Fault(name="TLS: handshake cut", reason=".", outcome=FAILED, entrance="handshake cut"),
    Fault(name="TLS behind http", reason=".", outcome=FAILED, entrance="tls behind http"),
    answer(
        "TLS: cut in the body", "incomplete|does not end", lambda t: http(t.page[: t.rng.randrange(900, len(t.page) - 50)], length=None), entrance="https"
    ),
]  # fmt: skip


def _busy(code: int) -> Callable[[Told], Pieces]:
    return lambda told: http("no", status=f"{code} No")


_WHOLLY = "which disallows all"
ROBOTS = [
    *(
        Fault(name=f"robots.txt answers {code}", reason=f"robots.txt answers {code}, {_WHOLLY}", outcome=FAILED, robots=_busy(code))
        for code in (500, 502, 503, 504)
    ),
    Fault(name="robots.txt closed at once", reason=_WHOLLY, outcome=FAILED, robots=lambda t: []),
    Fault(name="robots.txt in broken gzip", reason=_WHOLLY, outcome=FAILED, robots=lambda t: http("x", "Content-Encoding: gzip")),
    Fault(name="robots.txt redirects to itself", reason=_WHOLLY, outcome=FAILED, robots=lambda t: _to("/robots.txt")),
    Fault(name="robots.txt disallows", reason="disallowed by robots.txt", outcome=FAILED, robots=lambda t: http("User-agent: *\nDisallow: /", media="text/plain")),
]  # fmt: skip
