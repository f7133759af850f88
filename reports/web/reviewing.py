"""The one thing that can be written through the pages, when serving allows it: an editor's mark on a change."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reports.site.addresses import change, in_language
from storage.reviews import record_mark
from storage.types import Verdict

_LARGEST = 64 << 10  # bytes of a form
_LARGEST_ID = 10**18  # what SQLite can look for


def route(database: Path) -> Route:
    """The address the form on a change's page posts to."""

    async def mark(request: Request) -> Response:
        form = await _form(request)
        try:
            verdict = Verdict(form.get("verdict", ""))
        except ValueError:
            raise HTTPException(400, f"not a mark: {form.get('verdict', '')!r}") from None
        number = min(int(request.path_params["id"]), _LARGEST_ID)
        record_mark(database, number, verdict, form.get("who", ""), form.get("note", ""))
        language = "de" if form.get("lang") == "de" else "en"
        return RedirectResponse(f"/{in_language(change(number), language)}#review", status_code=303)

    return Route("/review/{id:int}", mark, methods=["POST"])


async def _form(request: Request) -> dict[str, str]:
    """The fields of a plain form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise HTTPException(413, "this form is too large; nothing was recorded")
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        raise HTTPException(400, "this is not a form; nothing was recorded") from None
    return {name: values[-1] for name, values in fields.items()}
