"""Which TLS version an answer came through: Scrapy hands on the certificate, but not the connection.

A policy around Scrapy's own remembers the newest connection to each host through Twisted's public interfaces. With one
connection to an outlet at a time that is the one an answer came through; the certificate is compared to make sure.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

Host = tuple[str, int]


class HTTPSHandler(HTTP11DownloadHandler):
    """Scrapy's handler, which also notes the TLS version in ``request.meta["tls"]``."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._contextFactory: Any = _Policy(self._contextFactory)

    async def download_request(self, request: Any) -> Any:
        """Download, then note how."""
        response = await super().download_request(request)
        parts = urlsplit(request.url)
        connection = self._contextFactory.connections.get((parts.hostname or "", parts.port or 443))
        if connection is not None and response.certificate is not None:
            seen = connection.get_peer_certificate(as_cryptography=True)
            if seen is not None and seen.fingerprint(SHA256()) == fingerprint(response.certificate):
                request.meta["tls"] = connection.get_protocol_version_name()
        return response


def fingerprint(certificate: Any) -> bytes:
    """SHA-256 over a server's certificate in DER."""
    return bytes(certificate.original.to_cryptography().fingerprint(SHA256()))


@implementer(IPolicyForHTTPS)
class _Policy:
    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.connections: dict[Host, Any] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 - the name is Twisted's
        inner = self._inner.creatorForNetloc(hostname, port)
        return _Creator(inner, self.connections, (hostname.decode("ascii"), port))


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    def __init__(self, inner: Any, connections: dict[Host, Any], host: Host) -> None:
        self._inner, self._connections, self._host = inner, connections, host

    def clientConnectionForTLS(self, tlsProtocol: Any) -> Any:  # noqa: N802, N803 - the names are Twisted's
        connection = self._inner.clientConnectionForTLS(tlsProtocol)
        self._connections[self._host] = connection
        return connection
