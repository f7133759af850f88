"""Baselines: bring saved copies in, say what they are copies of, prove that they are unaltered."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from crawler.copies import Copy, read_copy
from crawler.extraction import fingerprint
from crawler.urls import identify
from crawler.urls import outlet as outlet_of
from scheduler.following import follow
from storage import Store
from storage.content import digest
from storage.errors import UserError
from storage.types import Article, Content, Seed

_MANIFEST = "manifest.json"
_LINE_OF = re.compile(r"#[0-9]+\Z")  # of a file of several copies
_SIMILAR = 88.0  # token ratio from which a headline is taken for the same one, reworded


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of one file: the seed, whether it is new, or the problem that kept it out."""

    path: Path
    seed: Seed | None = None
    created: bool = False
    problem: str | None = None


def bundled() -> list[Path]:
    """The baselines that come with the project: the files named in the manifest of ``seeds/``."""
    folder = _folder()
    return [folder / entry["file"] for entry in _manifest(folder)]


def import_files(store: Store, paths: Iterable[Path]) -> Iterator[Imported]:
    """Import each file; a file that cannot be read is reported and does not stop the others."""
    for path in paths:
        try:
            yield from _import(store, path)
        except UserError as error:
            yield Imported(path=path, problem=str(error))


def _import(store: Store, path: Path) -> Iterator[Imported]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror}); nothing was imported") from None
    copies = read_copy(path.name, data)
    for position, copy in enumerate(copies, start=1):
        name = file_name(path) if len(copies) == 1 else f"{file_name(path)}#{position}"
        seed, created = _add(store, name, data if len(copies) == 1 else _line(copy), copy)
        yield Imported(path=path, seed=seed, created=created)


def file_name(path: Path) -> str:
    """A file's name as text, which it need not be."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _add(store: Store, name: str, data: bytes, copy: Copy) -> tuple[Seed, bool]:
    if copy.url:
        store.refuse_barred(identify(copy.url).id)
    seed, created = store.add_seed(
        name,
        data,
        copy.content,
        outlet=outlet_of(copy.url) if copy.url else "dw",
        language=copy.language,
        fingerprint=fingerprint(),
        url=copy.url,
        taken_at=copy.taken_at,
    )
    if copy.url and seed.article is None:
        # a saved page names its own address, so there is nothing left to ask; also of one that was known,
        # for a process may end between keeping it and linking it
        seed = _link(store, seed, copy.url)
    return seed, created


def _line(copy: Copy) -> bytes:
    return copy.source or b""


def link_seed(store: Store, name: str, url: str) -> Seed:
    """Make a seed the baseline of the article at ``url`` and follow that article.

    Raises UserError for an unknown seed, a URL that is no article, another language edition, or an article that has a baseline already.
    """
    seed = store.find_seed(name)
    if seed is None:
        raise UserError(f"there is no seed {name!r}; see: zaesur seeds list")
    return _link(store, seed, url)


def _link(store: Store, seed: Seed, url: str) -> Seed:
    article = identify(url)
    if article.language and seed.language and article.language != seed.language:
        raise UserError(
            f"the seed is in {seed.language!r}, the URL is of the {article.language!r} edition; "
            "nothing was linked: give the URL of the same edition"
        )
    store.link_seed(seed.number, article)
    follow(store, article)
    linked = store.find_seed(str(seed.number))
    if linked is None:
        raise UserError(f"seed {seed.number} is gone")
    return linked


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An article that a baseline without a URL may be a copy of; ``match`` is 0 to 1."""

    seed: Seed
    article: Article
    match: float


def proposals(store: Store) -> Iterator[Proposal]:
    """For each baseline without a URL, the discovered article with the most similar headline in its language."""
    articles = [article for article in store.articles() if article.headline]
    for seed in store.seeds():
        if seed.article is None and seed.content.headline:
            best = max((_match(seed, article) for article in articles), key=lambda p: p.match, default=None)
            if best and best.match * 100 >= _SIMILAR:
                yield best


def _match(seed: Seed, article: Article) -> Proposal:
    same_language = not article.language or article.language == seed.language
    ratio = fuzz.token_sort_ratio(seed.content.headline or "", article.headline or "") if same_language else 0.0
    return Proposal(seed=seed, article=article, match=ratio / 100)


def verify_manifest(folder: Path | None) -> Iterator[str]:
    """Compare the files of a seeds folder with the digests in its manifest; yields one line a problem."""
    where = folder or _folder()
    for entry in _manifest(where):
        path = where / entry["file"]
        if not path.is_file():
            yield f"{path.name}: named in the manifest, but missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            yield f"{path.name}: altered; its sha256 is not the one in the manifest"


def verify_stored(store: Store) -> list[str]:
    """Check that each stored baseline still has its digest and still reads as it was recorded."""
    problems = []
    for seed in store.seeds():
        if store.removal("seed", seed.number):
            continue
        data = store.seed_data(seed.number)
        if hashlib.sha256(data).hexdigest() != seed.sha256:
            problems.append(f"seed {seed.number} ({seed.name}): altered; its sha256 is not the recorded one")
        elif not any(digest(content) == digest(seed.content) for content in _contents(seed, data)):
            problems.append(f"seed {seed.number} ({seed.name}): today's reader reads it differently")
    return problems


def _contents(seed: Seed, data: bytes) -> list[Content]:
    try:
        return [copy.content for copy in read_copy(_LINE_OF.sub("", seed.name), data)]
    except UserError:
        return []


def _folder() -> Path:
    local = Path("seeds")
    # the file, not the folder: a folder of data is a namespace package, whose own path is no path
    return local if (local / _MANIFEST).is_file() else Path(str(resources.files("seeds") / _MANIFEST)).parent


def _manifest(folder: Path) -> list[dict[str, str]]:
    path = folder / _MANIFEST
    if not path.is_file():
        raise UserError(f"{folder} has no {_MANIFEST}: name the files to import")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["seeds"]
        return [{name: str(entry[name]) for name in ("file", "sha256")} for entry in told]
    except (ValueError, LookupError, TypeError) as error:
        raise UserError(f"{path} is no manifest ({type(error).__name__}: {error})") from None


def seed_row(seed: Seed) -> dict[str, Any]:
    """A seed as ``zaesur seeds list --json`` prints it."""
    return {
        "number": seed.number,
        "name": seed.name,
        "headline": seed.content.headline,
        "language": seed.language,
        "outlet": seed.outlet,
        "article": seed.article,
        "url": seed.url,
        "published": seed.content.published,
        "taken_at": seed.taken_at.isoformat() if seed.taken_at else None,
        "sha256": seed.sha256,
    }
