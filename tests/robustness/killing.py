"""Rounds of killing: several people are in the middle of something when the web server dies without a word."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import requests

from tests.robustness.browser import Browser
from tests.robustness.record import open_operations, settle
from tests.servers.deployment import Deployment, Person
from tests.servers.proxy import Proxy

NEW = "Blue-harbour-lantern-9"
RESETTING = 4  # people who are at their last step when it happens
LONGEST = 1.5  # seconds after the last step was sent: by then most are done
AFTER_INTENT = 0.2  # seconds in which the write goes out, its answer comes, and the account is read back
VERY_SLOWLY = 0.15
SLOWLY = 0.02  # seconds the proxy holds each piece back, so that there is time between intent, write and outcome


# A time of the last change that no change in the test shares: directories count in whole seconds.
LONG_AGO = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y%m%d%H%M%SZ")


class Storm:
    """Kills the web server again and again, each time at another moment of the last step."""

    def __init__(self, made: Deployment, proxy: Proxy, chance: random.Random) -> None:
        self.made, self.proxy, self.chance = made, proxy, chance
        self.resetting: list[Person] = []
        self.others: list[Person] = []
        self.kills = 0
        self.answered = 0  # last steps whose page still came

    def round(self, step: Callable[[Browser, Person], None], *, at_an_intent: bool, lost: bool) -> None:
        """Send the last step for some and `step` for one more, and kill at some moment, or just after an intent.

        `lost`: what is on its way to the directory just then does not reach it.
        """
        settle(self.made)  # or intents of the last round would be taken for new ones
        people = [self.made.person(pwdChangedTime=LONG_AGO) for _ in range(RESETTING)]
        other = self.made.person()
        browsers = [Browser(self.made.url, patience=15) for _ in people]
        with ThreadPoolExecutor(RESETTING) as pool:
            pages = list(pool.map(lambda pair: pair[0].recover(pair[1]), zip(browsers, people, strict=True)))
        assert {page.about("step") for page in pages} == {"ask"}, [page.text for page in pages]
        self.resetting += people
        self.others.append(other)
        with self._slow(VERY_SLOWLY if lost else SLOWLY), ThreadPoolExecutor(RESETTING + 1) as pool:
            for number, at in enumerate(browsers):
                pool.submit(self._finish, at, number * self.chance.random() / 10)
            pool.submit(_quietly, step, Browser(self.made.url, patience=15), other)
            if at_an_intent:
                self._wait_for_an_intent()
            if lost:
                self.proxy.cut()  # what it still holds back is gone
            else:
                time.sleep(self.chance.random() * (AFTER_INTENT if at_an_intent else LONGEST))
            self.made.kill_web()
            self.kills += 1
        self.made.start_web()

    def _finish(self, at: Browser, wait: float) -> None:
        time.sleep(wait)
        with suppress(requests.RequestException):
            if at.choose(NEW).about("result") == "done":
                self.answered += 1

    def _wait_for_an_intent(self) -> None:
        """Look without pause: between intent and write there is next to no time."""
        end = time.monotonic() + 15
        while time.monotonic() < end and not open_operations(self.made):
            time.sleep(0.001)

    @contextmanager
    def _slow(self, seconds: float) -> Iterator[None]:
        self.proxy.delay = seconds
        try:
            yield
        finally:
            time.sleep(4 * seconds)  # what the proxy still holds reaches the directory
            self.proxy.delay = 0.0


def _quietly(step: Callable[[Browser, Person], None], at: Browser, person: Person) -> None:
    with suppress(requests.RequestException, AssertionError):
        step(at, person)


def _identify(at: Browser, person: Person) -> None:
    for _ in range(20):
        at.identify(person.login)


def _choose(at: Browser, person: Person) -> None:
    at.identify(person.login)
    for _ in range(20):
        at.open("/recover/choose")
        at.send({"factor": "mailed_code"})


def _prove(at: Browser, person: Person) -> None:
    at.identify(person.login)
    at.prove("totp", person.totp())
    for code in list(person.codes):
        at.prove("recovery_code", code)


def _sign_in(at: Browser, person: Person) -> None:
    for _ in range(20):
        at.sign_in(person)
        at.http.cookies.clear()


STEPS: tuple[Callable[[Browser, Person], None], ...] = (_identify, _choose, _prove, _sign_in)
