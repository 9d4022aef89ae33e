"""Verifying a whole log from its checkpoint and tiles, with nothing but the log's public key trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from audit.checkpoints import Checkpoint, open_checkpoint
from audit.notes import BadNote, Note, VerifierKey
from audit.tiles import ENTRIES, BrokenBundle, Tile, unbundle
from audit.tree import TILE
from audit.verify_attempts import Attempts
from audit.verify_policy import Policy
from audit.verify_proofs import VerifyFailed
from audit.verify_rebuild import Rebuild
from audit.verify_sources import Source


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What besides the log itself an auditor holds against it."""

    earlier: Sequence[Checkpoint] = ()  # saved on earlier days
    policy: Policy | None = None
    now: datetime
    patience: timedelta = timedelta(minutes=10)  # how long an intent may wait for its outcome
    freshness: timedelta | None = timedelta(hours=24)  # how old a cosignature may be
    minimum: int = 0  # entries below it may have been pruned; a multiple of 256


@dataclass(frozen=True)
class Report:
    """What was found in a log that is as it should be."""

    checkpoint: Checkpoint
    earlier: int
    witnesses: dict[str, datetime] = field(default_factory=dict)
    open_intents: list[int] = field(default_factory=list)
    others: int = 0  # entries that say nothing of an attempt
    unsigned: int = 0  # entries behind the checkpoint, known only where the tables are read

    @property
    def self_consistent_only(self) -> bool:
        """Whether nothing from outside the log speaks for it: its keeper could have written it anew."""
        return not self.earlier and not self.witnesses


def verify_log(source: Source, key: VerifierKey, demands: Demands) -> Report:
    """Verify everything a source holds; raises VerifyFailed at the first thing that is wrong."""
    checkpoint, note = signed_checkpoint(source.read("checkpoint"), key)
    witnesses = require_witnesses(note, key, demands)

    def compare(level: int, number: int, hashes: Sequence[bytes]) -> None:
        path = Tile(level, number, len(hashes)).path
        if source.read(path) != b"".join(hashes):
            raise VerifyFailed(f"{path} does not follow from the entries")

    rebuild = Rebuild([checkpoint.size, *(saved.size for saved in demands.earlier)], tile=compare)
    attempts = Attempts()
    for first in range(0, checkpoint.size, TILE):
        bundle = Tile(ENTRIES, first // TILE, min(TILE, checkpoint.size - first))
        if bundle.end <= demands.minimum // TILE * TILE:
            rebuild.add(_leaves(source, bundle._replace(level=0)))
            continue
        try:
            entries = unbundle(source.read(bundle.path), bundle.width)
        except BrokenBundle as error:
            raise VerifyFailed(f"{bundle.path}: {error}") from None
        rebuild.add([sha256(b"\x00" + entry).digest() for entry in entries])
        attempts.add(first, entries)
    rebuild.finish()
    require_roots(rebuild, checkpoint, demands.earlier)
    waiting = attempts.still_open(demands.now, demands.patience)
    return Report(checkpoint, len(demands.earlier), witnesses, waiting, attempts.others)


def _leaves(source: Source, tile: Tile) -> list[bytes]:
    """The leaves of entries that are gone; what follows from them shows whether they are those that were signed."""
    hashes = source.read(tile.path)
    return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def signed_checkpoint(content: bytes, key: VerifierKey) -> tuple[Checkpoint, Note]:
    """The log's checkpoint; raises VerifyFailed unless it is signed with this key."""
    try:
        return open_checkpoint(content, key)
    except BadNote as error:
        raise VerifyFailed(f"checkpoint: {error}") from None


def require_witnesses(note: Note, key: VerifierKey, demands: Demands) -> dict[str, datetime]:
    """When the policy's witnesses saw the checkpoint; raises VerifyFailed if too few did, or too long ago."""
    policy = demands.policy
    if policy is None:
        return {}
    if policy.logs and key not in policy.logs:
        raise VerifyFailed("the policy is for another log than the key")
    try:
        seen = policy.cosigned(note)
    except BadNote as error:
        raise VerifyFailed(f"checkpoint: {error}") from None
    if not policy.holds(set(seen)):
        raise VerifyFailed("the checkpoint lacks the witnesses the policy asks for")
    fresh = {name for name, time in seen.items() if not demands.freshness or demands.now - time <= demands.freshness}
    if not policy.holds(fresh):
        raise VerifyFailed(f"the newest cosignature is of {max(seen.values()):%Y-%m-%d %H:%M} UTC, which is too old")
    return seen


def require_roots(rebuild: Rebuild, checkpoint: Checkpoint, earlier: Sequence[Checkpoint]) -> None:
    """Raises VerifyFailed unless the entries have the signed root and every earlier checkpoint is their prefix."""
    if rebuild.roots.get(checkpoint.size) != checkpoint.root:
        raise VerifyFailed("the entries do not have the root that was signed")
    for saved in earlier:
        if saved.size not in rebuild.roots or saved.size > checkpoint.size:
            raise VerifyFailed(f"the log has {checkpoint.size} entries, but once had {saved.size}: it was cut")
        if rebuild.roots[saved.size] != saved.root:
            raise VerifyFailed(f"the log is not the one that had {saved.size} entries before: it was rewritten")
