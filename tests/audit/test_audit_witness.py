"""The witness cosigns what continues a log and nothing else; the sealer shows it everything and heeds its refusals."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from audit_samples import LOG_KEY, NOW, ORIGIN, VKEY, Hashes, entries, note
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from audit import serving, word
from audit.checkpoints import Checkpoint, cosigned_at, open_checkpoint
from audit.feeding import Feeding
from audit.keys import generate_post_quantum_key, load_any_key
from audit.notes import Note, VerifierKey, encode64
from audit.sealer import Sealer, SealRefused
from audit.tree import consistency_proof, root
from audit.witness import command as witness_command
from audit.witness.client import WitnessClient, WitnessRefused, WitnessSilent
from audit.witness.server import server
from audit.witness.witness import NoWitness, Witness, make

NAME = "auditor.example/w1"
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
Fill = Callable[[int], None]


@pytest.fixture
def witness(tmp_path: Path, clock) -> Witness:  # type: ignore[no-untyped-def]
    make(tmp_path / "witness", NAME)
    made = Witness(tmp_path / "witness", clock)
    made.know(VKEY)
    return made


@pytest.fixture
def address(witness: Witness) -> Iterator[str]:
    running = server(witness, "127.0.0.1", 0, lambda line: None)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join(10)
    running.server_close()


def request(old: int, size: int, content: list[bytes] | None = None, proof: list[bytes] | None = None) -> bytes:
    content = (content or entries())[:size]
    hashes = Hashes(content)
    path = consistency_proof(hashes, old, size) if proof is None and old <= size else proof or []
    return "\n".join([f"old {old}", *map(encode64, path), "", note(content).decode()]).encode()


def rewritten() -> list[bytes]:
    content = entries()
    content[7] += b" "
    return content


def test_what_continues_is_cosigned_with_the_time(witness: Witness) -> None:
    for old, size in ((0, 3), (3, 256), (256, 600), (600, 600)):
        answer = witness.add_checkpoint(request(old, size))
        assert answer.status == 200
        whole = Note.parse(note(entries()[:size]) + answer.body.encode())
        assert cosigned_at(whole, witness.key) == NOW


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "from a size it has not seen": (request(300, 600), 409, "256\n"),
    "a smaller log": (request(100, 100), 409, "256\n"),
    "the same size with another root": (request(256, 256, rewritten()), 409, "256\n"),
    "another history": (request(256, 600, rewritten()), 422, ""),
    "a proof too short": (request(256, 600, proof=[]), 422, ""),
    "an old size above the new": (request(256, 100), 400, ""),
    "a key of somebody else": (b"old 256\n\n" + note(entries(), OTHER_KEY), 403, ""),
    "nonsense": (b"old 256", 400, ""),
    "a leading zero": (request(256, 600).replace(b"old 256", b"old 0256"), 400, ""),
    "too many hashes": (request(256, 600, proof=[b"x" * 32] * 64), 400, ""),
    "a hash too short": (request(256, 600, proof=[b"x" * 31]), 400, ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_everything_else_is_refused_and_changes_nothing(witness: Witness, what: str) -> None:
    assert witness.add_checkpoint(request(0, 256)).status == 200
    body, status, words = REFUSED[what]

    answer = witness.add_checkpoint(body)
    assert answer.status == status
    assert answer.body.startswith(words)
    assert answer.content_type == ("text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
    assert [last.size for _, last in witness.logs() if last] == [256]


def test_a_log_it_does_not_know_is_404_and_a_second_key_of_one_it_knows_is_good_too(witness: Witness) -> None:
    foreign = Checkpoint("else.example/audit", 1, b"r" * 32).signed(LOG_KEY)
    assert witness.add_checkpoint(f"old 0\n\n{foreign}".encode()).status == 404
    with_other = b"old 0\n\n" + note(entries(), OTHER_KEY)
    assert witness.add_checkpoint(with_other).status == 403
    witness.know(VerifierKey.of(OTHER_KEY, ORIGIN))
    assert witness.add_checkpoint(with_other).status == 200


def test_it_remembers_over_restarts_and_does_not_start_without_its_memory(witness: Witness, tmp_path: Path) -> None:
    assert witness.add_checkpoint(request(0, 256)).status == 200
    again = Witness(tmp_path / "witness", lambda: NOW)
    assert again.key == witness.key
    assert again.add_checkpoint(request(0, 600)).body == "256\n"
    for file in (tmp_path / "witness").glob("log-*[0-9a-f]"):
        file.write_text(file.read_text()[:-10])
    with pytest.raises(NoWitness):
        again.add_checkpoint(request(256, 600))
    with pytest.raises(NoWitness):
        Witness(tmp_path / "elsewhere", lambda: NOW)


def test_ten_requests_at_once_never_get_two_histories_cosigned(witness: Witness) -> None:
    bodies = [request(0, 300), request(0, 300, rewritten())] * 5
    answers: list[int] = []
    threads = [threading.Thread(target=lambda b=b: answers.append(witness.add_checkpoint(b).status)) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [200, *[409] * 9]


def client(address: str, witness: Witness) -> WitnessClient:
    return WitnessClient(address, witness.key)


def watched(address: str, witness: Witness, clock: object, folder: Path) -> Sealer:
    return Sealer(ORIGIN, [LOG_KEY], folder / "sealed.json", clock, Feeding([client(address, witness)], clock))  # type: ignore[arg-type]


def published(engine: Engine) -> Note:
    with engine.begin() as tx:
        return Note.parse(serving.checkpoint(tx) or b"")


def test_what_the_sealer_publishes_carries_the_cosignature(
    engine: Engine, fill: Fill, address: str, witness: Witness, clock, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    sealer = watched(address, witness, clock, tmp_path)
    for size in (300, 3, 300):
        fill(size)
        sealer.seal(engine)
        assert cosigned_at(published(engine), witness.key) == clock.now
    clock.move(hours=13)
    assert sealer.seal(engine) is None
    assert cosigned_at(published(engine), witness.key) == clock.now  # renewed, though nothing is new
    with engine.begin() as tx:
        said = word.read(tx)
    assert said and said.sound == clock.now


def test_a_silent_witness_holds_nothing_up_and_is_asked_again_later(
    engine: Engine, fill: Fill, witness: Witness, clock, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    silent: list[str] = []
    dead = WitnessClient("http://127.0.0.1:9", witness.key)
    feeding = Feeding([dead], clock, lambda name, why: silent.append(name))
    sealer = Sealer(ORIGIN, [LOG_KEY], tmp_path / "sealed.json", clock, feeding)
    for _ in range(3):
        fill(3)
        assert sealer.seal(engine)
    assert silent == [NAME]
    assert cosigned_at(published(engine), witness.key) is None
    running = server(witness, "127.0.0.1", 0, lambda line: None)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    try:
        dead._address = f"http://127.0.0.1:{running.server_port}/add-checkpoint"
        clock.move(seconds=6)
        sealer.seal(engine)  # nothing new, but now somebody answers
    finally:
        running.shutdown()
        thread.join(10)
        running.server_close()
    assert cosigned_at(published(engine), witness.key) == clock.now


def test_a_witness_that_saw_another_log_stops_the_sealer(
    engine: Engine, fill: Fill, address: str, witness: Witness, clock, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    assert witness.add_checkpoint(request(0, 300)).status == 200  # what the tables will hold is another history
    fill(600)
    for _ in range(2):
        with pytest.raises(SealRefused, match=NAME):
            watched(address, witness, clock, tmp_path).seal(engine)
    with engine.begin() as tx:
        assert serving.checkpoint(tx) is None


def test_a_log_that_was_rolled_back_with_the_sealers_memory_is_found_out_by_the_witness(
    engine: Engine, fill: Fill, address: str, witness: Witness, clock, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    assert witness.add_checkpoint(request(0, 600)).status == 200
    fill(9)
    with pytest.raises(SealRefused, match="has seen 600 entries, but only 9"):
        watched(address, witness, clock, tmp_path).seal(engine)


ANSWERS = {403: WitnessSilent, 404: WitnessSilent, 500: WitnessSilent, 422: WitnessRefused}


@pytest.mark.parametrize("status", ANSWERS)
def test_each_answer_means_what_the_specification_says(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    asked = WitnessClient("http://127.0.0.1:9", VerifierKey.of(OTHER_KEY, NAME, 4))
    monkeypatch.setattr(asked, "_ask", lambda *_: (status, b""))
    checkpoint = Checkpoint(ORIGIN, 3, root(Hashes(entries()), 3))
    with pytest.raises(ANSWERS[status]):
        asked.cosign(checkpoint, checkpoint.signed(LOG_KEY), lambda old: [])


def test_a_cosignature_of_another_key_or_text_is_none(monkeypatch: pytest.MonkeyPatch, witness: Witness) -> None:
    asked = WitnessClient("http://127.0.0.1:9", witness.key)
    line = witness.add_checkpoint(request(0, 5)).body.encode()
    monkeypatch.setattr(asked, "_ask", lambda *_: (200, line))
    checkpoint = Checkpoint(ORIGIN, 3, root(Hashes(entries()), 3))
    with pytest.raises(WitnessSilent, match="without a cosignature"):
        asked.cosign(checkpoint, checkpoint.signed(LOG_KEY), lambda old: [])


def test_the_commands_make_teach_and_show_a_witness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> int:
        return witness_command.main(arguments, lambda: NOW)

    folder = str(tmp_path / "mine")
    assert run("new", folder, NAME) == 0
    key = capsys.readouterr().out.strip()
    assert VerifierKey.parse(key).name == NAME
    assert run("log", folder, str(VKEY)) == run("log", folder, str(VKEY)) == run("show", folder) == 0
    assert capsys.readouterr().out == f"{key}\n{ORIGIN}: nothing yet\n"
    assert run("new", folder, NAME) == 1
    assert run("log", folder, "nonsense") == run("show", str(tmp_path / "none")) == 1
    assert run("new", str(tmp_path / "spaces"), "no such name") == 1
    assert not (tmp_path / "spaces").exists()


def test_it_runs_where_nothing_but_cryptography_is_installed(tmp_path: Path) -> None:
    make(tmp_path / "mine", NAME)
    watched = (
        "import runpy, sys\n"
        "class Only:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in sys.stdlib_module_names | {'audit', 'cryptography', '_cffi_backend'}:\n"
        "            raise ImportError('the witness must not import ' + name)\n"
        "sys.meta_path.insert(0, Only())\n"
        "sys.argv[0] = 'audit'\n"
        "runpy.run_module('audit', run_name='__main__')\n"
    )
    asked = [sys.executable, "-c", watched, "witness", "run", str(tmp_path / "mine"), "--listen", "127.0.0.1:0"]
    running = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)
    assert running.stdout and running.stdout.readline().startswith(f"{NAME} listens on 127.0.0.1:")
    running.terminate()
    assert running.wait(10) == 0


def test_an_ml_dsa_key_signs_beside_the_other_and_each_verifies_alone(
    engine: Engine, fill: Fill, clock, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    generate_post_quantum_key(tmp_path / "quantum.pem")
    quantum = load_any_key(tmp_path / "quantum.pem")
    fill(30)
    Sealer(ORIGIN, [LOG_KEY, quantum], tmp_path / "sealed.json", clock).seal(engine)

    with engine.begin() as tx:
        signed = serving.checkpoint(tx) or b""
    other = VerifierKey.parse(str(VerifierKey.of(quantum, ORIGIN)))
    assert open_checkpoint(signed, VKEY)[0] == open_checkpoint(signed, other)[0]
    with pytest.raises(ValueError, match="does not fit"):
        open_checkpoint(signed.replace(b"\n30\n", b"\n31\n"), other)
