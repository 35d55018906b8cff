"""Whatever is done to a spec, it is refused with a place inside of it, or accepted."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from omegac.bind import bind
from omegac.contribute import contribute
from omegac.diagnostics import Diagnostic, Rejected
from omegac.load import load
from omegac.source import Source, Span
from omegac.stage import stage
from omegac.validate import validate

EXAMPLES = int(os.environ.get("OMEGAC_FUZZ", "400"))
"""How many specs are tried."""
CASES = Path(__file__).parent / "cases"
SPECS = [path.read_text("utf-8") for path in sorted((CASES / "good").rglob("omega.yaml"))]

BITS = [
    *("null", "3", "1.10", "true", "yes", "[]", "{}", "[x]", "{a: b}", "x", "é", "\U0001f600", "\u00a0", "0x1F"),
    *("!Ref A", "!GetAtt a.b", "!Nothing", "*a", "&a x", "<<: *a", "{{ x }}"),
    *("\t", ":", ": ", "- ", "'", '"', "{", "}", "[", "]", ",", "#", "|", "> ", "%", "@", "`", "?", "...", "---", "\n"),
    *("Runtime: x", "memory_size: 3", "port: 80", "handler: a.b", "ingress: public"),
]


def put_in(text: str, source: random.Random) -> str:
    at = source.randint(0, len(text))
    return text[:at] + source.choice(BITS) + text[at:]


def take_out(text: str, source: random.Random) -> str:
    at = source.randint(0, len(text))
    return text[:at] + text[at + 1 :]


def indent(text: str, source: random.Random) -> str:
    lines = text.split("\n")
    at = source.randrange(len(lines))
    lines[at] = " " * source.randint(0, 6) + lines[at].lstrip()
    return "\n".join(lines)


def repeat(text: str, source: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(source.randrange(len(lines)), source.choice(lines))
    return "\n".join(lines)


def another_value(text: str, source: random.Random) -> str:
    found = source.choice([*re.finditer(r": ([^\s,{}\[\]]+)", text)])
    return text[: found.start(1)] + source.choice(BITS) + text[found.end(1) :]


def misspell(text: str, source: random.Random) -> str:
    found = source.choice([*re.finditer(r"(\w+):", text)])
    key = found[1]
    spelt = source.choice([key.upper(), key.title(), key[1:], key + key[-1], key.replace("_", "-")])
    return text[: found.start(1)] + spelt + text[found.end(1) :]


CHANGES: list[Callable[[str, random.Random], str]] = [put_in, take_out, indent, repeat, another_value, misspell]


def refusals(text: str) -> Iterator[Diagnostic]:
    """What a spec is refused with, in any of its stages."""
    try:
        document = load(Source("omega.yaml", text))
        stages = document.value.get("stages")
        for name in (None, *(stages if isinstance(stages, dict) else ())):
            try:
                list(contribute(bind(validate(stage(document, name)), CASES)).facts)
            except Rejected as rejected:
                yield from rejected.diagnostics
    except Rejected as rejected:
        yield from rejected.diagnostics


def lies_in(span: Span | None, text: str) -> bool:
    return span is not None and span.source.text == text and 0 <= span.start <= span.end <= len(text)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.integers(min_value=0))
def test_every_fault_has_a_place(seed: int) -> None:
    """A spec that was changed at random is accepted, or refused with places inside of it, and nothing else happens."""
    source = random.Random(seed)  # noqa: S311 (no secret: a seed has to give the same spec again)
    text = source.choice(SPECS)
    for _ in range(source.randint(1, 3)):
        text = source.choice(CHANGES)(text, source)
    for fault in refusals(text):
        assert lies_in(fault.span, text), fault
        assert all(lies_in(related.span, text) for related in fault.related), fault
        assert fault.message


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("ab:- \n\t[]{},'\"#&*!|>?%@`.\\é")))
def test_every_text_has_an_answer(text: str) -> None:
    """Text at random is refused with a place inside of it, or is a mapping."""
    found: tuple[Diagnostic, ...] = ()
    try:
        document = load(Source("omega.yaml", text))
    except Rejected as rejected:
        found = rejected.diagnostics
    assert all(lies_in(fault.span, text) for fault in found)
    assert found or isinstance(document.value, dict)
