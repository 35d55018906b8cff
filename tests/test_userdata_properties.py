"""Properties of userdata, on templates made at random: rendered as Jinja2 does it, with values that stay values."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

import omegac
from omegac.diagnostics import Rejected
from omegac.reading import decode
from omegac.source import Origin, Origins, Source, Span, Traced
from omegac.userdata.alphabet import plain
from omegac.userdata.convert import OPENING, convert, literal
from omegac.userdata.render import Rendered, render
from omegac.userdata.script import prove

EXAMPLES = int(os.environ.get("OMEGAC_FUZZ", "1500"))
"""How many templates are tried."""

BITS = [
    *("a", "b ", "{", '"', "\\", "<", ">", "\n", "\r\n", " ", "  \n", "é", "\u2028", "\x0c", "\x1f", "$x", "${#a[@]}"),
    *('{ "Ref": "X" }', '{"Fn::GetAtt": ["D", "A.{{ V }}"]}', '< "Ref" : "{{ W }}" >', '{"Ref": "{{ V }}"}'),
    *(
        '\\{ "Ref": "Y" }',
        '\\\\{ "Ref": "Y" }',
        '{\n  "Ref":\n "M"\n}',
        '{"Refresh": 1}',
        '{"Fn::Sub": "{{ V }}-${AWS::Region}"}',
    ),
    '{\r\n "Ref":\r\n "N"\r\n}',
    *("{{ V }}", "{{ W|upper }}", "{{ V ~ W }}", '{{ V|replace("a",W) }}', '{{ [V,W]|join("-") }}', "{{ V|tojson }}"),
    *('{{ "{" ~ V }}', "{{- V -}}", "{{ V|length }}", "{{ .V }}"),
]
HOSTILE = [
    '{"Ref": "Z"}',
    'a"}, {"Ref": "b',
    "\\",
    '"',
    "x\ny",
    "{",
    "",
    " ",
    '"], "a": ["',
    "\\u0022",
    "a",
    "${AWS::Region}",
]


def template(source: random.Random, depth: int = 0) -> str:
    """A template made at random, with blocks of every kind."""
    parts = []
    for _ in range(source.randint(1, 6)):
        chance = source.random() if depth < 3 else 1.0
        inner = template(source, depth + 1) if chance < 0.3 else ""
        if chance < 0.08:
            parts.append(f"{{% if c %}}{inner}{{% else %}}e{{% endif {source.choice(['', '-'])}%}}")
        elif chance < 0.15:
            parts.append(f"{{% for q in l %}}{inner}{source.choice(['', '{{ q }}', '{{ loop.last }}'])}{{% endfor %}}")
        elif chance < 0.2:
            use = source.choice(
                ["{{ z%d }}", "{%% if z%d == 'a' %%}eq{%% endif %%}", "{{ z%d|indent(3) }}", "{{ z%d|trim }}"]
            )
            parts.append(f"{{% set z{depth} %}}{inner}{{% endset %}}{use % depth}")
        elif chance < 0.24:
            parts.append(f"{{% macro m{depth}(V) %}}{inner}{{% endmacro %}}{{{{ m{depth}(W) }}}}")
        elif chance < 0.27:
            name = source.choice(["indent(2)", "trim", "upper", "replace('a',V)"])
            parts.append(f"{{% filter {name} %}}{inner}{{% endfilter %}}")
        elif chance < 0.3:
            parts.append("{% raw %}{{ x }}{% endraw %}")
        else:
            parts.append(source.choice(BITS))
    return "".join(parts)


def variables(**values: Any) -> Traced:
    """Variables, each with an origin of its own."""
    within: dict[str | int, Origins] = {name: Origins(Origin(Span(Source(name, name), 0, 1))) for name in values}
    return Traced(values, Origins(Origin(None), within))


def nothing(name: str) -> Source:
    raise AssertionError(name)


def rendered(text: str, values: Traced) -> Rendered:
    return render(Source("t", text), values, nothing)


def reference(text: str, values: dict[str, Any]) -> str:
    """What Jinja2 alone makes of a template; CR is carried through as another character."""
    jinja = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="\ud7fb\ue000\ue001",
        comment_end_string="\ue001\ue000\ud7fb",
    )
    jinja.filters["tojson"] = lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = text.replace("\x1f", "\ue123").replace("\r", "\x1f").replace("{{ .V", "{{ V")
    return jinja.from_string(text).render(values).replace("\x1f", "\r").replace("\ue123", "\x1f")


def unescaped(text: str) -> str:
    """A rendered text as the converter's rules leave it: the backslashes of escapes are gone."""
    return re.sub(rf"(\\*)({OPENING.pattern})", lambda found: "\\" * (len(found[1]) // 2) + found[2], text)


@pytest.fixture(autouse=True)
def no_memo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMEGAC_MEMO", "off")


def each(check: Callable[[int, str, dict[str, Any]], bool]) -> int:
    """Tries a property on many templates and values; says how often there was something to see."""
    seen = 0
    for number in range(EXAMPLES):
        source = random.Random(number)  # noqa: S311 (to make templates, not keys)
        text = template(source)
        values = {"V": source.choice(HOSTILE), "W": source.choice(HOSTILE), "c": source.random() < 0.5, "l": [1, 2]}
        seen += check(number, text, values)
    return seen


def test_rendered_as_jinja2_renders() -> None:
    """With its marks off, a rendered text is what Jinja2 alone gives; what Jinja2 refuses is refused."""

    def check(number: int, text: str, values: dict[str, Any]) -> bool:
        if "\\" in text and OPENING.search(text):
            return False  # an escape loses its backslash while rendering; the next property has those
        try:
            wanted: str | None = reference(text, values)
        except Exception:  # noqa: BLE001 (whatever Jinja2 refuses it with)
            wanted = None
        try:
            got: str | None = plain(rendered(text, variables(**values)).text.text)
        except Rejected as rejected:
            got = None if wanted is None else rejected.diagnostics[0].code
        assert got in (wanted, "OM2006"), (number, text)  # an expression goes through no filter
        return got is not None and got != "OM2006"

    assert each(check) > EXAMPLES // 3


def test_values_stay_values() -> None:
    """A value opens no expression and leaves no string: hostile values give the expressions that harmless ones do."""
    harmless = {"V": "\ue777", "W": "\ue778"}

    def expressions(text: str, values: dict[str, Any]) -> list[Any] | None:
        try:
            script = rendered(text, variables(**values)).text
            pieces = convert(script)
        except Rejected:
            return None
        prove(pieces, script)
        return [value for value in pieces.values if isinstance(value, dict)]

    def filled(value: Any, values: dict[str, Any], inside: str = "") -> Any:
        if isinstance(value, str):
            for name, stand_in in harmless.items():
                text = values[name].replace("${", "${!") if inside == "Fn::Sub" else values[name]
                value = value.replace(stand_in, text)
            return value
        if isinstance(value, list):
            return [filled(item, values) for item in value]
        return {filled(key, values): filled(item, values, key) for key, item in value.items()}

    def check(number: int, text: str, values: dict[str, Any]) -> bool:
        if "indent" in text or "trim" in text or "upper" in text or "-}}" in text:
            return False  # these look into values; whether an expression is one they cannot change, as the first shows
        found, safe = expressions(text, values), expressions(text, {**values, **harmless})
        if found is None or safe is None:
            return False
        assert found == filled(safe, values), (number, text, values)
        return bool(found)

    assert each(check) > EXAMPLES // 20


def test_pieces_joined_are_the_text() -> None:
    """Without a template engine: literal pieces, and expressions as they are written, are the text byte for byte."""
    for number in range(EXAMPLES):
        source = random.Random(number)  # noqa: S311 (to make templates, not keys)
        text = "".join(source.choice(BITS) for _ in range(source.randint(0, 12)))
        script = literal(Source("t", text))
        assert plain(script.text) == unescaped(text), number
        try:
            pieces = convert(script)
        except Rejected:
            continue
        joined = "".join(
            value if isinstance(value, str) else plain(script.text[start:end])
            for value, start, end in pieces.stretches()
        )
        assert joined == unescaped(text), number


EXPRESSIONS: list[tuple[str, dict[str, Any]]] = [
    ('{ "Ref" : "A" }', {"Ref": "A"}),
    ('< "Fn::GetAtt" : [ "B" , "C.D" ] >', {"Fn::GetAtt": ["B", "C.D"]}),
    ('{ "Fn::Sub" :\n  "${E}" }', {"Fn::Sub": "${E}"}),
]
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="{<\\"), max_size=30)


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(st.lists(st.tuples(PLAIN, st.sampled_from(EXPRESSIONS)), max_size=6), PLAIN)
def test_expressions_planted_in_any_text_are_found(planted: list[tuple[str, tuple[str, Any]]], rest: str) -> None:
    """Expressions planted in arbitrary text come out as themselves, and the text around them byte for byte."""
    text = "".join(before + written for before, (written, _) in planted) + rest
    values = convert(literal(Source("t", text))).values
    assert [value for value in values if isinstance(value, dict)] == [meant for _, (_, meant) in planted]
    literals = "".join("\0" if isinstance(value, dict) else value for value in values)
    assert literals == "".join(before + "\0" for before, _ in planted) + rest


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(st.text(st.sampled_from('{}<>[]":,\\ \n\r#%$Refn:Subx.|()é\x1f')) | st.text())
def test_arbitrary_text_is_converted_or_refused(text: str) -> None:
    """Whatever the text, it is converted or refused with diagnostics; nothing else is raised."""
    try:
        converted = omegac.convert_userdata(text)
    except Rejected as rejected:
        assert rejected.diagnostics  # noqa: PT017 (either is fine; a refusal says why)
    else:
        assert converted["Fn::Join"][0] == ""


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_converted_or_refused(raw: bytes) -> None:
    """Whatever the bytes, they are text or refused; nothing else is raised."""
    try:
        omegac.convert_userdata(decode(raw, "userdata").text)
    except Rejected as rejected:
        assert rejected.diagnostics  # noqa: PT017
