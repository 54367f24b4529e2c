"""Puts cameras into the text of edge.yaml without touching the rest of it: a technician's comments stay.

The places come from the parsed file; the text goes back only when the whole of it is good settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from contracts.settings import SettingsError, load
from edge.config import EdgeSettings
from edge.configuration.credentials import bare
from edge.footage.disk import sync

_INDENT: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A camera to add; its addresses bear no password."""

    id: str
    site: str
    url: str
    sub_url: str | None = None


def add_cameras(text: str, entries: Sequence[Entry]) -> str:
    """The file with more cameras. Raises SettingsError where it is written in a way that cannot be added to."""
    node = _field(_root(text), "cameras")
    if node is None:
        return f"{text.rstrip()}\n\ncameras:\n{_block(entries, _INDENT)}"
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        lines = text.splitlines(keepends=True)
        last = _last_line(node)
        if not lines[last].endswith("\n"):
            lines[last] += "\n"
        return "".join([*lines[: last + 1], _block(entries, node.start_mark.column), *lines[last + 1 :]])
    if isinstance(node, yaml.SequenceNode) and node.value:
        raise SettingsError("field cameras is written in brackets; write each camera as a line that begins with `- `.")
    begin, end = node.start_mark.index, node.end_mark.index
    return f"{text[:begin].rstrip(' ')}\n{_block(entries, _INDENT).rstrip()}{text[end:] or chr(10)}"


def without_login(text: str, camera: str) -> str:
    """The file without the passwords in this camera's addresses. Raises SettingsError when it has no such camera."""
    cameras = _field(_root(text), "cameras")
    for node in cameras.value if isinstance(cameras, yaml.SequenceNode) else ():
        name = _field(node, "id") if isinstance(node, yaml.MappingNode) else None
        if name is None or name.value != camera:
            continue
        found = [place for field in ("url", "sub_url") if (place := _field(node, field)) is not None]
        for place in sorted(found, key=lambda one: one.start_mark.index, reverse=True):
            shown = yaml.safe_dump(bare(str(place.value)), width=10_000).removesuffix("...\n").strip()
            text = f"{text[: place.start_mark.index]}{shown}{text[place.end_mark.index :]}"
        return text
    raise SettingsError(f"camera {camera} is not in this box's file.")


def replace(config: Path, text: str) -> None:
    """Make `text` the box's file, if it is good; owner and mode stay. Raises SettingsError, having changed nothing."""
    draft = config.with_suffix(".draft")
    try:
        before = config.stat()
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        load(EdgeSettings, draft)
        draft.chmod(before.st_mode & 0o777)
        if os.geteuid() == 0:
            os.chown(draft, before.st_uid, before.st_gid)
        draft.replace(config)
        sync(config.parent)
    except SettingsError as error:
        raise SettingsError(str(error).replace(str(draft), str(config))) from None
    except OSError as error:
        raise SettingsError(f"{config}: cannot be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise SettingsError("the file must hold fields, one a line: `name: value`.")
    return root


def _field(node: yaml.MappingNode, name: str) -> Any:
    return next((value for key, value in node.value if key.value == name), None)


def _last_line(node: yaml.Node) -> int:
    """The line on which the last thing of a block ends; its own mark is behind comments that follow it."""
    return max(_ends(node))


def _ends(node: yaml.Node) -> Iterator[int]:
    parts: list[Any] = []
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = list(node.value)
    if parts and not getattr(node, "flow_style", False):
        for part in parts:
            yield from _ends(part)
    else:
        yield node.end_mark.line - (1 if node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line else 0)


def _block(entries: Sequence[Entry], indent: int) -> str:
    content = [
        {"id": one.id, "site": one.site, "url": one.url, **({"sub_url": one.sub_url} if one.sub_url else {})}
        for one in entries
    ]
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())
