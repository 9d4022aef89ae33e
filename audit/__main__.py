"""`python -m audit verify`: needs only the standard library and `cryptography`."""

import sys
from datetime import UTC, datetime

from audit.verify_command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
