"""Rows 1 to 3: a forgotten password reset, and one's own password changed, beside the bare directory."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic, process_time

from bench.crowd import crowd
from bench.directory import Directory
from bench.floor import Floor
from bench.installation import Installation
from bench.measure import Row, Slice, cpu_seconds, middle, ratio
from bench.visits import Visit, Visits
from connectors.account import Account
from connectors.capabilities import SetsPassword
from portal.parts import Parts

CLIENTS = (1, 8, 32)
_GOALS = {1: ("2", 0.20, 0.33), 8: ("1", 0.45, 0.65), 32: ("1", 0.45, 0.65)}


@dataclass
class Beside:
    """Slices of the same work by several means, taken in turn."""

    raw: list[Slice] = field(default_factory=list)
    pooled: list[Slice] = field(default_factory=list)
    bare: list[Slice] = field(default_factory=list)
    portal: list[Slice] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Resets:
    """Interleaved rounds of `seconds` each, with everything running."""

    portal: Installation
    directory: Directory
    parts: Parts
    visits: Visits
    seconds: float
    rounds: int

    def rows(self, floor: Floor) -> Iterator[Row]:
        self._warm(self.visits.resets())
        floor.slice(8, self.seconds)
        for clients in CLIENTS:
            beside = Beside()
            for _ in range(self.rounds):
                self.portal.settle()
                beside.raw.append(self.directory.raw("reset", clients, self.seconds))
                beside.pooled.append(self._pooled(clients))
                beside.bare.append(floor.slice(clients, self.seconds))
                beside.portal.append(crowd(self.portal, self.directory, self.visits.resets(), clients, self.seconds)[0])
            number, must, stretch = _GOALS[clients]
            what = f"beside the client in C, {clients} client{'s'[: clients > 1]}"
            value = middle(beside.portal) / middle(beside.raw)
            yield ratio(number, f"reset over HTTP {what}", value, must=must, stretch=stretch, note=_note(beside))
            value = middle(beside.bare) / middle(beside.raw)
            note = f"{middle(beside.bare):.0f}/s; us CPU each: {_cpu(beside.bare, 'web', 'slapd', 'clients')}"
            yield Row(number="", what=f"bare page with the same promises {what}", value=f"{value:.2f}", note=note)

    def own_changes(self) -> Iterator[Row]:
        self._warm(self.visits.changes(self.directory.passwords))
        for clients in CLIENTS:
            beside = Beside()
            for _ in range(self.rounds):
                self.portal.settle()
                beside.raw.append(self.directory.raw("change", clients, self.seconds))
                visits = self.visits.changes(self.directory.passwords)
                beside.portal.append(crowd(self.portal, self.directory, visits, clients, self.seconds)[0])
            value = middle(beside.portal) / middle(beside.raw)
            what = f"own change (form + POST) beside connect, bind, change in C, {clients} client{'s'[: clients > 1]}"
            yield Row(number="3", what=what, value=f"{value:.2f}", note=_note(beside))

    def _warm(self, visits: list[Visit]) -> None:
        """Each web process compiles its templates and statements once; that belongs to its start."""
        crowd(self.portal, self.directory, visits[:200], 8, 10)

    def _pooled(self, clients: int) -> Slice:
        """The portal's own connector and its pool, in one Python process, without pages or record."""
        connector = self.parts.connectors.able_to(SetsPassword, next(iter(self.visits.people.values())))
        assert connector is not None
        clients = min(clients, self.parts.settings.directories[0].pool_size)  # more would wait for a connection in vain
        everybody, ends = list(self.visits.people.items()), monotonic() + self.seconds

        def work(part: int) -> int:
            done, people = 0, everybody[part::clients]  # of its own: slapd refuses two resets of one person at once
            while monotonic() < ends:
                login, account = people[done % len(people)]
                done += self._set(connector, login, account)
            return done

        began, used, slapd = monotonic(), process_time(), cpu_seconds(self.directory.pids)
        with ThreadPoolExecutor(clients) as pool:
            done = sum(pool.map(work, range(clients)))
        cpu = {"client": process_time() - used, "slapd": cpu_seconds(self.directory.pids) - slapd}
        return Slice(done=done, failed=0, seconds=monotonic() - began, cpu=cpu)

    def _set(self, connector: SetsPassword, login: str, account: Account) -> int:
        new = f"Pooled-{secrets.token_hex(10)}"
        connector.set_password(account, new)
        self.directory.passwords[login] = new
        return 1


def _note(beside: Beside) -> str:
    raw, portal = beside.raw, beside.portal
    words = [f"{middle(portal):.0f}/s beside {middle(raw):.0f}/s"]
    if beside.pooled:
        words.append(f"bare ldap3 pool in one process {middle(beside.pooled):.0f}/s")
    cpu = _cpu(portal, "web", "worker", "slapd", "clients", "mail")
    words.append(f"us CPU each: {cpu}; raw: slapd {_each(raw, 'slapd'):.0f}")
    words.append(f"p50 {1000 * middle(portal, 'p50'):.0f} ms, p99 {1000 * middle(portal, 'p99'):.0f} ms")
    if failed := sum(one.failed for one in (*raw, *portal)):
        words.append(f"{failed} FAILED: {next((one.words for one in portal if one.words), 'raw')}")
    return "; ".join(words)


def _cpu(slices: list[Slice], *names: str) -> str:
    return ", ".join(f"{name} {_each(slices, name):.0f}" for name in names)


def _each(slices: list[Slice], name: str) -> float:
    done = sum(one.done for one in slices)
    return 1e6 * sum(one.cpu.get(name, 0.0) for one in slices) / done if done else 0.0
