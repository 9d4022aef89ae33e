"""The tables of caller checks and of the links that come out of them."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from portal.tables import Moment, metadata

OPEN, FAILED = "open", "failed"  # states of a check

caller_check = Table(
    "caller_check",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("ticket", ForeignKey("ticket.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("account_id", String(255), nullable=False, index=True),  # whom the caller says to be
    Column("staff_id", String(255), nullable=False, index=True),  # who checks, and alone may rely on it
    Column("names", LargeBinary, nullable=False),  # sealed: {staff, manager, second}
    Column("state", String(8), nullable=False),  # open or failed
    Column("proofs", JSON, nullable=False),  # [{proof, points, at}]
    Column("pressure", Boolean, nullable=False),  # the caller presses for an exception
    Column("manager_id", String(255)),  # who was asked whether it is they
    Column("second_id", String(255)),  # who else of the service desk agrees
    Column("code_digest", String(32)),
    Column("code_tries", Integer, nullable=False, server_default="0"),
    Column("begun", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
)

password_link = Table(
    "password_link",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", String(255), nullable=False, index=True),
    Column("way", String(8), nullable=False),  # mail or shown
    Column("digest", String(32), unique=True),  # of the token; empty until it is on its way
    Column("ends", Moment, nullable=False),
    Column("used", Moment),  # or made void by a newer one
)
