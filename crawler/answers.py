"""From what Scrapy brings (a response or a failure) to a ``Look``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from crawler.connections import fingerprint
from crawler.software import software
from storage.types import Article, Look, Outcome

# what Twisted's HTTP/1.1 client does to an exchange before we see it; part of each record, so that nobody takes it for the wire
NORMALISED = (
    "response header names title-cased and grouped by name in order of first appearance, values byte for byte (Latin-1); reason phrase, "
    "Connection, Keep-Alive and Transfer-Encoding not kept; transfer coding undone, content coding not; of the request, Host and Connection not kept"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A look that has begun."""

    article: Article | None
    url: str
    started: datetime
    monotonic: float


def asked(article: Article | None, url: str) -> Asked:
    """A look begins now."""
    return Asked(article, url, datetime.now(UTC), time.monotonic())


_HEADERS = 64 << 10  # characters of names and values together; real answers stay under 8 KiB


def answered(begun: Asked, response: Any) -> Look:
    """The look with what the server sent."""
    limited = response.request.meta.get("rate_limited") if response.request else None
    kept, whole = _first_of(headers(response))
    reason = limited or _unusable("dataloss" in response.flags, whole)
    return Look(
        **_begun(begun),
        answered=datetime.now(UTC),
        elapsed=time.monotonic() - begun.monotonic,
        final_url=response.url,
        **_way(response.request),
        protocol=response.protocol,
        status=response.status,
        headers=kept,
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        tls=response.request.meta.get("tls") if response.request else None,
        certificate_sha256=fingerprint(response.certificate).hex() if response.certificate else None,
        outcome=Outcome.SET_ASIDE if reason else None,
        reason=reason,
    )


def _unusable(cut: bool, whole: bool) -> str | None:
    if cut:
        return "incomplete transfer: the connection ended early"
    return None if whole else f"headers larger than {_HEADERS >> 10} KiB; only the first are kept"


def _first_of(told: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[str, str], ...], bool]:
    """As many headers as a record holds, and whether these are all."""
    sums = accumulate(len(name) + len(value) for name, value in told)
    fitting = sum(size <= _HEADERS for size in sums)
    return told[:fitting], fitting == len(told)


def failed(begun: Asked, failure: Any) -> Look:
    """The look that got no answer, with the reason."""
    return Look(
        **_begun(begun),
        answered=None,
        **_way(getattr(failure, "request", None)),
        outcome=Outcome.FETCH_FAILED,
        reason=trouble(getattr(failure, "value", failure)),
    )


def _begun(begun: Asked) -> dict[str, Any]:
    return {
        "requested_url": begun.url,
        "article": begun.article,
        "started": begun.started,
        "monotonic": begun.monotonic,
        "software": software(),
        "normalised": NORMALISED,
    }


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
    # as the dict that they are: Scrapy's own way through them makes every name anew
    return tuple(
        [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in dict.items(message.headers)
            for value in values
        ]
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
    "VerificationError": "no trusted connection: the certificate is for another host",
    "ConnectionLost": "the connection ended before an answer came",
    "ConnectionDone": "the connection ended before an answer came",
    "ParseError": "not an answer in HTTP",
}


def trouble(error: BaseException) -> str:
    """Why there was no answer, in one line for a person."""
    error = _innermost(error)
    text = " ".join(str(error).split())
    if "certificate" in text.lower() or "ssl" in text.lower() or "tls" in text.lower():
        return f"no trusted connection: {text[:200]}"
    if "max redirections" in text:
        return "redirects in a loop, or too many"
    for kind in type(error).__mro__:
        if kind.__name__ in _TROUBLE:
            return _TROUBLE[kind.__name__]
    return text[:300] or type(error).__name__


def _innermost(error: BaseException) -> BaseException:
    """Twisted packs what happened on a connection into an error of its own, and Scrapy that into one more."""
    for packed in (error, error.__cause__):
        if reasons := getattr(packed, "reasons", None):
            return _innermost(reasons[0].value)
    return error
