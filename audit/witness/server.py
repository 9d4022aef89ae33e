"""The witness's one address, `POST /add-checkpoint`, with nothing but the standard library."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from audit.witness.witness import MOST_BYTES, Answer, NoWitness, Witness

_PATIENCE = 10.0  # seconds for a whole request


def server(witness: Witness, host: str, port: int, tell: Callable[[str], None]) -> ThreadingHTTPServer:
    """The server, not yet serving; port 0 takes any that is free. `tell` gets one line for each request."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version, sys_version = "witness", ""

        def do_POST(self) -> None:
            if self.path != "/add-checkpoint":
                self._answer(Answer(404, "There is nothing here.\n"))
                return
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit()):
                self._answer(Answer(411, "Say how long the request is.\n"))
            elif len(length) > 6 or int(length) > MOST_BYTES:
                self._answer(Answer(413, "The request is too long.\n"))
            else:
                self._judge(self.rfile.read(int(length)))

        def _judge(self, body: bytes) -> None:
            try:
                answer = witness.add_checkpoint(body)
            except (NoWitness, OSError) as trouble:  # nothing is cosigned that could not be remembered
                tell(f"cannot work: {trouble}")
                answer = Answer(500, "The witness cannot work.\n")
            self._answer(answer)

        def _answer(self, answer: Answer) -> None:
            content = answer.body.encode()
            self.close_connection = True
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *values: object) -> None:
            tell(f"{self.client_address[0]} {format % values}")

    listening = ThreadingHTTPServer((host, port), Handler)
    listening.daemon_threads = True
    return listening
