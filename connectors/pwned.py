"""Asks a service that speaks the range protocol of Pwned Passwords whether a password has turned up in leaks.

Only the first five of the forty digits of its SHA-1 leave this machine, the same for some thousand passwords, and
the padding asked for hides by its size which answer it was (haveibeenpwned.com/API/v3#PwnedPasswords).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from threading import Lock

from connectors.capabilities import Examined, Finding, KnowsLeaks
from connectors.errors import Unavailable
from connectors.findings import fine, say, warning
from connectors.wire import Lost, Trust, Wire

PREFIX = 5
TIMEOUT = 1.5  # seconds for all of it: somebody waits for the page
MOST_BYTES = 512 * 1024  # an answer with padding has about 60 KiB
KEPT = 64  # answers; a person who tries again, or a second server process of the same page
KEPT_SECONDS = 3600
PAUSE_SECONDS = 60  # after a failure, so that not everybody waits for a service that is down

Answer = Mapping[bytes, int]


class PwnedPasswords(KnowsLeaks, Examined):
    """Safe for threads. Never logs, keeps or sends a password, or the whole of its hash."""

    def __init__(self, url: str, ca_file: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url.rstrip("/") + "/"
        self._wire = Wire(Trust(ca_file), most_bytes=MOST_BYTES)
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._lock = Lock()
        self._silent_until = float("-inf")

    def seen(self, password: str) -> int | None:
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        prefix, rest = digest[:PREFIX], digest[PREFIX:]
        answer = self._remembered(prefix)
        if answer is None:
            answer = self._ask(prefix)
        return answer.get(bytes.fromhex(f"0{rest}")) or None  # padding counts nothing

    def examine(self) -> Iterator[Finding]:
        self._silent_until = float("-inf")
        try:
            self._ask("00000")
        except Unavailable as error:
            yield warning(
                say("leaked passwords"),
                say(
                    "%(url)s cannot be asked (%(detail)s); until it can, leaks are not looked at",
                    url=self._url,
                    detail=error.detail,
                ),
                "passwords.breach_service: may this machine reach it? Or make a list: portal breaches build",
            )
        else:
            message = say("%(url)s answers; five digits of a hash are all it is told", url=self._url)
            yield fine(say("leaked passwords"), message)

    def _remembered(self, prefix: str) -> Answer | None:
        with self._lock:
            since, answer = self._kept.get(prefix, (float("-inf"), {}))
        return answer if self._clock() - since < KEPT_SECONDS else None

    def _ask(self, prefix: str) -> Answer:
        if self._clock() < self._silent_until:
            raise Unavailable("did not answer a moment ago")
        try:
            answer = self._fetched(prefix)
        except Unavailable:
            self._silent_until = self._clock() + PAUSE_SECONDS
            raise
        with self._lock:
            self._kept[prefix] = (self._clock(), answer)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return answer

    def _fetched(self, prefix: str) -> Answer:
        try:
            answer = self._wire.request("GET", self._url + prefix, {"Add-Padding": "true"}, TIMEOUT)
            if answer.status != 200:
                raise Unavailable(f"status {answer.status}")
            return dict(_counts(answer.body.decode("ascii").split()))
        except Lost as lost:
            raise lost.error(write=False) from lost
        except ValueError:
            raise Unavailable("the answer is none of a range") from None  # the words of the exception hold digits


def _counts(lines: list[str]) -> Iterator[tuple[bytes, int]]:
    for line in lines:
        rest, _colon, count = line.partition(":")
        yield bytes.fromhex(f"0{rest}"), int(count)
