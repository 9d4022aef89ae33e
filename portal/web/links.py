"""Links that open one thing without a sign-in. Signed, never built from a request, and they change nothing by GET."""

from portal.keys import Keys


class Links:
    """Absolute addresses below the public one."""

    def __init__(self, base: str, keys: Keys) -> None:
        self._base = base
        self._keys = keys

    def to(self, path: str) -> str:
        return f"{self._base}{path}"

    def ticket_key(self, number: int) -> str:
        """The part of the address that opens this ticket's page for whoever has it."""
        return self._keys.digest("ticket-link", str(number))

    def ticket_path(self, number: int) -> str:
        return f"/tickets/{number}/{self.ticket_key(number)}"

    def ticket(self, number: int) -> str:
        return self.to(self.ticket_path(number))

    def cancel_address(self, change_id: str) -> str:
        """Stops a change of private addresses for as long as it waits."""
        return self.to(f"/undo/address/{self._keys.sign('cancel-address', change_id)}")

    def cancel_address_of(self, token: str) -> str | None:
        """The change such a link is for, or None if it was not made here."""
        value = self._keys.unsign("cancel-address", token)
        return str(value) if value else None

    def approval(self, number: int, version: int, account_id: str) -> str:
        """For one decider, to decide this ticket as it stands: worth nothing once anything has happened to it."""
        return self.to(f"/approvals/{number}/{self._keys.sign('approval', [number, version, account_id])}")

    def approval_of(self, token: str) -> tuple[int, int, str] | None:
        """Ticket, version and decider of such a link, or None if it was not made here."""
        value = self._keys.unsign("approval", token)
        return (int(value[0]), int(value[1]), str(value[2])) if value else None

    def vouch(self, check_id: str) -> str:
        """Where whoever answers for a person says whether it is they who call."""
        return self.to(f"/vouch/{self._keys.sign('vouch', check_id)}")

    def vouch_of(self, token: str) -> str | None:
        """The check such a link is for, or None if it was not made here."""
        value = self._keys.unsign("vouch", token)
        return str(value) if value else None

    def new_password(self, token: str) -> str:
        """Leads whoever was checked at the service desk to a new password; the token is all there is to it."""
        return self.to(f"/recover/link/{token}")

    def undo(self, account_id: str, attempt: str, ends: int) -> str:
        """'It was not me', for one attempt, until `ends` (seconds since 1970)."""
        return self.to(f"/undo/{self._keys.sign('undo', [account_id, attempt, ends])}")

    def undo_of(self, token: str) -> tuple[str, str, int] | None:
        """What an undo link stands for, or None if it was not made here."""
        value = self._keys.unsign("undo", token)
        return (str(value[0]), str(value[1]), int(value[2])) if value else None

    def shifts(self, account_id: str) -> str:
        """The turns of one person, for a calendar that asks again and again and cannot sign in."""
        return self.to(f"/desk/shifts/calendar/{self._keys.sign('shifts', account_id)}.ics")

    def shifts_of(self, token: str) -> str | None:
        """Whose turns such a link shows, or None if it was not made here."""
        value = self._keys.unsign("shifts", token)
        return str(value) if value else None
