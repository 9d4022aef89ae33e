"""An authority outside that says of some bytes that they were there at a certain time (RFC 3161)."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from connectors.capabilities import Examined, Finding
from connectors.errors import Unavailable
from connectors.findings import fault, fine, say
from connectors.wire import Lost, Trust, Wire

_SECONDS = 20.0
_MOST_BYTES = 64 * 1024  # a signature with its certificates takes a tenth


class TimestampAuthority(Examined):
    """Takes only what the certificates in `ca_file` prove; so its address may begin with http://."""

    def __init__(self, url: str, ca_file: Path) -> None:
        self._url = url
        self._ca_file = ca_file
        self._wire = Wire(Trust(None), most_bytes=_MOST_BYTES)

    def stamp(self, content: bytes) -> bytes:
        """Its answer about these bytes, verified. Raises Unavailable."""
        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = self._post(request.as_bytes())
        try:
            verifier = VerifierBuilder.from_request(request)
            for certificate in x509.load_pem_x509_certificates(self._ca_file.read_bytes()):
                verifier = verifier.add_root_certificate(certificate)
            verifier.build().verify_message(decode_timestamp_response(answer), content)
        except OSError as error:
            raise Unavailable(f"ca_file cannot be read ({error.strerror})") from None
        except (ValueError, VerificationError) as error:
            raise Unavailable(f"the answer does not hold: {error}") from None
        return answer

    def examine(self) -> Iterator[Finding]:
        try:
            self.stamp(b"portal check")
        except Unavailable as error:
            yield fault(say("timestamps"), error.detail, "[anchors.timestamp] in docs/record.md")
        else:
            yield fine(say("timestamps"), say("are given, and proved by ca_file"))

    def _post(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}  # RFC 3161, 3.4
        try:
            answer = self._wire.request("POST", self._url, headers, _SECONDS, body=query)
        except Lost as lost:
            raise Unavailable(f"the authority cannot be reached ({lost})") from None
        if answer.status != 200:
            raise Unavailable(f"the authority answers with status {answer.status}")
        return answer.body
