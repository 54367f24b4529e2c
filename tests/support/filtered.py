"""Runs a program under exactly the system calls that a unit allows, as systemd would, and without new privileges.

`python -m tests.support.filtered UNIT PROGRAM...`. What systemd-analyze knows of its groups of calls is asked of it, so
the filter is the installed systemd's own.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PR_SET_NO_NEW_PRIVS = 38


def allowed(unit: str) -> set[str]:
    """The names of the calls that a unit's text allows."""
    found: set[str] = set()
    for line in unit.splitlines():
        if not line.startswith("SystemCallFilter="):
            continue
        value = line.partition("=")[2]
        names = {name for word in value.removeprefix("~").split() for name in _expanded(word)}
        found = found - names if value.startswith("~") else found | names
    return found


def _expanded(word: str) -> set[str]:
    if not word.startswith("@"):
        return {word}
    done = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True)
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return {name for part in words if part and not part.startswith("#") for name in _expanded(part)}


def confine(names: set[str]) -> None:
    """From now on this process may do only these calls."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
    ]  # fmt: skip
    context = library.seccomp_init(ctypes.c_uint32(_ERRNO | errno.EPERM))
    for name in sorted(names):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add_array(context, _ALLOW, number, 0, None)
    assert ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert library.seccomp_load(context) == 0


if __name__ == "__main__":
    confine(allowed(Path(sys.argv[1]).read_text(encoding="utf-8")))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
