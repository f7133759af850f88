"""Parts of a page's source left out, in time in proportion to the page. Pure.

This runs on the event loop, where nothing limits it, whatever the page's maker had in mind: one expression for it all looks for an end
that never comes anew from each beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


def without(text: str, opens: re.Pattern[str], closes: Mapping[str, re.Pattern[str]]) -> str:
    """The text without what ``opens`` finds, as far as its end; what never ends stays.

    ``closes`` finds the end by what opened: by the first group, or by all of it where that has none.
    """
    kept, at, begin, never = list[str](), 0, 0, set[str]()
    while opening := opens.search(text, at):
        at, name = opening.end(), (opening[1] or opening[0]).lower()
        # from within its beginning, for "<!-->" is a whole comment
        closing = None if name in never else closes[name].search(text, opening.start() + 2)
        if closing is None:
            never.add(name)
            continue
        kept.append(text[begin : opening.start()])
        at = begin = closing.end()
    return "".join([*kept, text[begin:]])
