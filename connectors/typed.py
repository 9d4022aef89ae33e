"""What people type: which of it can be sent to a directory at all."""

from connectors.errors import Refusal, Refused


def is_sendable(password: str) -> bool:
    """Empty passwords mean anonymous to many servers, and many stop reading at a NUL."""
    return bool(password) and "\0" not in password and is_encodable(password)


def check_storable(password: str) -> None:
    """Raise Refused for a new password that no directory can keep."""
    if not password:
        raise Refused(Refusal.TOO_SHORT, "empty")
    if not is_sendable(password):
        raise Refused(Refusal.UNUSABLE_CHARACTERS, "holds a character no directory can store")


def is_encodable(text: str) -> bool:
    """Half a surrogate pair, which no server takes, can be typed into a form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
