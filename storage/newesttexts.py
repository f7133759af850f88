"""The full-text index: the newest text of each article, for any program that reads the database."""

from __future__ import annotations

import json
from contextlib import suppress

from storage.content import plain_text
from storage.types import Version
from storage.versions import CURRENT, Versions

# of articles with a version that came since, the one that stands last in time: what archives saw is often earlier
_NOT_INDEXED = f"""
SELECT v.id, v.article, v.number FROM (
    SELECT DISTINCT article FROM versions NOT INDEXED WHERE id > COALESCE((SELECT rowid FROM texts ORDER BY rowid DESC LIMIT 1), 0)
) n JOIN versions v ON v.article = n.article AND v.number = ({CURRENT.replace(":article", "n.article")})
WHERE NOT EXISTS (SELECT 1 FROM texts t WHERE t.rowid = v.id) ORDER BY v.id
"""
_OLDER = """
DELETE FROM texts WHERE rowid IN (SELECT v.id FROM json_each(?) named JOIN versions v ON v.article = named.value)
"""


class NewestTexts(Versions):
    """The text of each article that stands last; what earlier ones said beside it stands in the words of changes."""

    def index_texts(self) -> None:
        """Bring the index up to the newest versions, in one transaction: whatever is newer than what stands there is missing."""
        if not (missing := self._rows(_NOT_INDEXED)):
            return
        with self._write() as db:
            # FTS5 writes out all it holds in memory when a row comes before the last one: the old go in order, then the new come
            db.execute(_OLDER, [json.dumps([row["article"] for row in missing])])
            for row in missing:
                version = self._undamaged(row["article"], row["number"])
                if version and not version.removed:
                    said = [row["id"], version.content.headline or "", plain_text(version.content)]
                    db.execute("INSERT INTO texts(rowid, headline, text) VALUES (?, ?, ?)", said)

    def _undamaged(self, article: str, number: int) -> Version | None:
        """A version, unless it is damaged: that is for ``verify`` to tell, and keeps no other text out of the index."""
        with suppress(ValueError):
            return self.version(article, number)
        return None
