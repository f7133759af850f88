"""Trusted time stamps (RFC 3161) for anchors: asked over the network, verified without it. Optional: the extra ``timestamps``."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from crawler.outgoing import send
from crawler.politeness import user_agent
from storage.errors import UserError, ZaesurError

_REQUEST = "application/timestamp-query"
_GRANTED = 0  # PKIStatus; "granted with modifications" is not what was asked for


class NotStamped(ZaesurError):
    """The authority gave no time stamp."""


def stamp(data: bytes, url: str) -> bytes:
    """The authority's answer for these bytes, in DER. Raises Refused, Unsent or NotStamped; then nothing is kept."""
    client = _client()
    request = client.TimestampRequestBuilder().data(data).hash_algorithm(client.HashAlgorithm.SHA256).build()
    answer = send(
        url,
        request.as_bytes(),
        headers={"Content-Type": _REQUEST, "Accept": "application/timestamp-reply", "User-Agent": user_agent()},
        deadline=30,
    )
    if answer.status != 200:
        raise NotStamped(f"{url}: answers {answer.status}; no time stamp was got")
    token = _decoded(answer.body, url)
    if token.status != _GRANTED:
        raise NotStamped(
            f"{url}: refuses ({'; '.join(token.status_string) or f'status {token.status}'}); no time stamp was got"
        )
    if (
        token.tst_info.nonce != request.nonce
        or token.tst_info.message_imprint.message != request.message_imprint.message
    ):
        raise NotStamped(f"{url}: its time stamp is not for what was asked; nothing was kept")
    return answer.body


def stamped_at(data: bytes, token: bytes, authority: Path | None) -> tuple[datetime, bool]:
    """The time in a stamp on these bytes, and whether its signature was checked, which takes the authority's certificates (PEM).

    Raises NotStamped when the stamp is not of these bytes, or its signature does not lead to a root in ``authority``.
    """
    client = _client()
    decoded = _decoded(token, "the time stamp")
    verifier = client.VerifierBuilder()
    certificates = _certificates(authority) if authority else []
    for certificate in certificates:
        root = certificate.issuer == certificate.subject
        verifier = (
            verifier.add_root_certificate(certificate) if root else verifier.add_intermediate_certificate(certificate)
        )
    imprint = decoded.tst_info.message_imprint
    try:
        if certificates:
            verifier.build().verify_message(decoded, data)
        elif imprint.message != _digest(imprint.hash_algorithm.dotted_string, data):
            raise NotStamped("the time stamp is not of this anchor")
    except (client.VerificationError, ValueError) as error:
        raise NotStamped(f"the time stamp does not verify ({error})") from None
    return decoded.tst_info.gen_time, bool(certificates)


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise UserError("time stamps need an extra; in the checkout: pip install '.[timestamps]'") from None
    return rfc3161_client


def _decoded(token: bytes, name: str) -> Any:
    try:
        return _client().decode_timestamp_response(token)
    except ValueError as error:
        raise NotStamped(f"{name}: not an answer of a time-stamping authority ({str(error)[:120]})") from None


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise UserError(f"{path}: holds no certificates (PEM)") from None


def _digest(oid: str, data: bytes) -> bytes:
    names = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
    return hashlib.new(names[oid], data).digest() if oid in names else b""
