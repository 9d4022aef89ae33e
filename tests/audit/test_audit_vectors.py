"""The published vectors, computed by other implementations: same bytes here."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from audit_samples import LOG_KEY, ORIGIN, VKEY, WITNESS, WITNESS_KEY, Hashes, numbered

from audit.checkpoints import Checkpoint, cosign, cosigned_at, open_checkpoint
from audit.notes import COSIGNATURE, Note, VerifierKey, decode64, encode64
from audit.tiles import Tile, bundle
from audit.tree import EMPTY_ROOT, Frontier, consistency_proof, fold, inclusion_proof, leaf_hash, root

NOTE = """\
portal.example/audit
3
LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo=

\u2014 portal.example/audit \
nDlzubl9fMRtFTnyPWgEeUumRrfMn7FRHngT/K71Fs7lIMYu4fme/GgwEKV8Oe+GU40snt+ecAcNyHuAiD/iEpd3fAg=
\u2014 witness.example/w1 \
IDJKvgAAAABlU/EDq7+qm+e8ov21yVKvvaaEPeXqXYf3XFNs1jpibGXqJx2I0pzIOtwrCJ1/rE4hHxmGnxuSNdwP1/qPfOKRTDkDDA==
"""
WITNESS_VKEY = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
ROOTS = {
    1: "f94070abfd2da0bf72902eb13a808e794f954d9e2745c682a158f6ed0d4ac036",
    2: "3badc80537f029e1bb77280dc85203cf2ed9748dc8f571230fcba5c326c91068",
    3: "2cfef7627597e00b564975774ad728ef210706759fca6d64138c6dfc1cbf2cda",
    5: "87d50c5ea4b4e9c66a6350dc9cf80c85641a6dc2d4e86fbeeedca752fa4cdb4c",
    256: "5674300101808c96b0b2eb1b448615fb1c98650b2583b6791cf4c764918a823d",
    257: "9ac4c5b4d82fd3136ea384ce5f0b19825197b47e5e9aaeac18d24db89b910310",
    600: "38863ab47bc0c0baf073deb766d0a6fc2873e663e819858260632c00a8aac131",
}
FILES = {
    Tile(-1, 0): "4f5cc32d2b7ed28f6223c4cf77ffc5ece1a37137e75b5987ff201019bac5ed09",
    Tile(-1, 0, 3): "9a0b63ef0920f447ed77ff136b5cc63983b660aa439c3d31e17cfb1f75301640",
    Tile(0, 0): "bbbacfcbb4647511e8a1189ffb9c99988745f25660daebea49f57fe22993d097",
    Tile(0, 0, 3): "644a936a386a988b4ac4160a0cf05fd8988cb6d6c3e87458012f01d057393ba4",
    Tile(1, 0, 2): "526c46e7de3b93d1e3d4ce0d16daa403a8eccec772a60a433f95af2609f417f1",
}


def test_v1_leaves_roots_and_the_bundle_of_three_odd_entries() -> None:
    entries = [b"", b"\x00", b"abc"]
    leaves = [leaf_hash(entry) for entry in entries]

    assert [leaf.hex() for leaf in leaves] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde315fcd1",
    ]
    assert fold(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert fold(leaves).hex() == "30d5aa57c62bab032332923e9a5b0d5f2e623e1183b312b899497ca7dd6b80b0"
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert bundle(entries).hex() == "0000" + "000100" + "0003616263"


@pytest.mark.parametrize("size", ROOTS)
def test_v2_roots_of_numbered_entries_both_ways(size: int) -> None:
    frontier = Frontier()
    for entry in numbered(size):
        frontier.push(leaf_hash(entry))

    assert root(Hashes(numbered(size)), size).hex() == ROOTS[size]
    assert frontier.root().hex() == ROOTS[size]


def test_v3_keys_and_the_signed_checkpoint_to_the_byte() -> None:
    checkpoint = Checkpoint(ORIGIN, 3, root(Hashes(numbered(3)), 3))
    signed = checkpoint.signed(LOG_KEY)
    witnessed = Note(signed.text, (*signed.signatures, cosign(WITNESS_KEY, WITNESS, signed.text, 1700000003)))

    assert str(VKEY) == "portal.example/audit+9c3973b9+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    assert str(VerifierKey.of(WITNESS_KEY, WITNESS, COSIGNATURE)) == WITNESS_VKEY
    assert str(witnessed) == NOTE
    assert sha256(NOTE.encode()).hexdigest() == "637cfee079e4bba92a822b0e511fb684ea654d586d0962b29c8b6df7554d817c"


def test_v3_the_signed_checkpoint_opens_and_says_when_it_was_cosigned() -> None:
    checkpoint, note = open_checkpoint(NOTE.encode(), VKEY)

    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (ORIGIN, 3, ROOTS[3])
    assert cosigned_at(note, VerifierKey.parse(WITNESS_VKEY)) == datetime.fromtimestamp(1700000003, UTC)


def test_v4_inclusion_of_entry_1_in_3() -> None:
    assert [encode64(sibling) for sibling in inclusion_proof(Hashes(numbered(3)), 1, 3)] == [
        "+UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY=",
        "PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI=",
    ]


def test_v5_consistency_of_3_and_5() -> None:
    assert [encode64(part) for part in consistency_proof(Hashes(numbered(5)), 3, 5)] == [
        "PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI=",
        "10otHyrxwcrWxeiob8hpFi59HqAecpq/8XhR0QlI+ZQ=",
        "O63IBTfwKeG7dygNyFIDzy7ZdI3I9XEjD8ulwybJEGg=",
        "Z8vzSda05Mr0MKlnUcpTIhRBTC+Mn3xWervD5S8t85E=",
    ]


@pytest.mark.parametrize("tile", FILES, ids=lambda tile: tile.path)
def test_v6_tiles_of_600_entries(tile: Tile) -> None:
    entries, hashes = numbered(600), Hashes(numbered(600))
    content = {-1: bundle(entries[: tile.width]), 0: b"".join(hashes.levels[0][: tile.width])}
    content[1] = b"".join(hashes.levels[1])

    assert sha256(content[tile.level]).hexdigest() == FILES[tile]


def test_v7_the_example_note_of_the_specification() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="

    note = Note.parse(f"This is an example message.\n\n\u2014 example.com/foo {line}\n".encode())

    assert note.signatures[0].by([key]) == key
    key.check(note.text.encode(), note.signatures[0].signature)
    assert decode64(line) == note.signatures[0].key_id + note.signatures[0].signature
