from __future__ import annotations

import time

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.ids import Slug, digest_of, new_id

SLUG: TypeAdapter[str] = TypeAdapter(Slug)


def test_ids_are_version_7_and_sort_by_time() -> None:
    ids = []
    for _ in range(3):
        ids.append(new_id())
        time.sleep(0.002)
    assert [id_.version for id_ in ids] == [7, 7, 7]
    assert sorted(ids) == ids


@pytest.mark.parametrize("good", ["a", "cho-an-luu-1", "9", "x" * 40])
def test_a_slug_is_accepted(good: str) -> None:
    assert SLUG.validate_python(good) == good


@pytest.mark.parametrize("bad", ["", "-a", "a-", "chợ", "a b", "a/b", "A", "a+", "#", "x" * 41, "a\n"])
def test_what_could_break_a_topic_is_no_slug(bad: str) -> None:
    with pytest.raises(ValidationError):
        SLUG.validate_python(bad)


def test_a_digest_is_the_sha256() -> None:
    assert digest_of(b"").startswith("e3b0c44298fc1c14")
