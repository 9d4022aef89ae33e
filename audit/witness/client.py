"""Asks one witness (C2SP tlog-witness) to cosign a checkpoint, and says plainly what its refusal means."""

from collections.abc import Callable, Sequence
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from audit.checkpoints import Checkpoint, cosigned_at
from audit.notes import BadNote, Note, Signature, VerifierKey, encode64, signature_line

Proof = Callable[[int], Sequence[bytes]]  # from an old size to the one that is to be cosigned
_MOST = 64 * 1024  # bytes of an answer
_WRONG = {400: "calls the request malformed", 403: "does not know the log's key", 404: "does not know the log"}


class WitnessSilent(Exception):
    """No cosignature this time: no answer, or one that says something must be set up first."""


class WitnessRefused(Exception):
    """The witness has seen another history: the log was changed or cut. An alarm, never to be tried again silently."""


class WitnessClient:
    """One witness by its address and key; `seconds` limit each answer."""

    def __init__(self, address: str, key: VerifierKey, seconds: float = 2.0) -> None:
        self.key = key
        self._address = address.rstrip("/") + "/add-checkpoint"
        self._seconds = seconds
        self._old = 0  # what it has cosigned, as far as is known

    def cosign(self, checkpoint: Checkpoint, note: Note, proof: Proof) -> Signature:
        """Its cosignature under the note. Raises WitnessSilent or WitnessRefused."""
        if self._old > checkpoint.size:
            self._old = 0  # another program may have shown it more; its own word counts
        for _ in range(2):
            status, answer = self._ask(note, self._old, proof(self._old))
            if status == 200:
                signature = self._line(note, answer)
                self._old = checkpoint.size
                return signature
            if status == 409:
                self._old = self._other_size(answer, checkpoint)
                continue
            if status == 422:
                raise WitnessRefused(f"{self.key.name} says that the log is not the one it saw at {self._old} entries")
            raise WitnessSilent(_WRONG.get(status, f"answers with status {status}"))
        raise WitnessSilent("saw another size between two questions")

    def _other_size(self, answer: bytes, checkpoint: Checkpoint) -> int:
        told = answer.strip()
        if not told.isdigit() or len(told) > 19:
            raise WitnessSilent("answers 409 without a size")
        known = int(told)
        if known > checkpoint.size:
            raise WitnessRefused(f"{self.key.name} has seen {known} entries, but only {checkpoint.size} are there")
        if known == self._old:
            raise WitnessRefused(f"{self.key.name} has seen another log of {known} entries")
        return known

    def _line(self, note: Note, answer: bytes) -> Signature:
        """The line in an answer that is this witness's; others may stand beside it."""
        try:
            for text in answer.decode().split("\n")[:-1]:
                signature = signature_line(text)
                if signature.by([self.key]) and cosigned_at(Note(note.text, (signature,)), self.key):
                    return signature
        except (BadNote, UnicodeDecodeError):
            pass
        raise WitnessSilent("answers without a cosignature of its key")

    def _ask(self, note: Note, old: int, proof: Sequence[bytes]) -> tuple[int, bytes]:
        lines = [f"old {old}", *map(encode64, proof), "", str(note)]
        request = Request(self._address, data="\n".join(lines).encode(), method="POST")  # noqa: S310 - from the settings
        try:
            with urlopen(request, timeout=self._seconds) as answer:  # noqa: S310
                return answer.status, answer.read(_MOST)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read(_MOST)
        except (URLError, OSError, ValueError) as error:
            raise WitnessSilent(f"cannot be reached ({type(error).__name__})") from None
