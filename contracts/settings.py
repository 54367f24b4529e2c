"""How every program of Phố An reads its settings: one YAML file, environment variables in it, strict fields.

A variable may also be told by a file: where NAME is not set, NAME_FILE names the file that holds it, so that a secret
stands neither in the settings nor in the environment.

A mistake ends as one sentence that names the file and the field (SettingsError), never as a traceback.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class Settings(BaseModel):
    """Base of all settings: unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SettingsError(Exception):
    """The settings cannot be used; the text is one sentence for the person who wrote them."""


S = TypeVar("S", bound=BaseModel)


def load(model: type[S], path: Path, *, place: str = "") -> S:
    """Read `path` as `model`. `${NAME}` in a text stands for the environment variable of that name, or for what the
    file holds that NAME_FILE names.

    `place` names the part of the file to read ("" for all of it). Raises SettingsError.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not YAML: it is not written in UTF-8.") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {_where(error)}.") from None
    if not isinstance(raw, dict):
        raise SettingsError(f"{path}: must hold fields, `name: value`, and holds none.")
    if place:
        raw = raw.get(place)
    try:
        return model.model_validate(_fill_in(raw, path))
    except RecursionError:
        raise SettingsError(f"{path}: refers to itself without end; remove the alias that does.") from None
    except ValidationError as error:
        raise SettingsError(f"{path}: {sentence(error)}") from None


def sentence(error: ValidationError) -> str:
    """The first mistake as a sentence that names the field and never quotes its value, which may be a secret."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    first = faults[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    match first["type"]:
        case "extra_forbidden":
            said = f"field {where} is not known here; check its spelling"
        case "missing":
            said = f"field {where} is missing"
        case _:
            said = f"field {where or 'file'}: {first['msg'].removeprefix('Value error, ')}"
    more = f" ({len(faults) - 1} more mistakes)" if len(faults) > 1 else ""
    return f"{said}{more}."


def _fill_in(value: Any, path: Path) -> Any:
    """Replace ${NAME} in all texts."""
    if isinstance(value, dict):
        return {key: _fill_in(part, path) for key, part in value.items()}
    if isinstance(value, list):
        return [_fill_in(part, path) for part in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], path), value)
    return value


def _variable(name: str, path: Path) -> str:
    if name in os.environ:
        return os.environ[name]
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        raise SettingsError(f"{path}: names the environment variable {name}, which is not set.")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"{path}: {file}, which {name}_FILE names, cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: {file}, which {name}_FILE names, is not written in UTF-8.") from None


def _where(error: yaml.YAMLError) -> str:
    """What is wrong and in which line; never the line itself, which may hold a secret."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "it holds characters that YAML does not allow"
    return f"{error.problem} in line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
