"""What the demo says in the terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from portal.demo import identity
from portal.demo.facts import Addresses
from portal.demo.people import BY_LOGIN, GUESTS, PERSONS

_TRY_FIRST = (
    ("alice", "has forgotten her password: prove it with a mailed code and one of the recovery codes below"),
    ("lars", "is locked after five wrong passwords"),
    ("mats", "must choose a new password when signing in"),
    ("erik", "has a password that is too old, with three sign-ins left"),
    ("carl", "is a contractor whose account ends in twelve days: Solveig decides whether he gets more time"),
    ("solveig", "answers for Carl: the link in her mail decides, or the tab Approvals"),
    ("nora", "has no way left to prove who she is: it becomes a ticket"),
    ("einar", "has mail that goes elsewhere: set an auto reply, then write to him from the page of the mail it sends"),
    ("bob", "can press “Nordvik ID” where people sign in, and links it once; its own page signs him out everywhere"),
    ("carol", "coordinates: takes tickets at the desk"),
    ("audun", "audits: reads the record"),
)


def welcome(console: Console, addresses: Addresses, seconds: float) -> None:
    """Print the addresses and whom to try first."""
    console.print(f"\n[bold]The demo is running[/bold], after {seconds:.1f} seconds. Everybody in it is invented.\n")
    places = (
        ("Portal", addresses.portal),
        ("Mail it sends", addresses.inbox),
        (identity.TITLE, addresses.identity),
        ("Directory", addresses.ldap),
    )
    for name, address in places:
        console.print(f"  {name:14} {address}", highlight=False, soft_wrap=True)
    table = Table(title=Text("Try these first", style="bold"), title_justify="left", box=None, pad_edge=True)
    for heading in ("Login", "Password", "Who"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "Who")
    for login, story in _TRY_FIRST:
        table.add_row(login, BY_LOGIN[login].password, f"{BY_LOGIN[login].given_name} {story}.")
    console.print()
    console.print(table)
    alice = BY_LOGIN["alice"]
    console.print(f"\n  Two of alice's recovery codes: {', '.join(alice.recovery_codes[:2])}", highlight=False)
    console.print(f"  {len(PERSONS)} people in all; --facts FILE writes down everything about them.", highlight=False)
    guest = GUESTS[0]
    console.print(
        f"  Guests have a directory of their own; {guest.login} there is somebody else: {guest.password}",
        highlight=False,
        soft_wrap=True,
    )
    console.print("  Alice and some others have an account of the library, too: a new password goes to both.")
    console.print("\nStop with Ctrl-C.")
