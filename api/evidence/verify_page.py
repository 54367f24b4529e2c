"""The page that checks evidence without a server: one HTML file, written from the modules under web/verify.

A page that is opened from a disk may load no other file. So every module becomes a function that gives what it exports,
in one script; the page's own policy lets that script run, by its SHA-256, and nothing else, and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from functools import cache
from importlib.resources import files
from typing import Final

ENTRY: Final = "verify/main.js"
LANGUAGES: Final = ("vi", "en")
FAMILIES: Final = ("kind.", "severity.", "role.")
"""Of the wall's words, those for what an export names."""

_IMPORT: Final = re.compile(r'^import\s+(?:\{([^}]*)\}|\*\s+as\s+(\w+))\s+from\s+["\'](\.[^"\']+)["\'];$', re.MULTILINE)
_EXPORTED: Final = re.compile(r"^export\s+(?=(?:async\s+)?(?:const|let|function|class)\s+(\w+))", re.MULTILINE)
_EXPORT_LIST: Final = re.compile(r"^export\s*\{([^}]*)\};$", re.MULTILINE)


@cache
def page() -> bytes:
    """The whole page."""
    whole = _read("verify/page.html")
    parts = {
        "policy": policy(),
        "style": _style(),
        "script": _script(),
        "words": _words(),
        "logo": _read("img/logo.svg"),
    }
    for name, part in parts.items():
        whole = whole.replace(f"{{{{{name}}}}}", part)
    return whole.encode()


@cache
def policy() -> str:
    """What the page may do; the server says so too, and adds who may frame it."""
    return (
        f"default-src 'none'; script-src {_hashed(_script())}; style-src {_hashed(_style())}; "
        "img-src blob: data:; media-src blob:; base-uri 'none'; form-action 'none'"
    )


def bundle(entry: str) -> str:
    """The module `entry` and all that it imports, as one script. Raises ValueError for what it cannot write."""
    written: dict[str, str] = {}
    _write(entry, written)
    return "\n".join([*written.values(), ""])


@cache
def _script() -> str:
    script = bundle(ENTRY)
    if "</script" in script or "<!--" in script:
        raise ValueError("a module holds what would end the script")
    return script


@cache
def _style() -> str:
    return _read("verify/style.css")


def _words() -> str:
    """The wall's words that the page needs too."""
    words = {}
    for language in LANGUAGES:
        every = json.loads(_read(f"locales/{language}.json"))
        words[language] = {key: text for key, text in every.items() if key.startswith(FAMILIES)}
    return json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")


def _write(module: str, written: dict[str, str]) -> None:
    """Add a module, and before it those that it imports."""
    if module in written:
        return
    source = _read(module)
    for match in _IMPORT.finditer(source):
        _write(_resolved(module, match[3]), written)
    names = _EXPORTED.findall(source)
    for listed in _EXPORT_LIST.findall(source):
        names += [name.strip() for name in listed.split(",") if name.strip()]
    body = _IMPORT.sub(lambda match: _taken(module, match), source)
    body = _EXPORT_LIST.sub("", _EXPORTED.sub("", body))
    left = re.search(r"^(?:import|export)\s(?!.*from\s+['\"]@)", body, re.MULTILINE)
    if left or any(" as " in name for name in names):
        raise ValueError(f"{module}: a form of import or export that is not known here")
    written[module] = f"const {_name(module)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();"


def _taken(module: str, match: re.Match[str]) -> str:
    """An import as the taking apart of another module's object."""
    source = _name(_resolved(module, match[3]))
    if match[2]:
        return f"const {match[2]} = {source};"
    return f"const {{{match[1].replace(' as ', ': ')}}} = {source};"


def _resolved(module: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), address))


def _name(module: str) -> str:
    return "m_" + re.sub(r"\W", "_", module.removesuffix(".js"))


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return files("api").joinpath("web", *name.split("/")).read_text(encoding="utf-8")
