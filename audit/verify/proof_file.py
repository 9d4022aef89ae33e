"""Proof files (C2SP tlog-proof): one entry's place under a signed checkpoint, to be kept beside the entry."""

from dataclasses import dataclass
from typing import Self

from audit.checkpoints import Checkpoint, open_checkpoint
from audit.notes import BadNote, VerifierKey, decode64, encode64
from audit.tree import leaf_hash
from audit.verify.policy import Policy
from audit.verify.proofs import VerifyFailed, verify_inclusion

_TITLE = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    """An entry's index, its path up the tree, and the signed checkpoint the path ends in."""

    index: int
    path: tuple[bytes, ...]
    note: bytes

    def __str__(self) -> str:
        lines = [_TITLE, f"index {self.index}", *map(encode64, self.path)]
        return "\n".join(lines) + "\n\n" + self.note.decode()

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Read a proof file; raises VerifyFailed if it is malformed."""
        above, gap, note = content.partition(b"\n\n")
        try:
            title, *lines = above.decode("ascii").split("\n")
            if lines and lines[0].startswith("extra "):
                decode64(lines.pop(0).removeprefix("extra "))  # anybody can have written it: read and forget
            word, _, number = lines[0].partition(" ")
            path = tuple(decode64(line) for line in lines[1:])
        except (BadNote, UnicodeDecodeError, IndexError):
            raise VerifyFailed("the proof file is malformed") from None
        whole = number.isascii() and number.isdigit() and len(number) < 20 and str(int(number)) == number
        if not gap or title != _TITLE or word != "index" or not whole or any(len(part) != 32 for part in path):
            raise VerifyFailed("the proof file is malformed")
        return cls(int(number), path, note)


def verify_proof(
    content: bytes, entry: bytes, key: VerifierKey, policy: Policy | None = None
) -> tuple[int, Checkpoint]:
    """The index of an entry and the checkpoint it is proved under; raises VerifyFailed if it is not proved."""
    proof = Proof.parse(content)
    try:
        checkpoint, note = open_checkpoint(proof.note, key)
        if policy and not policy.holds(set(policy.cosigned(note))):
            raise VerifyFailed("the checkpoint of the proof lacks the witnesses the policy asks for")
    except BadNote as error:
        raise VerifyFailed(f"the checkpoint of the proof: {error}") from None
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return proof.index, checkpoint
