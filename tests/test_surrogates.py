"""Surrogate pairs in templates: the characters that JSON means by them, at their places, and nothing else touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.diagnostics import Rejected
from omegac.load import load
from omegac.source import Source


@given(st.text(max_size=20), st.text(max_size=20))
def test_json_is_read_as_json(key: str, value: str) -> None:
    """Whatever JSON of ASCII says, it is read as JSON reads it; only in use with the private area it may be refused."""
    text = json.dumps({f"k{key}": value, "last": 1})
    try:
        document = load(Source("t", text), disputes=False)
    except Rejected:
        assert "\\ud" in text
        return
    assert document.value == json.loads(text)
    span = document.at("last").origin.span
    assert span is not None
    assert text[span.start : span.end] == "1"


@pytest.mark.parametrize("text", ["a: \ue001\ue401\n", 'a: "\\ue001\\ue401"\n', "a: '\\ud83d\\ude00'\n"])
def test_what_is_no_pair_stays(text: str) -> None:
    """Characters of the private area, and backslashes that are no escapes, are what they are."""
    written = text[3:].strip().strip("'")
    meant = json.loads(written) if written.startswith('"') else written
    assert load(Source("t", text), disputes=False).value == {"a": meant}
