from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.records import ranges_of


@given(st.sets(st.integers(1, 200)))
def test_ranges_cover_exactly_the_numbers_and_never_touch(numbers: set[int]) -> None:
    ranges = ranges_of(numbers)
    assert {number for span in ranges for number in range(span.first, span.last + 1)} == numbers
    assert all(left.last + 1 < right.first for left, right in pairwise(ranges))
