"""What made a record: this program and what it rests on, with versions."""

from __future__ import annotations

import platform
import ssl
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from storage.opening import SQLITE_VERSION

_LIBRARIES = ("zaesur", "Scrapy", "Twisted", "pyOpenSSL", "cryptography", "trafilatura", "lxml", "brotli", "zstandard")


@cache
def software() -> str:
    """Names and versions, such as ``zaesur/0.1.0 Python/3.11.7 Scrapy/2.19.0 …``, in a fixed order."""
    found = [f"{name}/{_version(name)}" for name in _LIBRARIES]
    found[1:1] = [f"Python/{platform.python_version()}"]
    return " ".join([*found, f"SQLite/{SQLITE_VERSION}", ssl.OPENSSL_VERSION.replace(" ", "/", 1).split(" ")[0]])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
