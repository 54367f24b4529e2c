from __future__ import annotations

import base64
import hashlib
import re

import pytest

from tests.api.conftest import StartApi
from tests.api.running import RunningApi


def test_the_policy_names_the_import_map_and_nothing_from_elsewhere(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        page = client.get("/")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert len(inline) == 1
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "://" not in page.headers["content-security-policy"]


def test_the_page_loads_only_files_that_are_there(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"|: \"(/[^\"]+)\"", client.get("/").text)
        assert len(addresses) > 5
        for address in (one or other for one, other in addresses):
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/", "no-cache"),
        ("/static/app.js", "no-cache"),
        ("/api/v1/session", "no-store"),
        ("/api/v1/events", "no-store"),
        ("/api/v1/nothing", "no-store"),
        ("/api/v1/openapi.json", "no-store"),
    ],
)
def test_every_answer_bears_the_security_headers(shared_api: RunningApi, path: str, cache: str) -> None:
    with shared_api.client() as client:
        headers = client.get(path).headers
    assert headers["cache-control"] == cache
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert {"camera=(self)", "microphone=()", "geolocation=()"} <= set(headers["permissions-policy"].split(", "))
    assert "content-security-policy" in headers
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers, "there is no TLS on loopback"
    assert "server" not in headers


def test_where_there_is_tls_browsers_are_told_to_come_by_no_other_way(start_api: StartApi) -> None:
    with start_api(cookie_secure=True).client() as client:
        assert client.get("/").headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_the_openapi_document_tags_every_path_and_names_the_problem(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        document = client.get("/api/v1/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 9
    assert all(operation["tags"] for operation in operations)
    answers = [answer for operation in operations for answer in operation["responses"].items()]
    errors = [answer["content"] for status, answer in answers if status[0] in "45"]
    assert all(set(content) == {"application/problem+json"} for content in errors)
    assert "4XX" not in dict(answers), "each says which ones"
    assert "ProblemDocument" in document["components"]["schemas"]
