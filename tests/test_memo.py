"""What is remembered, and how much of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac import memo


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A memo of its own."""
    monkeypatch.setenv("OMEGAC_MEMO", str(tmp_path / "memo"))
    return tmp_path / "memo"


def test_what_is_remembered_is_recalled(folder: Path) -> None:
    """A value is recalled by its key and kind, and by no other."""
    memo.remember("kind", memo.key("a"), b"value")
    assert memo.recall("kind", memo.key("a")) == b"value"
    assert memo.recall("kind", memo.key("b")) is None
    assert memo.recall("other", memo.key("a")) is None
    assert len(list(folder.iterdir())) == 1


def test_keys_tell_their_parts_apart() -> None:
    """Parts that would be one text when put together are not one key."""
    assert len({memo.key("ab", "c"), memo.key("a", "bc"), memo.key("abc"), memo.key("abc", "")}) == 4


@pytest.mark.parametrize("spoilt", [b"", b"x", b"x" * 100])
def test_a_broken_entry_is_not_there(folder: Path, spoilt: bytes) -> None:
    """An entry whose bytes have changed is taken for none."""
    memo.remember("kind", memo.key("a"), b"value")
    (entry,) = folder.iterdir()
    entry.write_bytes(spoilt)
    assert memo.recall("kind", memo.key("a")) is None


def test_a_folder_that_cannot_be_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file is in the way, or the memo is off, nothing is remembered and nothing fails."""
    (tmp_path / "file").write_text("in the way", "utf-8")
    for place in (str(tmp_path / "file" / "memo"), "off"):
        monkeypatch.setenv("OMEGAC_MEMO", place)
        memo.remember("kind", memo.key("a"), b"value")
        assert memo.recall("kind", memo.key("a")) is None


def test_it_does_not_grow_for_ever(folder: Path) -> None:
    """Beyond a thousand entries, the older half goes; the newest stays."""
    for number in range(1_005):
        memo.remember("kind", memo.key(str(number)), b"value")
    assert len(list(folder.iterdir())) < 600
    assert memo.recall("kind", memo.key("1004")) == b"value"


def test_a_library_is_known_without_its_import() -> None:
    """Two versions of a library differ in what they are known by; one that is not there has only its name."""
    assert "jinja2" in memo.library("jinja2")
    assert memo.library("no_such_library") == "no_such_library"
