"""One comparison without a database: a saved copy against a page or another copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.copies import Copy, read_copy
from crawler.crawling import fetch_once
from crawler.extraction import fingerprint
from reports.diff import assess
from reports.summary import summarise
from scheduler.baselines import import_files, link_seed
from storage import Store
from storage.errors import UserError, ZaesurError
from storage.types import Article, Baseline, Change, Content, Look, Origin, Version


class NotLookedAt(ZaesurError):
    """The page to compare with could not be looked at."""


@dataclass(frozen=True, kw_only=True)
class OneOff:
    """A comparison that is not recorded: both sides, what differs, and the look if a page was fetched."""

    article: Article
    old: Version
    new: Version
    change: Change
    look: Look | None


def compare_copy(saved: Path, page: str) -> OneOff:
    """Compare the copy in ``saved`` with ``page``, a URL or another file.

    Raises UserError when a file is no article, NotLookedAt when the page could not be fetched or is not an article.
    """
    copy = _read(saved)
    look: Look | None
    seen: datetime | None
    if "://" in page:
        fetched = fetch_once(page)
        content, article, answered = _seen(fetched)
        look, seen = fetched, answered
    else:
        other = _read(Path(page))
        look, content, seen = None, other.content, other.taken_at
        article = Article(id=Path(page).name, outlet="", url=other.url or copy.url or "", language=copy.language)
    if article.language and copy.language and article.language != copy.language:
        raise UserError(f"the copy is in {copy.language!r}, the page in {article.language!r}: not the same edition")
    old = _version(article, 0, copy.content, copy.taken_at)
    new = _version(article, 1, content, seen)
    return OneOff(article=article, old=old, new=new, change=_change(article, old, new), look=look)


def keep_both(db: Path, saved: Path, result: OneOff) -> None:
    """Import the copy, link it to the page's article and record the look that was made."""
    if result.look is None:
        raise UserError("--keep goes with a URL: a file is not a look at the article")
    with Store.open(db) as store:
        imported = next(iter(import_files(store, [saved])))
        if imported.seed is None:
            raise UserError(f"{saved}: {imported.problem}")
        if imported.seed.article is None:
            link_seed(store, str(imported.seed.number), result.article.url)
        store.record(result.look)


def _read(path: Path) -> Copy:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    copies = read_copy(path.name, data)
    if len(copies) > 1:
        raise UserError(f"{path}: holds {len(copies)} articles; compare takes one")
    return copies[0]


def _seen(look: Look) -> tuple[Content, Article, datetime]:
    if look.content is None or look.article is None:
        outcome = look.outcome.value if look.outcome else "nothing readable"
        raise NotLookedAt(f"{look.requested_url}: {outcome} ({look.reason or 'no reason given'}); nothing was kept")
    return look.content, look.article, look.answered or look.started


def _version(article: Article, number: int, content: Content, seen: datetime | None) -> Version:
    return Version(
        article=article.id,
        number=number,
        origin=Origin.CRAWL if number else Origin.SEED,
        content=content,
        fingerprint=fingerprint(),
        first_seen=seen,
        last_seen=seen,
    )


def _change(article: Article, old: Version, new: Version) -> Change:
    assessment = assess(old.content, new.content)
    return Change(
        id=0,
        article=article.id,
        baseline=Baseline.SEED,
        from_version=0,
        to_version=1,
        observed_after=old.last_seen,
        observed_by=new.first_seen or datetime.now(UTC),
        assessment=assessment,
        summary=summarise(assessment, "en"),
        url=article.url,
        language=article.language,
        headline=new.content.headline or "",
    )
