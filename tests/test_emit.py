"""The template's bytes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from omegac.emit import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES)
def test_canonical_json_is_what_the_library_writes(value: object) -> None:
    """Our own writer and `json.dumps` with an indent of two give the same text."""
    assert canonical(value) == json.dumps(value, indent=2, ensure_ascii=False)
