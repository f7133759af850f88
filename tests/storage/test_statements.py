"""What a look asks of the database is compiled once, however long the program has been running."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from pysqlite3 import dbapi2 as sqlite

from storage import Store
from storage.types import Look
from tests.storage.conftest import ARTICLE

KEPT = 1000  # compiled statements that a connection keeps (storage/opening.py)


def test_rows_written_by_sqlite_utils_do_not_take_the_place_of_compiled_statements(
    store: Store, look: Callable[..., Look]
) -> None:
    with store.together():
        for number in range(KEPT):
            store.add_article(replace(ARTICLE, id=f"a-{1000 + number}", url=f"https://example.org/a-{1000 + number}"))
    compiled: list[object] = []

    def told(*what: object) -> int:  # called for each statement that is compiled
        compiled.append(what)
        return int(sqlite.SQLITE_OK)

    store._db.conn.set_authorizer(told)
    for says in ("eins", "zwei", "drei"):
        store.record(look(says))
    assert compiled
    compiled.clear()
    store.record(look("vier"))
    assert compiled == []


def test_rows_that_are_refused_within_a_transaction_leave_what_was_written_before_them(store: Store) -> None:
    def refused() -> None:
        row = {"id": "a-200", "outlet": "dw", "language": "de", "first_seen": ""}
        with store._db.utilities.atomic():
            for id in ("a-200", ARTICLE.id):
                store._db.table("articles").insert({**row, "id": id})

    with store.together():
        store.add_article(ARTICLE)
        with pytest.raises(sqlite.IntegrityError):
            refused()
    assert [article.id for article in store.articles()] == [ARTICLE.id]
