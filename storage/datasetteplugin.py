"""For Datasette, which finds it by itself where both are installed: SQL functions that read packed texts.

``zaesur_text(content, packed, packed of the version it rests on)`` gives a version's content as JSON; see ``docs/data.md``.
"""

from __future__ import annotations

from typing import Any

import pluggy

from storage.texts import unpack

_hook = pluggy.HookimplMarker("datasette")


@_hook
def prepare_connection(conn: Any) -> None:
    """Add the functions to a connection."""
    conn.create_function("zaesur_text", 3, version_text, deterministic=True)


def version_text(content: str, packed: bytes | None, whole: bytes | None) -> str:
    """A version's content; ``whole`` is the packed text of the version it rests on, if it rests on one."""
    return unpack(content, packed, None if whole is None else unpack("", whole))
