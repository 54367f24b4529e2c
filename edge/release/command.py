"""`phoan-edge install`, `update` and `health`: what they take and what they say."""

from __future__ import annotations

import argparse
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from contracts.settings import SettingsError, load
from edge import pulse
from edge.release.centre import connected
from edge.release.install import Installation, next_steps
from edge.release.settings import UpdaterView
from edge.release.update import Updater, restarter


def add_install(parser: argparse.ArgumentParser) -> None:
    """The options of `install`."""
    usual = Installation()
    parser.add_argument("--print", action="store_true", dest="show", help="print the files and write none")
    parser.add_argument("--root", type=Path, default=usual.root, help="file system to write to, for images")
    parser.add_argument("--folder", type=Path, default=usual.folder, help="where versions are installed")
    parser.add_argument("--etc", type=Path, default=usual.etc, help="folder of the box's settings")
    parser.add_argument("--data", type=Path, default=usual.data, help="folder of what the box keeps")
    parser.add_argument("--user", default=usual.user, help="account that the box runs under")
    parser.add_argument("--memory-max", default=usual.memory_max, help="memory that the box may use, as 6G or 85%%")
    parser.add_argument("--watchdog", action="store_true", help="have the watchdog chip restart a machine that hangs")


def install(arguments: argparse.Namespace) -> int:
    """Write the files of a box, or show them. Raises SettingsError."""
    high = arguments.memory_max if arguments.memory_max != Installation().memory_max else Installation().memory_high
    installation = Installation(
        arguments.root.absolute(),
        arguments.folder,
        arguments.etc,
        arguments.data,
        arguments.user,
        high,
        arguments.memory_max,
        arguments.watchdog,
    )
    for path in (installation.folder, installation.etc, installation.data):
        if not path.is_absolute():
            raise SettingsError(f"{path}: must begin with /.")
    if arguments.show:
        for place, text in installation.texts().items():
            print(f"# /{place}", text, sep="\n")
        return 0
    for written in installation.write():
        print(f"wrote {written}")
    if installation.root == Path("/"):
        print(f"version {installation.first_version()} is in {installation.folder}")
        installation.own()
    else:
        print(f"a version is made in {installation.folder} once `phoan-edge install` runs in the image itself")
    print(next_steps(installation))
    return 0


def add_update(parser: argparse.ArgumentParser) -> None:
    """The options of `update`."""
    parser.add_argument(
        "--automatic", action="store_true", help="keep to the hours in which the settings let the box restart"
    )


def update(arguments: argparse.Namespace) -> int:
    """Bring the box to the version that the centre names, or say why not. Raises SettingsError."""
    view = load(UpdaterView, arguments.config)
    if not (view.update.folder / "versions").is_dir():
        raise SettingsError(f"{view.update.folder}: holds no versions; `phoan-edge install` makes the first.")
    with _alone(view.update.folder / "update"):
        with connected(view.centre) if view.centre else nullcontext() as centre:
            restart = restarter(view.update.restart)
            result = Updater(view, arguments.config, centre, restart=restart).run(automatic=arguments.automatic)
        print(result.said)
    return result.code


def health(arguments: argparse.Namespace) -> int:
    """Say whether the box runs: 0 when it does, 1 when not. For health checks."""
    seen = pulse.read(load(UpdaterView, arguments.config).data_dir)
    if seen is None:
        print("The box does not run, or hangs.")
        return 1
    link = "linked to the centre" if seen.linked else "without its centre"
    print(f"Version {seen.version} runs, {link}; {seen.streaming} of {seen.cameras} cameras bring pictures.")
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no second updater begin. Raises SettingsError when one is at work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written: {error.strerror}; run it with sudo.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                "Another update is at work; its journal is in `journalctl -u phoan-edge-update`."
            ) from None
        yield
