"""From what Scrapy brings (a response or a failure) to a ``Look``.

Twisted's HTTP/1.1 client normalises headers before we see them: names are title-cased, equal names grouped in the
order of their first appearance, the reason phrase dropped, and of the connection's own headers only Content-Length
is kept (Transfer-Encoding, Connection and Keep-Alive are consumed). Values are byte for byte as received, shown as
Latin-1. The body is as served: the transfer coding is undone, the content coding is not.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256

from storage.types import Article, Look, Outcome


def asked(article: Article | None, url: str) -> Look:
    """A look that has begun."""
    return Look(
        requested_url=url, article=article, started=datetime.now(UTC), answered=None, monotonic=time.monotonic()
    )


def answered(look: Look, response: Any) -> Look:
    """The look with what the server sent."""
    cut = "dataloss" in response.flags
    limited = response.request.meta.get("rate_limited") if response.request else None
    return replace(
        look,
        answered=datetime.now(UTC),
        final_url=response.url,
        redirects=tuple(response.meta.get("redirect_urls", ())) if response.request else (),
        request_headers=headers(response.request) if response.request else (),
        status=response.status,
        headers=headers(response),
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        certificate_sha256=_digest(response.certificate),
        outcome=Outcome.SET_ASIDE if limited or cut else None,
        reason=limited or ("incomplete transfer: the connection ended early" if cut else None),
    )


def failed(look: Look, failure: Any) -> Look:
    """The look that got no answer, with the reason."""
    request = getattr(failure, "request", None)
    return replace(
        look,
        redirects=tuple(request.meta.get("redirect_urls", ())) if request else (),
        request_headers=headers(request) if request else (),
        outcome=Outcome.FETCH_FAILED,
        reason=trouble(getattr(failure, "value", failure)),
    )


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


def _digest(certificate: Any) -> str | None:
    if certificate is None:
        return None
    return str(certificate.original.to_cryptography().fingerprint(SHA256()).hex())
