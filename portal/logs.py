"""Log lines: one line of JSON each, codes and numbers only, never what somebody typed."""

import json
import logging
import sys
from contextlib import suppress

import structlog


def prepare(level: str) -> None:
    """Send everything to standard error as JSON lines."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _no_messages,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=True,
    )
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(_NoMessages())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[others])


class _Lines(structlog.WriteLogger):
    """Writes to standard error. A full disk costs the line, not the page somebody waits for."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = error = critical = exception = fatal = failure = msg


class _NoMessages(logging.Formatter):
    """What libraries log: who, how bad, and of an exception its kind; never its message, nor the lines around it."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0] if record.exc_info else None
        said = {"logger": record.name, "level": record.levelname.lower(), "error": kind.__name__ if kind else ""}
        return json.dumps(said)


def _no_messages(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception is logged by its kind and place: its message may hold a value somebody typed."""
    if event.pop("exc_info", None):
        kind, _error, trace = sys.exc_info()
        places = []
        while trace:
            places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["error"] = kind.__name__ if kind else ""
        event["places"] = places[-8:]
    return event
