"""The witness's commands: `python -m audit witness new|log|run|show`, for a machine of the auditor's own."""

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from audit.keys import KeyFileRefused
from audit.notes import BadNote, VerifierKey
from audit.witness.server import server
from audit.witness.witness import NoWitness, Witness, make


def main(arguments: Sequence[str], clock: Callable[[], datetime], program: str = "python -m audit witness") -> int:
    """Run the command and return its exit status: 0 it worked, 1 it did not, 2 wrong usage."""
    asked = _parser(program).parse_args(arguments)
    try:
        if asked.command == "new":
            print(make(asked.folder, asked.name))
            return 0
        witness = Witness(asked.folder, clock)
        if asked.command == "log":
            witness.know(VerifierKey.parse(asked.key))
        elif asked.command == "show":
            print(*_lines(witness), sep="\n")
        else:
            _run(witness, asked.listen)
    except (NoWitness, BadNote, KeyFileRefused, OSError) as failure:
        print(f"{program}: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Watch over logs: cosign only what continues them.")
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    new = commands.add_parser("new", help="make a witness in a new folder and print its verifier key")
    log = commands.add_parser("log", help="watch over a log, named by its verifier key")
    run = commands.add_parser("run", help="answer until SIGINT or SIGTERM")
    show = commands.add_parser("show", help="print the verifier key and what was cosigned last")
    for command in (new, log, run, show):
        command.add_argument("folder", type=Path, help="the witness's own folder")
    new.add_argument("name", help="its name, such as witness.example.org/w1; it can never change")
    log.add_argument("key", help="the log's verifier key, as you were given it on paper")
    run.add_argument("--listen", default="127.0.0.1:8095", help="address and port (127.0.0.1:8095)")
    return parser


def _lines(witness: Witness) -> list[str]:
    seen = (
        f"{origin}: " + (f"{last.size} entries, root {last.root.hex()}" if last else "nothing yet")
        for origin, last in witness.logs()
    )
    return [str(witness.key), *seen]


def _run(witness: Witness, listen: str) -> None:
    host, _, port = listen.rpartition(":")
    listening = server(witness, host.strip("[]"), int(port), lambda line: print(line, file=sys.stderr, flush=True))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=listening.shutdown).start())
    print(f"{witness.name} listens on {listening.server_address[0]!s}:{listening.server_port}", flush=True)
    with listening:
        listening.serve_forever(poll_interval=0.2)
