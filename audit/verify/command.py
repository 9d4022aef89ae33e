"""The auditor's command: `python -m audit verify`, with an answer in words and in the exit status."""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from audit.checkpoints import Checkpoint
from audit.notes import BadNote, VerifierKey
from audit.verify.policy import BadPolicy, Policy
from audit.verify.proof_file import verify_proof
from audit.verify.proofs import VerifyFailed
from audit.verify.sources import Source, source_of
from audit.verify.timestamp import NOTE, TOKEN, stamped_at
from audit.verify.whole import Demands, Report, signed_checkpoint, verify_log


def main(arguments: Sequence[str], now: datetime) -> int:
    """Run the command and return its exit status: 0 all is as it should be, 1 something is not, 2 wrong usage."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if bool(asked.proof) != bool(asked.entry) or not (asked.log or asked.proof):
        parser.error("name a log, or a proof with its entry, or both")
    try:
        key = VerifierKey.parse(asked.key)
        policy = Policy.parse(asked.policy.read_text()) if asked.policy else None
        if asked.log:
            print(*_log(asked, key, policy, now), sep="\n")
        if asked.proof:
            index, checkpoint = verify_proof(asked.proof.read_bytes(), asked.entry.read_bytes(), key, policy)
            print(f"OK: the entry is number {index} of the {checkpoint.size} entries of {checkpoint.origin}")
    except (VerifyFailed, BadNote, BadPolicy) as failure:
        print(f"FAIL: {failure}")
        return 1
    except (OSError, UnicodeDecodeError) as failure:
        print(f"FAIL: a file cannot be read: {failure}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audit", description="Check a transparency log.")
    verify = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "verify", help="verify an exported or served log", description="Verify a log; exit 0 if it is sound, else 1."
    )
    verify.add_argument("log", nargs="?", metavar="DIR_OR_URL", help="the exported folder, or the address of the log")
    verify.add_argument("--key", required=True, help="the log's verifier key, as it was given to you on paper")
    verify.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint saved earlier")
    verify.add_argument("--policy", type=Path, help="a file naming the witnesses that must have seen the log")
    verify.add_argument("--proof", type=Path, help="a proof file for one entry")
    verify.add_argument("--entry", type=Path, help="the entry the proof is for, to the byte")
    verify.add_argument("--timestamp-ca", type=Path, help="check the timestamp, too, by its authority's certificates")
    verify.add_argument(
        "--open-minutes", type=float, default=10, help="how long an intent may wait for its outcome (10)"
    )
    verify.add_argument("--min", type=int, default=0, help="the first entry that must be there; the log says so (0)")
    verify.add_argument(
        "--processes", type=_positive, help="how many look at the entries (one for each core, for a small log one)"
    )
    verify.add_argument("--fresh-hours", type=float, default=24, help="how old a cosignature may be (24; 0: any age)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("at least one")
    return number


def _log(asked: argparse.Namespace, key: VerifierKey, policy: Policy | None, now: datetime) -> list[str]:
    source = source_of(asked.log)
    stamps = [_timestamp(source, key, asked.timestamp_ca)] if asked.timestamp_ca else []
    demands = Demands(
        earlier=[*(_saved(file, key) for file in asked.checkpoint), *(checkpoint for checkpoint, _ in stamps)],
        policy=policy,
        now=now,
        patience=timedelta(minutes=asked.open_minutes),
        freshness=timedelta(hours=asked.fresh_hours) if asked.fresh_hours else None,
        minimum=asked.min,
    )
    report = verify_log(source, key, demands, asked.processes)
    said = [
        f"The checkpoint of {one.size} entries existed by {at:%Y-%m-%d %H:%M:%S} UTC (timestamp)" for one, at in stamps
    ]
    return [*lines(report), *said]


def _timestamp(source: Source, key: VerifierKey, authority: Path) -> tuple[Checkpoint, datetime]:
    """The checkpoint that was stamped, which counts like one saved then, and when."""
    note = source.read(NOTE)
    try:
        checkpoint, _ = signed_checkpoint(note, key)
    except VerifyFailed as failure:
        raise VerifyFailed(f"{NOTE}: {failure}") from None
    return checkpoint, stamped_at(note, source.read(TOKEN), authority)


def _saved(file: Path, key: VerifierKey) -> Checkpoint:
    try:
        return signed_checkpoint(file.read_bytes(), key)[0]
    except VerifyFailed as failure:
        raise VerifyFailed(f"{file.name}: {failure}") from None


def lines(report: Report) -> list[str]:
    """A report in words, one line each."""
    checkpoint = report.checkpoint
    said = [f"OK: {checkpoint.origin}, {checkpoint.size} entries, root {checkpoint.root.hex()}"]
    if report.earlier:
        said.append(f"Earlier checkpoints that are a prefix of it: {report.earlier}")
    said += [f"Seen by {name} at {time:%Y-%m-%d %H:%M:%S} UTC" for name, time in sorted(report.witnesses.items())]
    if report.open_intents:
        said.append(f"Intents still waiting for their outcome: {', '.join(map(str, report.open_intents))}")
    if report.others:
        said.append(f"Entries that say nothing of an attempt: {report.others}")
    if report.unsigned:
        said.append(f"Entries not signed yet: {report.unsigned}")
    if report.self_consistent_only:
        said.append(
            "Only self-consistency was proved: with no earlier checkpoint and no witness, "
            "whoever holds the log's key could have written all of it anew."
        )
    return said
