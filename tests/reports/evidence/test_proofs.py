"""The tree over the chain and its proofs; codings that the verifier unpacks by itself."""

from __future__ import annotations

import gzip
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.evidence.verify import root_of, unpacked
from storage.merkle import Tree

HASHES = [hashlib.sha256(bytes([n])).hexdigest() for n in range(70)]


def _defined(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, by recursion."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _defined(leaves[:split]) + _defined(leaves[split:])).digest()


def test_the_root_is_the_one_of_rfc_6962() -> None:
    for size in range(1, len(HASHES)):
        assert Tree(HASHES[:size]).root == _defined([bytes.fromhex(each) for each in HASHES[:size]]).hex()
    assert Tree([]).root == hashlib.sha256().hexdigest()


def test_every_proof_leads_to_the_root_and_to_nothing_else() -> None:
    for size in (1, 2, 3, 8, 69):
        tree = Tree(HASHES[:size])
        for index in range(size):
            assert root_of(HASHES[index], index, size, tree.proof(index)) == tree.root
            assert root_of(HASHES[69], index, size, tree.proof(index)) != tree.root
            with pytest.raises(ValueError, match="too long"):
                root_of(HASHES[index], index, size, [*tree.proof(index), HASHES[0]])


@given(st.binary(max_size=300), st.sampled_from(["gzip", "members", "zlib", "raw"]))
def test_a_coded_body_is_unpacked_whole_or_not_at_all(page: bytes, coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    body = {
        "gzip": gzip.compress(page),
        "members": gzip.compress(page[:7]) + gzip.compress(page[7:]),
        "zlib": zlib.compress(page),
        "raw": raw.compress(page) + raw.flush(),
    }[coding]
    assert unpacked(body, len(page)) == page
    assert unpacked(body[:-1], len(page)) == b""


def test_a_bomb_is_not_unpacked_further_than_the_page_is_long() -> None:
    assert len(unpacked(gzip.compress(bytes(10_000_000)), 100)) <= 101
