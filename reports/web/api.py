"""The read-only JSON API: the same rows as ``--json`` on the command line, the same filters as the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reports.data import article_row, change_full, change_row, review_row, version_row
from reports.site import Reading, addresses, articles, selections
from reports.web.openapi import description
from storage import Store
from storage.errors import UserError
from storage.types import Article, Review

MOST = 1000  # changes in one answer
_USUAL = 100
Answer = Callable[[Store, Request], Response]


def routes(database: Path, reading: Reading) -> list[Route]:
    """The addresses below ``/api``."""
    answers: dict[str, Answer] = {
        "/api/changes": _changes,
        "/api/changes/{id}": _change,
        "/api/articles/{name}": _article,
        "/api/status": lambda store, _: JSONResponse(store.status()),
        "/api/openapi.json": lambda _, __: JSONResponse(description()),
    }
    return [Route(path, _with_store(database, answer)) for path, answer in answers.items()]


def _with_store(database: Path, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            with Store.open(database, write=False) as store, store.of_one_moment():
                return answer(store, request)
        except HTTPException as problem:
            return JSONResponse({"problem": problem.detail}, status_code=problem.status_code)
        except UserError as problem:
            return JSONResponse({"problem": str(problem)}, status_code=400)

    return endpoint


def _changes(store: Store, request: Request) -> Response:
    query = dict(request.query_params)
    unknown = sorted(set(query) - {*selections.FILTERS, "limit", "after"})
    if unknown:
        raise HTTPException(400, f"not a filter: {', '.join(unknown)}")
    limit = _number(query.get("limit", str(_USUAL)), "limit")
    if not 1 <= limit <= MOST:
        raise HTTPException(400, f"limit can be 1 to {MOST}")
    after = _number(query["after"], "after") if "after" in query else None
    found = store.listed(selections.from_query(query), after=after, limit=limit + 1)
    marks = store.marks(change.id for change in found[:limit])
    answer = JSONResponse([_reviewed(change_row(change), marks.get(change.id)) for change in found[:limit]])
    if len(found) > limit:
        following = urlencode({**query, "after": str(found[limit - 1].id)})
        answer.headers["Link"] = f'</api/changes?{following}>; rel="next"'
    return answer


def _change(store: Store, request: Request) -> Response:
    number = _number(request.path_params["id"], "id")
    change = store.change(number)
    if change is None:
        raise HTTPException(404, f"there is no change {number}")
    mark = store.marks([change.id]).get(change.id)
    return JSONResponse(_reviewed(change_full(change), mark))


def _article(store: Store, request: Request) -> Response:
    article = articles.known(store, request.path_params["name"])
    if article is None:
        raise HTTPException(404, f"no article {addresses.from_file_name(request.path_params['name'])} is known")
    return JSONResponse({**article_row(article), **_around(store, article)})


def _around(store: Store, article: Article) -> dict[str, Any]:
    return {
        "versions": [version_row(version) for version in store.versions(article.id)],
        "changes": [change_row(change) for change in store.changes(article=article.id)],
        "gaps": [
            {
                "since": gap.since.isoformat(),
                "until": gap.until.isoformat() if gap.until else None,
                "reason": gap.reason,
            }
            for gap in store.gaps(article.id)
        ],
    }


def _reviewed(row: dict[str, Any], mark: Review | None) -> dict[str, Any]:
    return {**row, "review": review_row(mark) if mark else None}


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise HTTPException(400, f"{name} is a whole number, not {text!r}")
    return int(text)
