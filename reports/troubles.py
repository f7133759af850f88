"""Why a look showed no text or nobody looked, in the reader's language: recorded in English, and recognised by its English words.

What is recorded stays as it is; a reason that is not among these is shown as recorded.
"""

from __future__ import annotations

import re
from functools import cache

from reports import wording

_PLACE = re.compile(r"{(\w+)}")


def trouble(recorded: str, language: str) -> str:
    """A recorded reason in words of the language; what it quotes is translated where it is such a reason itself."""
    if language == "en":
        return recorded
    for key, pattern in _patterns():
        if found := pattern.fullmatch(recorded):
            return wording.name("why", key, language).format(
                **{name: trouble(value, language) for name, value in found.groupdict().items()}
            )
    return recorded


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The English sentences as patterns, with a group for each value in them, in the order of the family."""
    found = []
    for key in wording.FAMILIES["why"]:
        parts = _PLACE.split(wording.name("why", key, "en"))
        pattern = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
        found.append((key, re.compile(pattern, re.DOTALL)))
    return found
