"""Lines of CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable
from typing import Any

BEGIN = "\ufeff"  # tells spreadsheets that it is UTF-8
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # how a cell begins that a spreadsheet would calculate (OWASP, CSV injection)


def csv_line(cells: Iterable[Any]) -> str:
    """One line; what would be calculated begins with an apostrophe, which makes it text."""
    line = io.StringIO()
    texts = (str(cell) for cell in cells)
    csv.writer(line).writerow(f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text for text in texts)
    return line.getvalue()
