"""The demo: the portal with everything around it that it needs, on one machine and with invented people."""

from pathlib import Path


def run_demo(port: int | None, facts: Path | None, state: Path) -> None:
    """Run the demo until Ctrl-C or SIGTERM; see `portal.demo.run.run_demo`.

    The parts are imported on the call: the directory alone is used without portal and worker by tests.
    """
    from portal.demo import run

    run.run_demo(port, facts, state)
