"""The pages: the changes, one change, an article with its versions, health. A thin shell over the one-file report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from reports import wording
from reports.data import change_full, change_row
from reports.html import report
from reports.summary import summarise
from reports.views import direction, shown
from storage import Store
from storage.errors import UserError, ZaesurError
from storage.types import Baseline, Change, Disclosure, Kind, Version, Weight

_PAGE = 100  # changes on one page
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Page = Callable[[Store, Request], Response]


def app(database: Path, port: int) -> Starlette:
    """The application for one database; it answers to its own name only."""
    pages: dict[str, Page] = {
        "/": _inbox,
        "/changes/{id:int}": _change,
        "/articles/{id:path}": _article,
        "/status": _status,
        "/api/changes": _api_changes,
        "/api/changes/{id:int}": _api_change,
        "/api/status": _api_status,
    }
    routes = [Route(path, _with_store(database, page)) for path, page in pages.items()]
    names = frozenset(f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
    return Starlette(
        routes=routes,
        middleware=[Middleware(OwnHost, names=names)],
        exception_handlers={HTTPException: _problem, ZaesurError: _problem},
    )


class OwnHost:
    """The exact host first: a page of another name must not reach us through the browser (DNS rebinding)."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 to any other host, and put the safe headers on every answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        answer = self._app if host in self._names else PlainTextResponse("not this host\n", status_code=421)

        async def safe(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await answer(scope, receive, safe)


def _with_store(database: Path, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        # opened for each page: reading is cheap, and a page never shows half of what a writer is doing
        with Store.open(database, write=False) as store:
            return page(store, request)

    return endpoint


def _inbox(store: Store, request: Request) -> Response:
    language, filters = _language(request), _filters(request)
    found = store.changes(**filters, limit=_PAGE)
    return _render(
        "inbox.html", request, found=found, status=store.status(), summarise=lambda c: summarise(c.assessment, language)
    )


def _filters(request: Request) -> dict[str, Any]:
    """The filters in the address, the same words as on the command line; unknown values are named."""
    given = request.query_params
    try:
        return {
            "weight": Weight[given["weight"].upper()] if given.get("weight") else None,
            "kind": Kind(given["kind"]).value if given.get("kind") else None,
            "disclosure": Disclosure(given["disclosure"]).value if given.get("disclosure") else None,
            "baseline": Baseline(given["baseline"]) if given.get("baseline") else None,
            "search": given.get("search") or None,
            "article": given.get("article") or None,
            "language": given.get("language") or None,
        }
    except (KeyError, ValueError) as error:
        raise HTTPException(400, f"not a filter: {error}") from None


def _change(store: Store, request: Request) -> Response:
    change = _found(store, request)
    old, new = _version(store, change, change.from_version), _version(store, change, change.to_version)
    article = store.article(change.article)
    if article is None:
        raise HTTPException(404, "the article is not in this database")
    return HTMLResponse(report(change, old, new, article, _language(request)))


def _found(store: Store, request: Request) -> Change:
    change = store.change(request.path_params["id"])
    if change is None:
        raise HTTPException(404, f"there is no change {request.path_params['id']}")
    return change


def _version(store: Store, change: Change, number: int) -> Version:
    version = store.version(change.article, number)
    if version is None:
        raise HTTPException(404, f"{change.article} has no version {number}")
    return version


def _article(store: Store, request: Request) -> Response:
    article = store.find_article(request.path_params["id"])
    if article is None:
        raise HTTPException(404, f"no article {request.path_params['id']} is known")
    language = _language(request)
    return _render(
        "article.html",
        request,
        article=article,
        versions=store.versions(article.id),
        looks=store.captures(article.id, limit=200),
        gaps=store.gaps(article.id),
        found=store.changes(article=article.id),
        direction=direction(article.language),
        summarise=lambda change: summarise(change.assessment, language),
    )


def _status(store: Store, request: Request) -> Response:
    troubled = [c for c in store.captures(limit=500) if not c.outcome.seen][:50]
    return _render("status.html", request, status=store.status(), troubled=troubled, sources=store.feeds())


def _api_changes(store: Store, request: Request) -> Response:
    return JSONResponse([change_row(change) for change in store.changes(**_filters(request))])


def _api_change(store: Store, request: Request) -> Response:
    return JSONResponse(change_full(_found(store, request)))


def _api_status(store: Store, request: Request) -> Response:
    return JSONResponse(store.status())


def _problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400 if isinstance(error, UserError) else 500
    text = error.detail if isinstance(error, HTTPException) else str(error)
    return PlainTextResponse(f"{text}\n", status_code=status)


def _language(request: Request) -> str:
    return "de" if request.query_params.get("lang") == "de" else "en"


def _render(name: str, request: Request, **values: Any) -> Response:
    language = _language(request)
    page = _environment().get_template(name)
    return HTMLResponse(
        page.render(
            **values,
            language=language,
            query=request.query_params,
            other=str(request.url.include_query_params(lang="en" if language == "de" else "de").query),
            say=lambda key, **words: wording.say(key, language, **words),
            moment=lambda value: wording.moment(value, language),
            weight=lambda value: wording.weight(value, language),
            observed=lambda change: wording.observed(change.observed_after, change.observed_by, language),
            shown=shown,
            css=_file("report.css"),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, loader=FunctionLoader(_file), undefined=StrictUndefined)


def _file(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")
