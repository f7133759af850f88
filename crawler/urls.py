"""What a URL says about an article: its identity, edition and canonical form. Source: dw.com's own URLs."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from storage.errors import UserError
from storage.types import Article

# /<lang>/<slug>/<type>-<number>, before 2016 without the language; the number is the identity, the slug is free text
_DW = re.compile(
    r"^/(?:(?P<lang>[a-z]{2,3}(?:-[a-z]{2,4})?)/)?(?:[^/]*/)?(?P<type>a|live|video|audio|g|av|e)-(?P<number>\d{4,12})$"
)
_TRACKING = re.compile(r"^(maca|at_\w+|utm_\w+|fbclid|gclid|mc_\w+|xtor|cmp|wt_\w+|ref)=", re.IGNORECASE)
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
    return "dw" if _dw(url) else (urlsplit(url).hostname or "")


def canonical(url: str) -> str:
    """The URL as it is requested and stored: percent-encoded, without fragment and tracking parameters."""
    parts = urlsplit(url.strip())
    path = quote(unquote(parts.path), safe=_SAFE) if "%" not in parts.path else quote(parts.path, safe=_SAFE)
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair))
    host = parts.netloc.lower().replace("amp.dw.com", "www.dw.com")
    return urlunsplit((parts.scheme.lower(), host, path or "/", quote(query, safe=_SAFE + "?"), ""))


def identify(url: str) -> Article:
    """The article a URL names. Raises UserError when it names none."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in url.strip()):
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


def _dw(url: str) -> re.Match[str] | None:
    return _DW.match(unquote(urlsplit(url.strip()).path).rstrip("/"))
