"""The reports over HTTP: a thin shell over the pages, to one host only, with what keeps a browser safe on every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from reports.site import Document, NoSuchPage, Reading, Site
from reports.site.addresses import in_language, language_of
from reports.web import visits
from reports.web.access import Exposure, Guard
from reports.web.api import routes as api_routes
from reports.web.reviewing import route as review_route
from storage import Store
from storage.errors import UserError, ZaesurError

_INBOX = ("index.html", "search.html")


def app(
    database: Path, port: int, reading: Reading, exposure: Exposure | None = None, *, review: bool = False
) -> Starlette:
    """The application for one database; it answers to its own name only. ``review`` lets editors mark changes."""
    guard = exposure or Exposure()
    routes = [
        *api_routes(database, reading),
        *([review_route(database)] if review else []),
        Route("/{path:path}", _page(database, reading, review=review)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, names=guard.names(port), token=guard.token)],
        exception_handlers={HTTPException: _problem, ZaesurError: _problem},
    )


def _page(database: Path, reading: Reading, *, review: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        path = _path(request.path_params["path"])
        query = dict(request.query_params)
        if moved := _wanted_language(path, query):
            return RedirectResponse(moved, status_code=303)
        # opened for each page: reading is cheap, and what a page counts and what it lists are of one moment
        with Store.open(database, write=False) as store, store.of_one_moment():
            site = Site(store=store, reading=reading, base=str(request.base_url), review=review)
            listing = language_of(path)[1] in _INBOX
            visitor, remembered = visits.visitor(store, request.cookies) if listing else (None, None)
            try:
                answer = _response(site.document(path, query, visitor))
            except UserError as problem:
                if "text/html" not in request.headers.get("accept", ""):
                    raise  # told in one line
                return HTMLResponse(site.problem(path, problem).body, status_code=_status(problem))
            if remembered:
                visits.remember(answer, remembered, secure=request.url.scheme == "https")
            return answer

    return endpoint


def _path(path: str) -> str:
    """The page under an address as people write it: ``/changes/17`` is ``changes/17.html``."""
    if path in ("", "de", "de/"):
        return in_language("index.html", "de" if path else "en")
    last = path.rsplit("/", 1)[-1]
    return path if "." in last.replace("..", "") else f"{path}.html"


def _wanted_language(path: str, query: dict[str, str]) -> str | None:
    """Where ``?lang=`` leads: languages have addresses of their own."""
    language = query.pop("lang", None)
    own, page = language_of(path)
    if language not in ("en", "de") or language == own:
        return None
    # without the slashes that would make the first part of the path another server
    return f"/{in_language(page, language).lstrip('/')}{'?' if query else ''}{urlencode(query)}"


def _response(document: Document) -> Response:
    if document.location is not None:
        return RedirectResponse(document.location, status_code=303)
    headers = {"Content-Disposition": f'attachment; filename="{document.download}"'} if document.download else {}
    return Response(document.body, headers=headers, media_type=document.media_type)


def _problem(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        status, text = error.status_code, error.detail
    else:
        status, text = (
            404 if isinstance(error, NoSuchPage) else 400 if isinstance(error, UserError) else 500,
            str(error),
        )
    return PlainTextResponse(f"{text}\n", status_code=status, headers=getattr(error, "headers", None))


def _status(error: Exception) -> int:
    return 404 if isinstance(error, NoSuchPage) else 400 if isinstance(error, UserError) else 500
