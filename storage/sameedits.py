"""The same edit on many pages: the digests of each change's edits, and which changes share them.

What is here is derived from the recorded changes and can be made again from them; it is no evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from storage.changes import Changes
from storage.types import Change

_NONE = ""  # marks a change that was looked at and has no edit to recognise

_SAME = """
SELECT DISTINCT theirs.change, b.article FROM change_edits mine JOIN change_edits theirs ON theirs.digest = mine.digest
JOIN changes a ON a.id = mine.change JOIN changes b ON b.id = theirs.change
WHERE mine.change = ? AND mine.digest <> '' AND a.article <> b.article
ORDER BY theirs.change
"""

# of some changes, those whose edits are all the same, where they are in more than one article
_GROUPS = """
WITH whole AS (
    SELECT change, group_concat(digest) AS edits FROM (
        SELECT change, digest FROM change_edits WHERE change IN (SELECT value FROM json_each(?)) ORDER BY change, digest)
    GROUP BY change HAVING MIN(digest) <> ''
)
SELECT w.change, MIN(w.change) OVER (PARTITION BY w.edits) AS first
FROM whole w WHERE w.edits IN (
    SELECT edits FROM whole JOIN changes c ON c.id = whole.change GROUP BY edits HAVING COUNT(DISTINCT c.article) > 1
)
"""


class SameEdits(Changes):
    """Edits recognised in other articles."""

    def undigested(self) -> list[Change]:
        """Changes whose edits have no digests yet."""
        newest = int(
            self._value("SELECT MAX(change) FROM change_edits") or 0
        )  # digests are made in the order of changes
        rows = self._rows("SELECT id FROM changes WHERE id > ? ORDER BY id", [newest])
        return [change for row in rows if (change := self.change(row["id"]))]

    def digested(self, digests: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Keep the digests of the edits of some changes, given by number."""
        rows = [(id, digest) for id, found in digests for digest in (found or [_NONE])]
        if rows:
            with self._write() as db:
                db.conn.executemany("INSERT INTO change_edits(change, digest) VALUES (?, ?)", rows)

    def same_as(self, id: int) -> list[int]:
        """The numbers of changes to other articles that share an edit with this one, oldest first."""
        return [row["change"] for row in self._rows(_SAME, [id])]

    def articles_with_same(self, id: int) -> int:
        """In how many articles an edit of this change was made, its own included."""
        return 1 + len({row["article"] for row in self._rows(_SAME, [id])})

    def groups(self, among: Iterable[int]) -> dict[int, int]:
        """For each of these changes whose edits all occur among them in another article too: the first that did the same."""
        return {row["change"]: row["first"] for row in self._rows(_GROUPS, [json.dumps(list(among))])}
