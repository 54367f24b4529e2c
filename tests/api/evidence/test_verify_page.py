from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from api.evidence import verify_page

WEB = Path(verify_page.__file__).parent / "web"


def test_the_page_is_one_file_that_names_no_other() -> None:
    page = verify_page.page().decode()
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"<(?:link|iframe|object|embed|base)\b|\b(?:src|href|action)=", markup)
    assert "{{" not in markup
    script = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    assert len(script) == 1
    code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", script[0], flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"^\s*(?:import|export)\b|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon", code, re.MULTILINE)


def test_its_policy_lets_its_own_script_and_style_run_and_nothing_be_loaded() -> None:
    page = verify_page.page().decode()
    policy = verify_page.policy()
    assert f'content="{policy}"' in page
    for pattern in (r'<script type="module">(.*?)</script>', r"<style>(.*?)</style>"):
        (part,) = re.findall(pattern, page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "'self'" not in policy
    assert "unsafe" not in policy


def test_every_module_is_written_once_and_before_who_needs_it() -> None:
    bundle = verify_page.bundle("verify/main.js")
    names = re.findall(r"^const (m_\w+) = \(\(\) => \{$", bundle, re.MULTILINE)
    assert len(names) == len(set(names))
    assert names[-1] == "m_verify_main"
    for name in names:
        first_use = re.search(rf"= {name};", bundle)
        assert first_use is None or bundle.index(f"const {name} =") < first_use.start()
    assert {"m_vendor_noble_ed25519", "m_vendor_noble_sha2", "m_verify_check"} <= set(names)


@pytest.mark.parametrize(
    "line", ["export default 1;", 'export * from "./dom.js";', 'import "./dom.js";', "export { a as b };"]
)
def test_a_form_of_module_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(verify_page, "_read", lambda name: f"const a = 1;\n{line}\n")
    with pytest.raises(ValueError, match="not known here"):
        verify_page.bundle("verify/other.js")


def test_what_would_end_the_script_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_page, "_read", lambda name: 'export const a = "</script>";\n')
    with pytest.raises(ValueError, match="end the script"):
        verify_page._script.__wrapped__()
