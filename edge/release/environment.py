"""Makes the environment of a version: its own wheels over what the base brings, installed without a network.

A version's folder is torn until the file that says otherwise is in it: a power cut while it is made costs the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.release import Bundle, BundleError, Fault, lacking, plain_name, unfit
from edge.release.places import WHOLE, Places

BASE: Final = "base"
_TIMEOUT_S: Final = 900
_ROOM: Final = 5
"""A wheel unpacks to a few times its size."""

_ASK: Final = """
import json, sysconfig
from importlib.metadata import distributions
versions = {}
for one in distributions():
    if one.name:
        versions.setdefault(one.name, one.version)
print(json.dumps({"folder": sysconfig.get_path("purelib"), "versions": versions}))
"""

_PROVE: Final = "import edge.agent; from importlib.metadata import version; print(version('phoan'))"
"""Everything that the box runs can be imported; a version that cannot fails here, and not while nobody watches."""


@dataclass(frozen=True, slots=True)
class Base:
    """The environment that was installed by hand."""

    python: Path
    folder: Path
    versions: dict[str, str]


def base_of(places: Places) -> Base:
    """What is there to build on. Raises BundleError where it does not run."""
    python = places.folder / BASE / "bin" / "python"
    found = json.loads(_run([str(python), "-I", "-c", _ASK], Fault.NOT_INSTALLED))
    versions = {plain_name(name): version for name, version in found["versions"].items()}
    return Base(python, Path(found["folder"]), versions)


def build(places: Places, bundle: Bundle, size: int) -> None:
    """Make the folder of a bundle's version, whole when this returns. Raises BundleError, and leaves no folder."""
    manifest = bundle.manifest
    if why := unfit(manifest):
        raise BundleError(Fault.UNFIT, why)
    base = base_of(places)
    if missing := lacking(manifest, base.versions):
        raise BundleError(Fault.LACKS, f"neither this box nor the release has {', '.join(missing)}")
    if shutil.disk_usage(places.folder).free < size * _ROOM:
        raise BundleError(Fault.NO_ROOM, f"a release of {size} bytes needs {_ROOM} times as much on the disk")
    places.remove(manifest.version)
    try:
        make(places, base, manifest.version, wheels_of(places, bundle))
    except BundleError:
        places.remove(manifest.version)
        raise
    finally:
        shutil.rmtree(places.work / "wheels", ignore_errors=True)


def wheels_of(places: Places, bundle: Bundle) -> list[str]:
    """Unpack a bundle's wheels, each proven; what pip is to install, with digests. Raises BundleError."""
    folder = places.work / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = []
    for wheel, data in bundle.wheels():
        try:
            (folder / wheel.name).write_bytes(data)
        except OSError as error:
            raise BundleError(Fault.NO_ROOM, f"{wheel.name} cannot be written: {error.strerror}") from None
        lines.append(f"{folder / wheel.name} --hash=sha256:{wheel.sha256}")
    return lines


def make(places: Places, base: Base, version: str, wheels: list[str]) -> None:
    """An environment with these wheels, over the base. Raises BundleError."""
    place = places.of(version)
    place.parent.mkdir(parents=True, exist_ok=True)
    _run([str(base.python), "-I", "-m", "venv", "--without-pip", "--clear", str(place)], Fault.NOT_INSTALLED)
    if wheels:
        wanted = places.work / "wheels" / "requirements.txt"
        wanted.write_text("\n".join(wheels) + "\n")
        pip = [str(base.python), "-I", "-m", "pip", "--python", str(place / "bin" / "python"), "--isolated", "install"]
        options = ["--quiet", "--no-index", "--no-deps", "--require-hashes", "--no-cache-dir", "-r", str(wanted)]
        _run([*pip, "--disable-pip-version-check", *options], Fault.NOT_INSTALLED)
    else:
        _write_program(place)
    (folder,) = place.glob("lib/python3*/site-packages")
    (folder / "phoan-base.pth").write_text(f"import site; site.addsitedir({str(base.folder)!r})\n")
    if not places.program(version).is_file():
        raise BundleError(Fault.NOT_INSTALLED, "it brings no program phoan-edge")
    os.sync()  # thousands of files: all of them, before one says that they are there
    (place / WHOLE).write_text(version)
    os.sync()


def prove(places: Places, version: str, config: Path) -> None:
    """Have a version say that it can be loaded, is what it says, and takes the box's settings. Raises BundleError."""
    python = places.of(version) / "bin" / "python"
    said = _run([str(python), "-I", "-c", _PROVE], Fault.CHECK).strip().splitlines()
    if said[-1:] != [version]:
        raise BundleError(Fault.CHECK, f"it says that it is version {''.join(said[-1:]) or 'none'}")
    _run([str(places.program(version)), "--config", str(config), "check"], Fault.CHECK)


def _write_program(place: Path) -> None:
    """For a version that is the base's own."""
    program = place / "bin" / "phoan-edge"
    python = place / "bin" / "python"
    program.write_text(f"#!{python}\nimport sys\n\nfrom edge.__main__ import main\n\nsys.exit(main())\n")
    program.chmod(0o755)


def _run(command: list[str], fault: Fault) -> str:
    """What a command says. Raises BundleError with its last line when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=environment, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BundleError(fault, f"{Path(command[0]).name} did not run: {type(error).__name__}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise BundleError(fault, lines[-1][:300] if lines else f"{Path(command[0]).name} ended with {done.returncode}")
    return done.stdout
