"""Who is answered: the exact host first, a token where the reports are exposed, and unsafe methods from our own pages only."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # not "no-referrer": with that Chromium sends "Origin: null" with our own forms, and they are refused
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LEAST = 16  # characters of a token


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Beyond loopback: the names the reports are reached by (``host`` or ``host:port``) and the token that opens them."""

    hosts: tuple[str, ...] = ()
    token: str | None = None

    def names(self, port: int) -> frozenset[str]:
        """Every Host header that is answered."""
        own = {f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")}
        given = {name for host in self.hosts for name in (host.lower(), f"{host.lower()}:{port}")}
        return frozenset(own | given)


class Guard:
    """Stands before everything else, and puts the safe headers on every answer, also on refusals."""

    def __init__(self, app: ASGIApp, names: frozenset[str], token: str | None = None) -> None:
        self._app = app
        self._names = names
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def safe(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        answer = self._refusal(scope["method"], Headers(scope=scope)) or self._app
        await answer(scope, receive, safe)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        # a page of another name must not reach us through the browser (DNS rebinding)
        if headers.get("host", "").lower() not in self._names:
            return PlainTextResponse("not this host\n", status_code=421)
        if self._token and not _knows(headers.get("authorization", ""), self._token):
            asks = {"WWW-Authenticate": 'Basic realm="Zaesur", charset="UTF-8"'}
            return PlainTextResponse("the token is needed, as password or bearer\n", status_code=401, headers=asks)
        if method not in _SAFE and not _same_origin(headers):
            return PlainTextResponse("only from these pages themselves\n", status_code=403)
        return None


def _knows(authorization: str, token: str) -> bool:
    """Whether the token is given: as bearer, or as the password of any user, which browsers and feed readers can ask for."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, not ASCII, or not UTF-8 inside
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(value.strip().encode(), token.encode())


def _same_origin(headers: Headers) -> bool:
    """Browsers say where a request comes from; one that says nothing is no browser, and no other site can make it."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == headers.get("host", "").lower()
