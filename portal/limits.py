"""How often is too often: named limits, counted in the database over every process and machine."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import bindparam, case, delete, literal, select
from sqlalchemy.exc import SQLAlchemyError

from audit.statements import Statement
from portal.database import Database
from portal.settings import limits as configuration
from portal.tables import Moment, limit

Clock = Callable[[], datetime]

_COUNT = Statement(
    select(limit.c.count.label("number")).where(limit.c.key == bindparam("which"), limit.c.ends > bindparam("now"))
)
_ENDS = Statement(select(limit.c.ends).where(limit.c.key == bindparam("which")))


class TableStorage(Storage):
    """Counters in our own table, for the `limits` library."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self._database = database
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._clock()
        fresh = limit.c.ends <= now
        ends = literal(now + timedelta(seconds=expiry), Moment())
        row = self._database.insert(limit).values(key=key, count=amount, ends=ends)
        row = row.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((fresh, amount), else_=limit.c.count + amount),
                "ends": case((fresh, ends), else_=limit.c.ends),
            },
        )
        with self._database.write() as tx:
            return int(tx.execute(row.returning(limit.c.count)).scalar_one())

    def get(self, key: str) -> int:
        row = self._database.look(_COUNT, {"which": key, "now": self._clock()})
        return int(row.number) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._database.look(_ENDS, {"which": key})
        return float(row.ends.timestamp()) if row else self._clock().timestamp()

    def check(self) -> bool:
        return self.get("-") == 0

    def reset(self) -> int | None:
        with self._database.write() as tx:
            return int(tx.execute(delete(limit)).rowcount)

    def clear(self, key: str) -> None:
        if not self.get(key):  # so it is for nearly everybody, and a look costs less than a commit
            return
        with self._database.write() as tx:
            tx.execute(delete(limit).where(limit.c.key == key))


class Limits:
    """Each method counts one try and returns None, or the moment from which it may be tried again."""

    def __init__(self, settings: configuration.Limits, storage: Storage) -> None:
        self._settings = settings
        self._storage = storage
        self._limiter = FixedWindowRateLimiter(storage)

    def new_walk(self, *, source: str, claim_digest: str) -> datetime | None:
        """Somebody begins to recover an account. Per claim too, so that many sources cannot mail one person flat."""
        return self._hit(self._settings.walks_per_source, "walk", source) or self._hit(
            self._settings.walks_per_claim, "walk-claim", claim_digest
        )

    def wrong_proof(self, *, source: str, names: Iterable[str], factor: str) -> None:
        """Count a proof that failed, for each name the account goes by here and for where it came from."""
        for name in names:
            self._hit(self._settings.tries_per_account, "proof", name, factor)
        self._hit(self._settings.tries_per_source, "proof-source", source)

    def may_prove(self, *, source: str, account_id: str, factor: str) -> datetime | None:
        """Whether another try is allowed; counts nothing."""
        return self._test(self._settings.tries_per_account, "proof", account_id, factor) or self._test(
            self._settings.tries_per_source, "proof-source", source
        )

    def tries_left(self, *, account_id: str, factor: str) -> int:
        item = parse(self._settings.tries_per_account)
        return max(0, item.amount - self._storage.get(item.key_for("proof", account_id, factor)))

    def proved(self, *, names: Iterable[str], factor: str) -> None:
        """A right proof takes the wrong ones before it off the count: an honest person with four typos gets in."""
        for name in names:
            self._storage.clear(parse(self._settings.tries_per_account).key_for("proof", name, factor))

    def mailed_code(self, *, account_id: str) -> datetime | None:
        return self._hit(self._settings.mails_per_account, "mail", account_id)

    def stranger_ticket(self, *, source: str) -> datetime | None:
        return self._hit(self._settings.tickets_per_source, "ticket", source)

    def written_mail(self, *, sender: str) -> datetime | None:
        """Somebody writes to the service desk, or somebody in their name."""
        return self._hit(self._settings.mails_per_sender, "mail-in", sender)

    def _hit(self, text: str, *identifiers: str) -> datetime | None:
        item = parse(text)
        return None if self._limiter.hit(item, *identifiers) else self._again(item, identifiers)

    def _test(self, text: str, *identifiers: str) -> datetime | None:
        item = parse(text)
        used = self._storage.get(item.key_for(*identifiers))
        return None if used < item.amount else self._again(item, identifiers)

    def _again(self, item: RateLimitItem, identifiers: tuple[str, ...]) -> datetime:
        return datetime.fromtimestamp(self._storage.get_expiry(item.key_for(*identifiers)), UTC)
