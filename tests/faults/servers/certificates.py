"""Certificates made on the spot: one authority that is trusted in this process, and everything that must not be."""

from __future__ import annotations

import ipaddress
import os
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
Authority = tuple[Any, Any]  # its certificate and key


def trusted(folder: Path) -> None:
    """Make an authority in ``folder`` and let this process trust it; to be called before anything is asked over TLS."""
    certificate, key = _made("The suite's authority", None)
    _write(folder / "authority.pem", certificate, key)
    (folder / "trust.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    os.environ["SSL_CERT_FILE"] = str(folder / "trust.pem")


def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """A server's side of TLS for each entrance; only ``https`` is as it should be."""
    pem = (folder / "authority.pem").read_bytes()
    ours = (x509.load_pem_x509_certificate(pem), serialization.load_pem_private_key(pem, None))
    made = {
        "https": _made("127.0.0.1", ours),
        "self-signed": _made("127.0.0.1", None),
        "wrong host": _made("elsewhere.example", ours, host="elsewhere.example"),
        "expired": _made("127.0.0.1", ours, start=-30, days=29),
        "not yet valid": _made("127.0.0.1", ours, start=10),
        "unknown authority": _made("127.0.0.1", _made("Another authority", None)),
    }
    found = {name: _context(folder / f"{name}.pem", *pair) for name, pair in made.items()}
    found["old tls"] = _context(folder / "https.pem", *made["https"])
    found["old tls"].set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is out of date is the point
        found["old tls"].minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        found["old tls"].maximum_version = ssl.TLSVersion.TLSv1_1
    return found


def _context(path: Path, certificate: Any, key: Any) -> ssl.SSLContext:
    _write(path, certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _made(name: str, by: Authority | None, *, host: str = "", start: int = -1, days: int = 30) -> Authority:
    """A certificate and its key, signed ``by`` an authority or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) + start * _DAY
    names: list[x509.GeneralName] = [
        x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + days * _DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca="authority" in name, path_length=None), critical=True)
        .sign(by[1] if by else key, hashes.SHA256())
    )
    return made, key


def _write(path: Path, certificate: Any, key: Any) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
