"""What is hashed is written as it always was, whatever writes it: an old record and a new one of the same look are the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storage.content import canonical
from storage.seals import row_digest, said

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(-(2**63), 2**63 - 1)
FRACTION = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | WHOLE | TEXT
NESTED = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8)


@given(st.dictionaries(TEXT, NESTED | FRACTION))
def test_a_record_is_written_as_pythons_json_writes_it(record: dict[str, Any]) -> None:
    assert canonical(record) == json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@given(NESTED)
def test_so_is_what_an_article_says(says: Any) -> None:
    assert canonical(says) == json.dumps(says, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.dictionaries(st.from_regex(r"[a-z_0-9]+", fullmatch=True), st.none() | WHOLE | FRACTION | TEXT | st.binary()))
def test_a_row_is_sealed_as_pythons_json_writes_it(row: dict[str, Any]) -> None:
    plain = {
        name: {"sha256": hashlib.sha256(value).hexdigest()} if isinstance(value, bytes) else value
        for name, value in row.items()
        if value is not None
    }
    written = json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()
    assert said(row) == written
    assert row_digest(row) == hashlib.sha256(written).digest()


def test_every_character_is_written_as_pythons_json_writes_it() -> None:
    every = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    assert canonical([every]) == json.dumps([every], ensure_ascii=False).encode()
    assert said({"text": every}) == json.dumps({"text": every}, ensure_ascii=False).encode()
