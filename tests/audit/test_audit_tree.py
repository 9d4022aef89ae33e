"""Roots and proofs of any size fit the independent checks, and nothing else does."""

from itertools import product

import pytest
from audit_samples import Hashes, numbered
from hypothesis import given
from hypothesis import strategies as st

from audit.tiles import BrokenBundle, Tile, bundle, parse_path, tiles_of, unbundle
from audit.tree import Frontier, consistency_proof, inclusion_proof, leaf_hash, root
from audit.verify.proofs import VerifyFailed, verify_consistency, verify_inclusion

LARGE = Hashes(numbered(1500))
SIZES = st.integers(1, 1500)


@given(SIZES, st.data())
def test_every_entry_can_be_proved_in_every_size(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LARGE, index, size)

    verify_inclusion(leaf_hash(b'{"n":%d}' % index), index, size, proof, root(LARGE, size))


@given(SIZES, st.data())
def test_every_earlier_size_is_a_prefix(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))

    verify_consistency(old, size, root(LARGE, old), root(LARGE, size), consistency_proof(LARGE, old, size))


def test_an_inclusion_proof_holds_for_its_own_index_only() -> None:
    for size in (1, 2, 3, 7, 8, 9):
        for index, other in product(range(size), range(size)):
            proof = inclusion_proof(LARGE, index, size)
            if other != index:
                with pytest.raises(VerifyFailed):
                    verify_inclusion(leaf_hash(b'{"n":%d}' % other), other, size, proof, root(LARGE, size))


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: [*p, p[0]], lambda p: [p[1], p[0], *p[2:]]])
def test_a_proof_cut_lengthened_or_reordered_fails(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(VerifyFailed):
        verify_inclusion(leaf_hash(b'{"n":5}'), 5, 700, change(inclusion_proof(LARGE, 5, 700)), root(LARGE, 700))
    with pytest.raises(VerifyFailed):
        verify_consistency(5, 700, root(LARGE, 5), root(LARGE, 700), change(consistency_proof(LARGE, 5, 700)))


def test_a_log_that_shrank_or_forked_is_not_consistent() -> None:
    other = Hashes([b"else", *numbered(1500)[1:]])
    for old, size in ((4, 9), (5, 9), (9, 9), (9, 4), (0, 9)):
        old_root = root(other, old) if old else b"\0" * 32
        proof = consistency_proof(LARGE, old, size) if old <= size else []
        with pytest.raises(VerifyFailed):
            verify_consistency(old, size, old_root, root(LARGE, size), proof)


@given(SIZES, st.integers(0, 300))
def test_the_frontier_looks_ahead_without_keeping_what_it_saw(size: int, more: int) -> None:
    more = min(more, 1500 - size)
    frontier = Frontier()
    for leaf in LARGE.hashes(0, 0, size):
        frontier.push(leaf)

    assert frontier.root(LARGE.hashes(0, size, more)) == root(LARGE, size + more)
    assert frontier.root() == root(LARGE, size)


def test_tiles_of_70000_entries_are_those_of_the_specification() -> None:
    tiles = list(tiles_of(70000))

    assert Tile(0, 273, 112) in tiles and Tile(1, 1, 17) in tiles and Tile(2, 0, 1) in tiles
    assert len([tile for tile in tiles if tile.level == 0]) == 274
    assert list(tiles_of(256)) == [Tile(-1, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(-1, 63), st.integers(0, 2**40), st.integers(1, 256))
def test_a_tile_is_named_in_one_way_and_read_back(level: int, number: int, width: int) -> None:
    tile = Tile(level, number, width)

    assert parse_path(tile.path) == tile


def test_large_tile_numbers_are_written_in_groups_of_three() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(-1, 70000, 3).path == "tile/entries/x070/000.p/3"


NO_PATHS = """\
tile/0/5 tile/00/005 tile/64/005 tile/0/005.p/0 tile/0/005.p/256 tile/0/005.p/03 tile/0/x000/005 tile/0/005/
/tile/0/005 tile/-1/005 tile/0/../0/005 tile/0/٠٠٥ tile/data/005 tile/entries/05 tile/0/1/005
"""


@pytest.mark.parametrize("path", ["", "tile/0/005\n", *NO_PATHS.split()])
def test_any_other_way_to_write_a_tile_is_no_tile(path: str) -> None:
    assert parse_path(path) is None


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert unbundle(bundle(entries), len(entries)) == entries


@pytest.mark.parametrize(("content", "width"), [(b"\0\1a\0", 1), (b"\0\1a", 2), (b"\0\2a", 1), (b"\0", 1), (b"a", 0)])
def test_a_bundle_longer_or_shorter_than_its_width_is_broken(content: bytes, width: int) -> None:
    with pytest.raises(BrokenBundle):
        unbundle(content, width)
