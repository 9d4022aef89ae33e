"""Has an authority outside stamp the day's checkpoint (RFC 3161): by then the record had come so far, whoever asks."""

from collections.abc import Iterator
from typing import Any

import requests
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from audit import timestamps
from connectors.capabilities import Finding
from connectors.errors import Unavailable
from connectors.findings import fault, fine, say
from portal.database import Database
from portal.settings_sealer import Timestamp

_SECONDS = (5, 15)  # to connect, and for each piece of the answer
_MOST = 64 * 1024  # bytes of an answer: a signature with its certificates takes a tenth


class Timestamps:
    """Asks the authority of the settings, and takes only what its certificates prove."""

    def __init__(self, settings: Timestamp, database: Database) -> None:
        self._settings = settings
        self._database = database

    def carry(self, id_: str, content: dict[str, Any]) -> None:
        """Have the checkpoint of this size stamped, once; raises Unavailable to be tried again."""
        size = int(content["size"])
        with self._database.read() as db:
            note = None if timestamps.stamped(db, size) else timestamps.note_of(db, size)
        if note is None:
            return
        token = self.stamp(note)
        with self._database.write() as tx:
            if not timestamps.stamped(tx, size):
                timestamps.keep(tx, size, token)

    def examine(self) -> Iterator[Finding]:
        """Whether it gives timestamps that hold."""
        try:
            self.stamp(b"portal check")
        except Unavailable as error:
            yield fault(say("timestamps"), str(error), "[anchors.timestamp] in docs/record.md")
        else:
            yield fine(say("timestamps"), say("are given, and proved by ca_file"))

    def stamp(self, content: bytes) -> bytes:
        """The authority's answer about these bytes, verified; raises Unavailable with a reason."""
        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = self._post(request.as_bytes())
        try:
            verifier = VerifierBuilder.from_request(request)
            for certificate in x509.load_pem_x509_certificates(self._settings.ca_file.read_bytes()):
                verifier = verifier.add_root_certificate(certificate)
            verifier.build().verify_message(decode_timestamp_response(answer), content)
        except OSError as error:
            raise Unavailable(f"ca_file cannot be read ({error.strerror})") from None
        except (ValueError, VerificationError) as error:
            raise Unavailable(f"the answer does not hold: {error}") from None
        return answer

    def _post(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}  # RFC 3161, 3.4
        try:
            with requests.post(
                self._settings.url, query, headers=headers, timeout=_SECONDS, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != 200:
                    raise Unavailable(f"the authority answers with status {answer.status_code}")
                content: bytes = answer.raw.read(_MOST, decode_content=True)
        except requests.RequestException as error:
            raise Unavailable(f"the authority cannot be reached ({type(error).__name__})") from None
        return content
