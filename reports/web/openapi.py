"""The description of the JSON API for programs: OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from reports.wording import LANGUAGES
from storage.types import Baseline, Disclosure, EditOp, Field, Kind, SpanOp, Verdict, Weight

_TIME = {"type": ["string", "null"], "description": "ISO 8601, UTC"}
_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_NUMBER = {"type": "integer"}
_MOMENT = {
    "type": "string",
    "pattern": r"^(20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]Z)?)?$",
    "examples": ["2026-02-24", "2026-02-24T10:00Z"],
}


def description() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Zäsur",
            "version": "1",
            "description": "What was changed in published articles. Read-only. The rows are those of `zaesur changes --json` and `show --json`.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/changes": {"get": _list()},
            "/api/changes/{id}": {
                "get": _one(
                    "change",
                    "One change with every edit",
                    "Full",
                    _path("id", {"type": "integer", "minimum": 0, "maximum": 10**17}),
                )
            },
            "/api/articles/{name}": {
                "get": _one(
                    "article", "An article with its versions, changes and gaps", "Article", _path("name", _TEXT)
                )
            },
            "/api/status": {"get": _operation("status", "Health in numbers", {"200": _answer("Status")})},
            "/api/openapi.json": {
                "get": _operation("description", "This description", {"200": _json({"type": "object"})})
            },
        },
        "components": {"schemas": _schemas()},
    }


def _operation(id: str, summary: str, responses: dict[str, Any], parameters: list[Any] | None = None) -> dict[str, Any]:
    return {"operationId": id, "summary": summary, "parameters": parameters or [], "responses": responses}


def _list() -> dict[str, Any]:
    answers = {
        "200": {
            **_json({"type": "array", "items": {"$ref": "#/components/schemas/Change"}}),
            "headers": {"Link": {"description": 'rel="next": the following changes', "schema": _TEXT}},
        },
        "400": _answer("Problem"),
    }
    parameters = [
        _query("weight", {"enum": [weight.label for weight in Weight]}, "at least this weight"),
        _query("kind", {"enum": list(Kind)}, "of this kind"),
        _query("disclosure", {"enum": list(Disclosure)}, "with or without a note"),
        _query("outlet", _TEXT, "of this outlet"),
        _query("language", _TEXT, "of articles in this language"),
        _query("section", _TEXT, "of this section: the first part of the kicker"),
        _query("baseline", {"enum": list(Baseline)}, "compared with the saved copy or the version before"),
        _query("article", _TEXT, "of this article, by its id"),
        _query("since", _MOMENT, "seen from this day in Berlin or this instant on"),
        _query("until", _MOMENT, "seen until the end of this day in Berlin, or before this instant"),
        _query("search", _TEXT, "whose added or removed words contain this text"),
        _query("review", {"enum": list(Verdict)}, "whose newest mark is this"),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "at most so many"),
        _query("after", {"type": "integer", "minimum": 0, "maximum": 10**17}, "those after this change in the list"),
    ]
    return _operation("changes", "Recorded changes, most important first", answers, parameters)


def _one(id: str, summary: str, schema: str, parameter: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": _answer(schema), "400": _answer("Problem"), "404": _answer("Problem")}
    return _operation(id, summary, answers, [parameter])


def _query(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    kind = {} if "type" in schema else {"type": "string"}
    return {"name": name, "in": "query", "required": False, "description": text, "schema": {**kind, **schema}}


def _path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _answer(schema: str) -> dict[str, Any]:
    return _json({"$ref": f"#/components/schemas/{schema}"})


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "JSON", "content": {"application/json": {"schema": schema}}}


def _schemas() -> dict[str, Any]:
    review = _object({"change": _NUMBER, "verdict": {"enum": list(Verdict)}, "who": _TEXT, "at": _TIME, "note": _TEXT})
    change = {
        "id": _NUMBER,
        "article": _TEXT,
        "url": _TEXT,
        "language": _TEXT,
        "headline": _TEXT,
        "baseline": {"enum": list(Baseline)},
        "from": {**_NUMBER, "description": "number of the older version; 0 is the saved copy"},
        "to": _NUMBER,
        "observed_after": _TIME,
        "observed_by": _TIME,
        "weight": {"enum": [weight.label for weight in Weight]},
        "kinds": {"type": "array", "items": {"enum": list(Kind)}},
        "disclosure": {"enum": list(Disclosure)},
        "summary": _TEXT,
    }
    span = _object({"op": {"enum": list(SpanOp)}, "text": _TEXT})
    finding = _object(
        {
            "kind": {"enum": list(Kind)},
            "weight": {"enum": [weight.label for weight in Weight]},
            "old": _TEXT,
            "new": _TEXT,
            "reason": _TEXT,
            "why": _object(dict.fromkeys(LANGUAGES, _TEXT)),
        }
    )
    edit = _object(
        {
            "op": {"enum": list(EditOp)},
            "field": {"enum": list(Field)},
            "kind": {"enum": [*Kind, None]},
            "old": _MAYBE,
            "new": _MAYBE,
            "spans": {"type": "array", "items": span},
            "findings": {"type": "array", "items": finding},
        }
    )
    edit["description"] = "joining the keep and drop spans gives old, keep and add spans new, exactly"
    reviewed = {**change, "review": {"anyOf": [review, {"type": "null"}]}}
    full = _object({**reviewed, "edits": {"type": "array", "items": edit}})
    full["properties"]["withdrawn"] = {**_TIME, "description": "when a later reading found no difference; absent else"}
    version = _object(
        {
            "article": _TEXT,
            "version": _NUMBER,
            "origin": _TEXT,
            "headline": _MAYBE,
            "first_seen": _TIME,
            "last_seen": _TIME,
            "text_sha256": _TEXT,
            "page_sha256": _MAYBE,
            "extractor": _TEXT,
        }
    )
    gap = _object({"since": _TIME, "until": _TIME, "reason": _TEXT})
    article = _object(
        {
            "article": _TEXT,
            "outlet": _TEXT,
            "url": _TEXT,
            "language": _TEXT,
            "headline": _MAYBE,
            "first_seen": _TIME,
            "versions": {"type": "array", "items": version},
            "changes": {"type": "array", "items": _object(change)},
            "gaps": {"type": "array", "items": gap},
        }
    )
    counts = ("articles", "captures", "versions", "changes", "set_aside", "failed", "gaps")
    status: dict[str, Any] = {**dict.fromkeys(counts, _NUMBER), "last_look": _TIME, "next_due": _TIME}
    status["service"] = {"enum": ["running", "stopped", "stalled"]}
    return {
        "Change": _object(reviewed),
        "Full": full,
        "Article": article,
        "Status": _object(status),
        "Problem": _object({"problem": _TEXT}),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
