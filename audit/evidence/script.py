"""Writes the verify.py of an evidence pack: one file with the verifier's own modules in it, word for word."""

import ast
from functools import cache
from importlib.resources import files

_MAIN = "verify.pack"
_HEAD = """#!/usr/bin/env python3
{doc}

import sys
import types
from pathlib import Path

_SOURCES = {{}}  # the modules of the verifier, each before those that need it
"""
_TAIL = """

def _load():
    sys.modules["audit"] = types.ModuleType("audit")
    for name, source in _SOURCES.items():
        module = sys.modules[name] = types.ModuleType(name)
        exec(compile(source, name, "exec"), module.__dict__)
    return sys.modules["audit.verify.pack"]


if __name__ == "__main__":
    sys.exit(_load().main(sys.argv[1:], Path(__file__).resolve().parent))
"""


class NotPortable(ValueError):
    """A module of the verifier cannot be written into the script."""


@cache
def verify_script() -> bytes:
    """The script. It needs only Python's standard library and `cryptography`."""
    sources: dict[str, str] = {}
    _collect(_MAIN, sources)
    doc = ast.get_docstring(ast.parse(sources[f"audit.{_MAIN}"]), clean=False)
    script = _HEAD.format(doc=f'"""{doc}"""')
    for name, source in sources.items():
        script += f"\n_SOURCES[{name!r}] = r'''\n{source}'''\n"
    return (script + _TAIL).encode()


def _collect(name: str, sources: dict[str, str]) -> None:
    source = (files("audit") / f"{name.replace('.', '/')}.py").read_text()
    if "'''" in source:
        raise NotPortable(f"audit/{name}.py holds three apostrophes in a row")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("audit."):
            needed = str(node.module).removeprefix("audit.")
            if f"audit.{needed}" not in sources:
                _collect(needed, sources)
    sources[f"audit.{name}"] = source
