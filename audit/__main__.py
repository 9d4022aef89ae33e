"""`python -m audit verify` and `python -m audit witness`: need only the standard library and `cryptography`."""

import sys
from datetime import UTC, datetime


def main(arguments: list[str]) -> int:
    """Run what is asked for and return its exit status."""
    if arguments[:1] == ["witness"]:
        from audit.witness import command as witness_command

        return witness_command.main(arguments[1:], lambda: datetime.now(UTC))
    from audit.verify import command as verify_command

    return verify_command.main(arguments, datetime.now(UTC))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
