"""Permanent addresses, the same on the live pages and in an exported folder; links are relative, so they work in both. Pure."""

from __future__ import annotations

import hashlib
import posixpath
from urllib.parse import quote, unquote

_LONGEST = 200  # bytes of a file name, with room for an ending


def in_language(path: str, language: str) -> str:
    """A page's path in a language: English at the root, German under ``de/``."""
    return path if language == "en" else f"{language}/{path}"


def language_of(path: str) -> tuple[str, str]:
    """The language of a path, and the path without it."""
    return ("de", path.removeprefix("de/")) if path.startswith("de/") else ("en", path)


def relative(target: str, origin: str) -> str:
    """The link from one page to another."""
    return posixpath.relpath(target, posixpath.dirname(origin) or ".")


def file_name(text: str) -> str:
    """Any text as a name that every file system and URL takes unchanged, and that can be read back: ``a/b`` is ``a~2Fb``."""
    name = quote(text, safe="").replace("~", "%7E").replace("%", "~").replace(".", "~2E")
    return name if len(name) <= _LONGEST else f"sha256-{hashlib.sha256(text.encode()).hexdigest()}"


def from_file_name(name: str) -> str:
    """The inverse of ``file_name`` for texts that were not too long."""
    return unquote(name.replace("~", "%"))


def change(id: int, view: str = "") -> str:
    """A change's page; ``view`` is "" or "side"."""
    return f"changes/{id}{_suffix(view)}.html"


def article(id: str) -> str:
    """An article's page."""
    return f"articles/{file_name(id)}.html"


def versions(id: str, old: int, new: int, view: str = "") -> str:
    """The comparison of any two versions of an article; the saved copy is ``seed``."""
    return f"articles/{file_name(id)}/{_version(old)}..{_version(new)}{_suffix(view)}.html"


def outlet(id: str) -> str:
    """An outlet's page."""
    return f"outlets/{file_name(id)}.html"


def listing(selection: str, after: int | None = None) -> str:
    """A list of changes; the following pages are named by the last change before them, so that they stay what they are."""
    if after is not None:
        return f"lists/{selection}-after-{after}.html"
    return "index.html" if selection == "inbox" else f"lists/{selection}.html"


def feed(selection: str, form: str) -> str:
    """A feed; ``form`` is ``atom`` or ``json``."""
    return f"feeds/{selection}.{form}"


def capture(id: int) -> str:
    """The page of a look as served, as plain text."""
    return f"captures/{id}.txt"


def picture(id: int) -> str:
    """A change's picture for sharing."""
    return f"share/{id}.png"


def _version(number: int) -> str:
    return "seed" if number == 0 else str(number)


def _suffix(view: str) -> str:
    return f"-{view}" if view else ""
