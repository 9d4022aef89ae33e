"""An auditor says that an entry has been looked into, or asks the service desk about it by a ticket."""

from collections.abc import Iterable, Mapping

from audit import remarks
from audit.remarks import Remark
from portal.auditors.looks import looked
from portal.books import Books
from portal.identity import Principal
from portal.tickets.counter import Counter
from portal.tickets.ticket import Wish

ASKS = "audit_question"  # the reason of its ticket


class Review:
    def __init__(self, books: Books, *, counter: Counter) -> None:
        self._books = books
        self._counter = counter

    def of(self, numbers: Iterable[int]) -> Mapping[int, list[Remark]]:
        """What was noted about these entries, oldest first."""
        with self._books.read() as db:
            return remarks.of(db, self._books.log.keyring, numbers)

    def reviewed(self, actor: Principal, number: int, note: str) -> None:
        """Somebody has looked into an entry, and perhaps says what came of it."""
        with self._books.write() as tx:
            author = self._books.log.pseudonym(tx, actor.account_id)
            remark = Remark(self._books.clock(), "reviewed", author, note, None)
            remarks.add(tx, self._books.log.keyring, number, remark)
            self._books.log.record(tx, looked(actor, "audit_reviewed", number=number), "success")

    def ask(self, actor: Principal, number: int, question: str, *, subject: str, entry: str) -> int:
        """Open a ticket for the service desk and return its number; the answer is read on the entry's page.

        `entry` says in plain words what the entry tells, for those who cannot open it.
        """
        wish = Wish(
            requester_id=actor.account_id,
            claim=actor.login,
            action="anything_else",
            reason=ASKS,
            subject=subject,
            text=f"{question}\n\n{entry}",
            language=actor.language or "en",
            key=f"{actor.account_id}/{ASKS}/{number}/{question}",
        )
        with self._books.write() as tx:
            ticket = self._counter.open(tx, wish, actor=actor)
            author = self._books.log.pseudonym(tx, actor.account_id)
            remarks.add(
                tx, self._books.log.keyring, number, Remark(self._books.clock(), "question", author, question, ticket)
            )
            self._books.log.record(tx, looked(actor, "audit_asked", number=number, ticket=str(ticket)), "success")
        return ticket
