"""From what Scrapy brings (a response or a failure) to a ``Look``."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crawler.connections import fingerprint
from crawler.software import software
from storage.types import Article, Look, Outcome

# what Twisted's HTTP/1.1 client does to an exchange before we see it; part of each record, so that nobody takes it for the wire
NORMALISED = (
    "response header names title-cased and grouped by name in order of first appearance, values byte for byte (Latin-1); reason phrase, "
    "Connection, Keep-Alive and Transfer-Encoding not kept; transfer coding undone, content coding not; of the request, Host and Connection not kept"
)


def asked(article: Article | None, url: str) -> Look:
    """A look that has begun."""
    return Look(
        requested_url=url,
        article=article,
        started=datetime.now(UTC),
        answered=None,
        monotonic=time.monotonic(),
        software=software(),
        normalised=NORMALISED,
    )


def answered(look: Look, response: Any) -> Look:
    """The look with what the server sent."""
    cut = "dataloss" in response.flags
    limited = response.request.meta.get("rate_limited") if response.request else None
    return replace(
        look,
        answered=datetime.now(UTC),
        elapsed=time.monotonic() - look.monotonic,
        final_url=response.url,
        **_way(response.request),
        protocol=response.protocol,
        status=response.status,
        headers=headers(response),
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        tls=response.request.meta.get("tls") if response.request else None,
        certificate_sha256=fingerprint(response.certificate).hex() if response.certificate else None,
        outcome=Outcome.SET_ASIDE if limited or cut else None,
        reason=limited or ("incomplete transfer: the connection ended early" if cut else None),
    )


def failed(look: Look, failure: Any) -> Look:
    """The look that got no answer, with the reason."""
    return replace(
        look,
        **_way(getattr(failure, "request", None)),
        outcome=Outcome.FETCH_FAILED,
        reason=trouble(getattr(failure, "value", failure)),
    )


def _way(request: Any) -> dict[str, Any]:
    """What was sent last, and the hops that led there: each address that redirected, with its status."""
    if request is None:
        return {}
    return {
        "redirects": tuple(request.meta.get("redirect_urls", ())),
        "redirect_statuses": tuple(request.meta.get("redirect_reasons", ())),
        "request_headers": headers(request),
    }


def headers(message: Any) -> tuple[tuple[str, str], ...]:
    """The headers of a request or response, in order, one pair a value."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    )


_TROUBLE = {
    "CannotResolveHostError": "unknown host, or one that may not be asked",
    "DNSLookupError": "unknown host, or one that may not be asked",
    "DownloadConnectionRefusedError": "connection refused",
    "ConnectionRefusedError": "connection refused",
    "DownloadTimeoutError": "no complete answer in time",
    "TimeoutError": "no complete answer in time",
    "TCPTimedOutError": "no connection in time",
    "DownloadCancelledError": "the answer is larger than 20 MiB",
    "UnsupportedURLSchemeError": "only http and https are asked",
}


def trouble(error: BaseException) -> str:
    """Why there was no answer, in one line for a person."""
    text = " ".join(str(error).split())
    if "certificate" in text.lower() or "ssl" in text.lower() or "tls" in text.lower():
        return f"no trusted connection: {text[:200]}"
    if "max redirections" in text:
        return "redirects in a loop, or too many"
    for kind in type(error).__mro__:
        if kind.__name__ in _TROUBLE:
            return _TROUBLE[kind.__name__]
    return text[:300] or type(error).__name__
