"""What a URL says about an article: its identity, edition and canonical form. Source: dw.com's own URLs."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from storage.errors import UserError
from storage.types import Article

# /<lang>/<slug>/<type>-<number>, before 2016 without the language; the number is the identity, the slug is free text
_DW = re.compile(
    r"^/(?:(?P<lang>[a-z]{2,3}(?:-[a-z0-9]{2,4})?)/)?(?:[^/]*/)?(?P<type>a|live|video|audio|g|av|e)-(?P<number>[0-9]{4,12})$"
)
_TRACKING = re.compile(r"^(maca|at_\w+|utm_\w+|fbclid|gclid|mc_\w+|xtor|cmp|wt_\w+|ref)=", re.IGNORECASE)
_UNUSABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")  # nothing of this may stand in an address
_SAFE = "/%:@!$&'()*+,;=-._~"


def article_id(url: str) -> str | None:
    """``a-71703285`` for a DW-shaped path on any host; ``None`` for everything else."""
    match = _dw(url)
    return f"{match['type']}-{match['number']}" if match else None


def language(url: str) -> str:
    """The edition in the path of a DW-shaped URL, else ``""``."""
    match = _dw(url)
    return (match["lang"] or "") if match else ""


def outlet(url: str) -> str:
    """``dw`` for DW-shaped paths, else the host."""
    return "dw" if _dw(url) else (_split(url).hostname or "")


def canonical(url: str) -> str:
    """The URL as it is requested and stored: percent-encoded, without fragment and tracking parameters."""
    parts = _split(url)
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair))
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = parts.netloc.lower().removesuffix(default) if default else parts.netloc.lower()
    host = "www.dw.com" if host == "amp.dw.com" else host
    return urlunsplit((parts.scheme, host, _encoded(parts.path) or "/", _encoded(query, "?"), ""))


def is_usable(url: str) -> bool:
    """Whether this is an http(s) URL that can be asked: with a host, a port that is one, and nothing that may not stand in an address."""
    parts = _split(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not _UNUSABLE.search(url.strip())


def identify(url: str) -> Article:
    """The article a URL names. Raises UserError when it names none."""
    parts = _split(url)
    if not is_usable(url):
        raise UserError(f"{url!r} is not an http(s) URL; nothing was changed. Give the address of an article")
    name = canonical(url)
    number = article_id(name)
    if number is None and _is_dw_host(parts.hostname or ""):
        raise UserError(f"{url} is a page of DW, but not an article (those end in a-NUMBER); nothing was changed")
    if number is None and parts.path in ("", "/"):
        raise UserError(f"{url} is a home page, not an article; nothing was changed")
    return Article(id=number or name, outlet=outlet(name), url=name, language=language(name))


def _is_dw_host(host: str) -> bool:
    return host == "dw.com" or host.endswith(".dw.com")


# asked several times of each URL, and of few at a time: some are long on purpose
@lru_cache(maxsize=8)
def _dw(url: str) -> re.Match[str] | None:
    return _DW.match(unquote(_split(url).path).rstrip("/"))


@lru_cache(maxsize=8)
def _split(url: str) -> SplitResult:
    """The parts of a URL; of something that cannot be one, none."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port, parts.hostname  # both are read late and raise then
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _encoded(text: str, more: str = "") -> str:
    return quote(text, safe=_SAFE + more, errors="replace")
