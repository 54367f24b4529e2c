"""Builds what an overlay in deploy/kubernetes means: the part of kustomize that our files use, and no other.

`resources`, `namespace`, `images`, `replicas`, and `patches` of the form JSON 6902; anything else is refused, so that
nothing is thought to be tested that is not.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

_KNOWN = {"apiVersion", "kind", "namespace", "resources", "images", "replicas", "patches"}
_CLUSTER_WIDE = {"Namespace"}


def build(folder: Path) -> list[Object]:
    """All objects of the overlay in `folder`."""
    text = (folder / "kustomization.yaml").read_text(encoding="utf-8")
    said: Object = yaml.safe_load(text)
    unknown = said.keys() - _KNOWN
    if unknown:
        raise ValueError(f"{folder.name}: this builder does not know {sorted(unknown)}")
    objects = [one for path in said["resources"] for one in _read(folder / path)]
    for one in objects:
        if one["kind"] not in _CLUSTER_WIDE:
            one["metadata"]["namespace"] = said["namespace"]
    for change in said.get("patches", ()):
        _patch(objects, change["target"], yaml.safe_load(change["patch"]))
    for wanted in said.get("replicas", ()):
        for one in _found(objects, {"name": wanted["name"]}, {"Deployment", "StatefulSet"}):
            one["spec"]["replicas"] = wanted["count"]
    for image in said.get("images", ()):
        _rename(objects, image)
    return objects


def _read(path: Path) -> list[Object]:
    if path.is_dir():
        return build(path)
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


def _found(objects: list[Object], target: Object, kinds: set[str]) -> list[Object]:
    found = [one for one in objects if one["kind"] in kinds and one["metadata"]["name"] == target["name"]]
    if not found:
        raise ValueError(f"nothing is called {target}")
    return found


def _patch(objects: list[Object], target: Object, changes: list[Object]) -> None:
    for one in _found(objects, target, {target["kind"]}):
        for change in changes:
            *path, last = [part.replace("~1", "/").replace("~0", "~") for part in change["path"].split("/")[1:]]
            holder: Any = one
            for part in path:
                holder = holder[int(part)] if isinstance(holder, list) else holder[part]
            key = int(last) if isinstance(holder, list) else last
            if change["op"] in ("replace", "remove"):
                holder[key]  # what is not there can be neither
            if change["op"] == "remove":
                del holder[key]
            else:
                holder[key] = copy.deepcopy(change["value"])


def _rename(objects: list[Object], image: Object) -> None:
    for container in _containers(objects):
        name, _, tag = container["image"].partition(":")
        if name == image["name"]:
            container["image"] = f"{image.get('newName', name)}:{image.get('newTag', tag)}"


def _containers(value: Any) -> Iterator[Object]:
    """Where kustomize looks for images by itself: an `imageName` of others it does not know."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("containers", "initContainers"):
                yield from part
            else:
                yield from _containers(part)
    elif isinstance(value, list):
        for part in value:
            yield from _containers(part)
