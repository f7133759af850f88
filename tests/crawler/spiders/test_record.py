"""What the record of a look holds, read back from real fetches over TLS and without it."""

from __future__ import annotations

import gzip
import hashlib
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawler import crawling
from crawler.answers import NORMALISED
from storage import Store
from tests.crawler.spiders.conftest import PAGE, Site

if TYPE_CHECKING:
    Server = Any
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def secure(site: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The same server behind TLS, with a certificate of an authority that this process trusts."""
    authority, server = _certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    tls: Any = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    tls.socket = context.wrap_socket(tls.socket, server_side=True)
    tls.answers, tls.asked, tls.context = site.answers, site.asked, context
    tls.base = f"https://127.0.0.1:{tls.server_port}"
    tls.certificate = ssl.PEM_cert_to_DER_cert(server.read_text().partition("-----END PRIVATE KEY-----\n")[2])
    thread = threading.Thread(target=tls.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", f"127.0.0.1:{tls.server_port},127.0.0.1:{site.server_port}")
    yield tls
    tls.shutdown()
    tls.server_close()
    thread.join()


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority, and a server's key and certificate for 127.0.0.1, as PEM files."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Authority", "Server")]
    pem = []
    for subject, key, is_authority in ((0, keys[0], True), (1, keys[1], False)):
        builder = x509.CertificateBuilder(
            issuer_name=names[0],
            subject_name=names[subject],
            public_key=key.public_key(),
            serial_number=subject + 1,
            not_valid_before=datetime.now(UTC) - timedelta(days=1),
            not_valid_after=datetime.now(UTC) + timedelta(days=1),
        ).add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = builder.add_extension(address, critical=False).sign(keys[0], hashes.SHA256())
        pem.append(certificate.public_bytes(serialization.Encoding.PEM))
    secret = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, data in (("authority.pem", pem[0]), ("server.pem", secret + pem[1])):
        (folder / name).write_bytes(data)
    return folder / "authority.pem", folder / "server.pem"


def _record(store: Store, url: str) -> dict[str, Any]:
    crawling.look_now([url], store)
    return store.record_of(store.captures(limit=1)[0].id)


@pytest.mark.parametrize(
    ("most", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.MAXIMUM_SUPPORTED, "TLSv1.3")]
)
@pytest.mark.parametrize("path", ["/story", "/empty"])
def test_tls_version_and_certificate_are_those_of_the_connection(
    secure: Server, store: Store, most: ssl.TLSVersion, name: str, path: str
) -> None:
    secure.answers["/empty"] = (200, {}, b"")
    secure.context.maximum_version = most
    record = _record(store, secure.base + path)
    assert record["status"] == 200
    assert (record["tls"], record["ip"]) == (name, "127.0.0.1")
    assert record["certificate_sha256"] == hashlib.sha256(secure.certificate).hexdigest()


def test_a_server_that_is_not_trusted_is_not_recorded_as_an_answer(
    secure: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    record = _record(store, f"{secure.base}/story")
    assert (record["outcome"], record["status"], record["tls"]) == ("fetch-failed", None, None)
    assert "no trusted connection" in record["reason"]


def test_the_record_holds_what_was_asked_what_came_and_how_it_was_read(
    secure: Server, site: Server, store: Store
) -> None:
    coded = gzip.compress(PAGE.encode("latin-1"))
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/html; charset=ISO-8859-1", "x-lower-CASE": "caf\xe9"}
    site.answers["/story"] = (200, headers, coded)
    site.answers["/from"] = (302, {"Location": f"{secure.base}/story"}, b"")
    before = datetime.now(UTC)
    record = _record(store, f"{site.base}/from")
    assert (record["requested_url"], record["final_url"]) == (f"{site.base}/from", f"{secure.base}/story")
    assert (record["redirects"], record["redirect_statuses"]) == ([f"{site.base}/from"], [302])
    sent = {name.lower(): value for name, value in secure.asked[-1][1].items()}
    assert {name.lower(): value for name, value in record["request_headers"]} == {
        name: value for name, value in sent.items() if name not in ("host", "connection")
    }
    assert (record["protocol"], record["status"], record["tls"]) == ("HTTP/1.1", 200, "TLSv1.3")
    assert {"X-Lower-Case", "Content-Encoding", "Content-Length", "Date"} <= {name for name, _ in record["headers"]}
    assert dict(record["headers"])["X-Lower-Case"] == "caf\xe9"
    assert record["normalised"] == NORMALISED
    assert record["body_sha256"] == hashlib.sha256(coded).hexdigest()
    assert (record["body_length"], record["decoded_length"]) == (len(coded), len(PAGE))
    assert record["decoded_sha256"] == hashlib.sha256(PAGE.encode("latin-1")).hexdigest()
    assert (record["charset"], record["charset_source"]) == ("cp1252", "http")
    wall = [datetime.fromisoformat(record[name]) for name in ("started", "answered", "recorded")]
    assert [before, *wall] == sorted([before, *wall])
    assert record["monotonic"] > 0
    assert 0 < record["elapsed"] < 60
    assert abs(parsedate_to_datetime(record["server_date"]) - wall[0]) < timedelta(minutes=1)
    assert (record["outcome"], record["reason"], record["version"]) == ("new", None, 1)
    for name in ("zaesur/", "Python/", "Scrapy/2.19", "Twisted/", "trafilatura/", "lxml/", "SQLite/", "OpenSSL/"):
        assert name in record["software"]
    assert "trafilatura/" in record["fingerprint"]


def test_a_redirect_from_https_to_http_is_not_followed(secure: Server, site: Server, store: Store) -> None:
    secure.answers["/down"] = (301, {"Location": f"{site.base}/story"}, b"")
    (row,) = crawling.look_now([f"{secure.base}/down"], store)
    assert row["outcome"] == "fetch-failed"
    assert row["reason"].startswith("redirected from https to http, which is not followed")
    assert "/story" not in [path for path, _ in site.asked]


def test_a_flood_of_headers_is_no_page_and_only_its_front_is_kept(site: Server, store: Store) -> None:
    site.answers["/flood"] = (200, {f"X-{n}": "x" * 100 for n in range(3000)}, PAGE.encode())
    (row,) = crawling.look_now([f"{site.base}/flood"], store)
    assert (row["outcome"], row["reason"]) == ("set-aside", "headers larger than 64 KiB; only the first are kept")
    record = store.record_of(store.captures()[0].id)
    assert 600 < len(record["headers"]) < 700
