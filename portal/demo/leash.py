"""Starts a program that ends when its starter does: `python -m portal.demo.leash STARTER PROGRAM [ARGUMENT...]`.

On Linux the kernel sends it SIGTERM then, even if the starter was killed without a chance to say goodbye. Elsewhere
there is no such means; the starter's own goodbye must do.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2); kept across exec


def tie_to(starter: int) -> bool:
    """Ask to be ended together with the process `starter`, our parent; False if it is already gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == starter


def main(arguments: list[str]) -> None:
    """Become the program. Returns only if nobody is left to run it for."""
    starter, *program = arguments
    if tie_to(int(starter)):
        os.execv(program[0], program)  # noqa: S606 - the demo's own command, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
