"""What the record of a look says, and how it is chained to the one before."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec.structs import asdict

from storage.base import now, text
from storage.content import as_json, digest
from storage.types import Look, Outcome


def article_of(look: Look) -> str | None:
    """The id of the article looked at, where it was one."""
    return look.article.id if look.article else None


def record_from(look: Look, outcome: Outcome, number: int | None) -> dict[str, Any]:
    """All that is known of a look: what its capture's hash is over."""
    content = look.content
    return {
        "requested_url": look.requested_url,
        "article": article_of(look),
        "final_url": look.final_url,
        "redirects": look.redirects,
        "redirect_statuses": look.redirect_statuses,
        "request_headers": look.request_headers,
        "started": text(look.started),
        "answered": text(look.answered),
        "recorded": text(now()),
        "monotonic": look.monotonic,
        "elapsed": look.elapsed,
        "protocol": look.protocol,
        "status": look.status,
        "headers": look.headers,
        "normalised": look.normalised,
        "server_date": next((value for name, value in look.headers if name.lower() == "date"), None),
        "body_sha256": sha256(look.body),
        "body_length": len(look.body) if look.body is not None else None,
        "decoded_sha256": look.decoded_sha256,
        "decoded_length": look.decoded_length,
        "charset": look.charset,
        "charset_source": look.charset_source,
        "ip": look.ip,
        "tls": look.tls,
        "certificate_sha256": look.certificate_sha256,
        "outcome": outcome.value,
        "reason": look.reason,
        "version": number,
        "content_digest": digest(content) if content else None,
        # dates, links and pictures are not compared, but they are evidence too
        "content_sha256": sha256(as_json(content).encode()) if content else None,
        "published": content.published if content else None,
        "modified": _modified(look),
        # a look that shows the region of an earlier one again: the text was not read anew but taken as that one's
        "region": look.region,
        "same_as": look.same_as.capture if look.same_as else None,
        "relied": look.same_as.relied + 1 if look.same_as else 0,
        "fingerprint": look.fingerprint,
        "software": look.software,
        "doubt": look.doubt,
        "origin": look.origin.value,
        "provenance": asdict(look.provenance) if look.provenance else None,
    }


def _modified(look: Look) -> str | None:
    if look.same_as is not None:
        return look.same_as.modified
    return look.content.modified if look.content else None


def chain(previous: str, record: str) -> str:
    """The hash of a capture: SHA-256 over the hash of the one before and its own canonical record."""
    return hashlib.sha256(previous.encode() + record.encode()).hexdigest()


def sha256(body: bytes | None) -> str | None:
    """SHA-256 (hex) of bytes, where there are any."""
    return hashlib.sha256(body).hexdigest() if body is not None else None
