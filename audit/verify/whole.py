"""Verifying a whole log from its checkpoint and tiles, with nothing but the log's public key trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audit.checkpoints import Checkpoint, open_checkpoint
from audit.notes import BadNote, Note, VerifierKey
from audit.tiles import ENTRIES, BrokenBundle, Tile, unbundle
from audit.tree import TILE, leaf_hashes
from audit.verify.attempts import Attempts
from audit.verify.policy import Policy
from audit.verify.proofs import VerifyFailed
from audit.verify.rebuild import Rebuild
from audit.verify.sources import Source
from audit.verify.spans import Seen, Span, hashed, look_at, spans


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


def verify_log(source: Source, key: VerifierKey, demands: Demands, processes: int | None = None) -> Report:
    """Verify everything a source holds; raises VerifyFailed at the first thing that is wrong.

    The entries are looked at by so many processes: by one for each core, and for a small log one, if None.
    """
    checkpoint, note = signed_checkpoint(source.read("checkpoint"), key)
    witnesses = require_witnesses(note, key, demands)

    def compare(level: int, number: int, hashes: Sequence[bytes]) -> None:
        _require_tile(source, Tile(level, number, len(hashes)), hashes)

    sizes = frozenset([checkpoint.size, *(saved.size for saved in demands.earlier)])
    rebuild, attempts = Rebuild(sizes, tile=compare), Attempts()
    look = _Look(source, sizes, demands.minimum)
    for seen in look_at(look, spans(0, checkpoint.size), processes):
        seen.add_to(rebuild, attempts)
    rebuild.finish()
    require_roots(rebuild, checkpoint, demands.earlier)
    waiting = attempts.still_open(demands.now, demands.patience)
    return Report(checkpoint, len(demands.earlier), witnesses, waiting, attempts.others)


@dataclass(frozen=True)
class _Look:
    """A look at some bundles and the leaves beside them."""

    source: Source
    sizes: frozenset[int]
    minimum: int

    def __call__(self, span: Span) -> Seen:
        seen = Seen()
        try:
            for low in range(span.low, span.high, TILE):
                bundle = Tile(ENTRIES, low // TILE, min(TILE, span.high - low))
                if bundle.end <= self.minimum // TILE * TILE:
                    leaves = self._leaves(bundle._replace(level=0))
                else:
                    entries = self._entries(bundle)
                    leaves = leaf_hashes(entries)
                    _require_tile(self.source, bundle._replace(level=0), leaves)
                    seen.stretch.read(low, entries)
                seen.bundles.append(hashed(low, leaves, self.sizes))
        except VerifyFailed as failure:
            seen.failure = str(failure)
        return seen

    def _entries(self, bundle: Tile) -> list[bytes]:
        try:
            return unbundle(self.source.read(bundle.path), bundle.width)
        except BrokenBundle as error:
            raise VerifyFailed(f"{bundle.path}: {error}") from None

    def _leaves(self, tile: Tile) -> list[bytes]:
        """The leaves of entries that are gone; what follows from them shows whether they are those that were signed."""
        hashes = self.source.read(tile.path)
        if len(hashes) != 32 * tile.width:
            raise VerifyFailed(f"{tile.path} does not hold {tile.width} hashes")
        return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def _require_tile(source: Source, tile: Tile, hashes: Sequence[bytes]) -> None:
    if source.read(tile.path) != b"".join(hashes):
        raise VerifyFailed(f"{tile.path} does not follow from the entries")


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
