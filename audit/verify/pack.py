"""Checks an evidence pack: that nothing in it was changed, taken out or put in since it was handed out.

    python verify.py --key KEY                 in the unpacked folder, or
    python verify.py --key KEY PACK.zip

KEY is the log's verifier key. Take it from the paper or the signed mail it came with, never from the pack: whoever can
change a pack could change a key in it. Needs Python 3.11 or newer and the package `cryptography`, nothing else.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.checkpoints import Checkpoint, open_checkpoint
from audit.disclosures import digest
from audit.evidence.files import (
    CHECKPOINT,
    HANDED_OUT,
    HANDED_OUT_PROOF,
    MANIFEST,
    Files,
    entries_of,
    entry_file,
    read_pack,
)
from audit.notes import BadNote, VerifierKey, decode64, encode64
from audit.verify.policy import BadPolicy, Policy
from audit.verify.proof_file import Proof, verify_proof
from audit.verify.proofs import VerifyFailed, verify_consistency
from audit.verify.timestamp import CONSISTENCY, NOTE, TOKEN, stamped_at


@dataclass(frozen=True)
class PackReport:
    """What holds of a pack."""

    checkpoint: Checkpoint
    entries: int
    disclosures: int
    handed_out: int  # the entry that tells of it
    at: datetime
    witnesses: Mapping[str, datetime]
    stamped: int | None = None  # entries that an authority's timestamp covers
    stamped_at: datetime | None = None  # None: nobody has asked for it to be checked


def verify_pack(
    files: Files, key: VerifierKey, policy: Policy | None = None, authority: Path | None = None
) -> PackReport:
    """Check all of a pack; raises VerifyFailed at the first thing that is wrong."""
    try:
        checkpoint, note = open_checkpoint(_file(files, CHECKPOINT), key)
        seen = policy.cosigned(note) if policy else {}
        if policy and not policy.holds(set(seen)):
            raise VerifyFailed("the checkpoint lacks the witnesses the policy asks for")
    except BadNote as error:
        raise VerifyFailed(f"the checkpoint: {error}") from None
    number, told = _proved(files, HANDED_OUT, HANDED_OUT_PROOF, key)
    manifest = _file(files, MANIFEST)
    if told["unmapped"].get("sha256") != sha256(manifest).hexdigest():
        raise VerifyFailed(f"{MANIFEST} is not the one that was handed out")
    _require_files(files, json.loads(manifest)["files"])
    disclosures = 0
    for entry in entries_of(files):
        index, event = _proved(files, entry_file(entry, "json"), entry_file(entry, "tlog-proof"), key)
        if index != entry:
            raise VerifyFailed(f"{entry_file(entry, 'json')} is entry {index}")
        disclosures += _require_disclosures(files, entry, event)
    at = datetime.fromtimestamp(told["metadata"]["logged_time"] / 1000, UTC)
    stamped = _stamped(files, key, checkpoint)
    moment = stamped_at(_file(files, NOTE), _file(files, TOKEN), authority) if authority else None
    return PackReport(checkpoint, len(entries_of(files)), disclosures, number, at, seen, stamped, moment)


def _stamped(files: Files, key: VerifierKey, checkpoint: Checkpoint) -> int | None:
    """How many entries the checkpoint that was stamped covers: one of the same log, from before."""
    if NOTE not in files:
        return None
    try:
        old, _ = open_checkpoint(files[NOTE], key)
        path = [decode64(line) for line in _file(files, CONSISTENCY).decode("ascii").splitlines()]
    except (BadNote, UnicodeDecodeError) as error:
        raise VerifyFailed(f"{NOTE} or {CONSISTENCY}: {error}") from None
    if files[CONSISTENCY] != b"".join(encode64(one).encode() + b"\n" for one in path):
        raise VerifyFailed(f"{CONSISTENCY} was changed")
    try:
        verify_consistency(old.size, checkpoint.size, old.root, checkpoint.root, path)
    except VerifyFailed as failure:
        raise VerifyFailed(f"{CONSISTENCY}: {failure}") from None
    return old.size


def _proved(files: Files, path: str, proof_path: str, key: VerifierKey) -> tuple[int, dict[str, Any]]:
    """The index and event of an entry, which its proof leads to the pack's one checkpoint."""
    entry, proof = _file(files, path), _file(files, proof_path)
    if Proof.parse(proof).note != files[CHECKPOINT]:
        raise VerifyFailed(f"{proof_path} is under another checkpoint than the pack")
    try:
        index, _ = verify_proof(proof, entry, key)
    except VerifyFailed as failure:
        raise VerifyFailed(f"{path}: {failure}") from None
    if str(Proof.parse(proof)).encode() != proof:
        raise VerifyFailed(f"{proof_path} was changed")
    event: dict[str, Any] = json.loads(entry)
    return index, event


def _require_files(files: Files, told: Mapping[str, str]) -> None:
    """Every file is there as the manifest says, and nothing else is but the proofs, which prove themselves."""
    for path, expected in told.items():
        if sha256(_file(files, path)).hexdigest() != expected:
            raise VerifyFailed(f"{path} was changed")
    proofs = {entry_file(number, "tlog-proof") for number in entries_of(told)}
    more = {CONSISTENCY} if NOTE in told else set()
    added = set(files) - set(told) - proofs - more - {MANIFEST, CHECKPOINT, HANDED_OUT, HANDED_OUT_PROOF}
    if added:
        raise VerifyFailed(f"{min(added)} was added")


def _require_disclosures(files: Files, entry: int, event: Mapping[str, Any]) -> int:
    path = entry_file(entry, "disclosed")
    disclosed: list[str] = json.loads(files.get(path, b"[]"))
    for text in disclosed:
        if digest(text) not in event["unmapped"].get("_sd", ()):
            raise VerifyFailed(f"{path} holds a value that the entry does not commit to")
    return len(disclosed)


def _file(files: Files, path: str) -> bytes:
    if path not in files:
        raise VerifyFailed(f"{path} is missing")
    return files[path]


def main(arguments: Sequence[str], here: Path) -> int:
    """Run the command and return its exit status: 0 all is as it was handed out, 1 something is not, 2 wrong usage."""
    parser = argparse.ArgumentParser(description="Check an evidence pack; exit 0 if it is sound, else 1.")
    parser.add_argument("pack", nargs="?", type=Path, default=here, help="the zip file, or the folder (this one)")
    parser.add_argument("--key", required=True, help="the log's verifier key, as it was given to you on paper")
    parser.add_argument("--policy", type=Path, help="a file naming the witnesses that must have seen the log")
    parser.add_argument("--timestamp-ca", type=Path, help="check the timestamp, too, by its authority's certificates")
    asked = parser.parse_args(arguments)
    try:
        policy = Policy.parse(asked.policy.read_text()) if asked.policy else None
        report = verify_pack(read_pack(asked.pack), VerifierKey.parse(asked.key), policy, asked.timestamp_ca)
    except (VerifyFailed, BadNote, BadPolicy, OSError) as failure:
        print(f"FAIL: {failure}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as failure:
        print(f"FAIL: a file of the pack cannot be read: {failure!r}")
        return 1
    print(*lines(report), sep="\n")
    return 0


def lines(report: PackReport) -> list[str]:
    """A report in words, one line each."""
    checkpoint = report.checkpoint
    said = [
        f"OK: {report.entries} entries and {report.disclosures} values kept beside them, as handed out"
        f" at {report.at:%Y-%m-%d %H:%M:%S} UTC (entry {report.handed_out})",
        f"Proved under {checkpoint.origin}, {checkpoint.size} entries, root {checkpoint.root.hex()}",
    ]
    said += [f"Seen by {name} at {time:%Y-%m-%d %H:%M:%S} UTC" for name, time in sorted(report.witnesses.items())]
    if report.stamped_at:
        moment = f"{report.stamped_at:%Y-%m-%d %H:%M:%S} UTC"
        said.append(f"The checkpoint of {report.stamped} entries existed by {moment} (timestamp)")
    elif report.stamped is not None:
        said.append("It holds a timestamp. Check it with --timestamp-ca and its authority's certificates.")
    if not report.witnesses:
        said.append("No witness was asked for: whoever holds the log's key could have written a log of its own.")
    said.append("Names and sentences in report.html are what the portal said then; the entries are what is proved.")
    return said
