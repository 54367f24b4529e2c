"""Small disks of their own, which a test may fill."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(disk: Path, size: str) -> Iterator[Path]:
    """A disk of that size at `disk`, which is made; gone afterwards, whoever still has files of it open."""
    assert os.geteuid() == 0, "mounting a small disk needs root: run the tests as root, or in a container as CI does"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "phoan-test", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
