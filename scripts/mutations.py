"""Changes specs, templates and scripts at random: their bytes, their lines, and the values and keys of their YAML.

What comes out depends on the source of randomness alone. Much of it is no YAML any more; most of the rest is close
enough to what people write to come far into the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple, TypeAlias

import yaml

Change: TypeAlias = Callable[[Random, str, str], str]
"""From a text, and another of its kind, to a changed text."""

MOST_CHANGES = 4
LONGEST = 200_000
"""Characters; doubling what was doubled must not go on for ever."""

VALUES = (
    *("null", "~", "", "true", "false", "-1", "0", "1", "65536", "1.5", "1e400", "9" * 30, "-0", "0x1F", "010", "1:30"),
    *('""', "' '", "text", '"a\\0b"', '"\\ud800"', '"\\e[31m"', "é", "\u2028", "x" * 5_000, '"{{ S3Key }}"', "${Ref}"),
    *("[]", "{}", "[1]", "[null]", "[[]]", "{a: 1}", '{"": 1}', "{? [a] : 1}", "{a: {b: {c: {d: null}}}}", "|", "> a"),
    *("!Ref X", "!Ref AWS::Region", "!Ref AWS::NoValue", "!Ref {}", "!Ref [a]", "!Ref ''", "{Ref: 1}", "{Ref: null}"),
    *("!GetAtt A.B", "!GetAtt A", "!GetAtt [A]", "!GetAtt [A, !Ref B]", "{Fn::GetAtt: {}}", "!Sub ''", "!Sub '${'"),
    *("!Sub '${A.B}${!C}'", "!Sub ['${A}', {A: !Ref B}]", "!Sub [a]", "!If [C, 1, !Ref AWS::NoValue]", "!If [C]"),
    *("!Join ['', []]", "!Join ['', !Ref A]", "!Join [',', [a, !Ref B]]", "!Select [0, []]", "!Select [9, [a]]"),
    *("!Split [',', a]", "!FindInMap [A, B, C]", "!Base64 {Fn::Join: ['', [a]]}", "!Condition C", "!Cidr [a, 1, 1]"),
    *("!And [!Equals [a, b], !Condition C]", "!Not [!Condition C]", "!ImportValue a", "{Fn::Transform: {Name: A}}"),
    *("{Fn::ForEach::A: [B, [c], {d: e}]}", "{Ref: A, Fn::Sub: b}", "!Foo x", "!!python/name:os.system", "!!set {a}"),
    *("&a [*a]", "*a", "&b {<<: *b}", "{<<: {a: 1}}", "{<<: 1}", "{<<: [{a: 1}, 2]}", "[" * 150, "[" * 60 + "]" * 60),
    *("{a: " * 60 + "1" + "}" * 60, "!Sub !Sub a", "{Fn::Not: [" * 40 + "a" + "]}" * 40, "a # comment"),
)
KEYS = (
    *(
        "",
        '""',
        "a",
        "a.b",
        "A B",
        "é",
        "<<",
        "? ",
        '"\\0"',
        "'\\'",
        "[a]",
        "1",
        "null",
        "Ref",
        "Fn::If",
        "Fn::ForEach::A",
    ),
    *("AWS::Region", "default", "x" * 300, "omega", "service", "Type", "Properties", "UserData", "Condition", "id"),
    *("DependsOn", "Transform", "Metadata", "CreationPolicy", "UpdatePolicy", "environment", "script", "template"),
)
PIECES = (
    *("\0", "\ufeff", "\r", "\r\n", "\t", "\u2028", "\x85", "\U0001f600", "\x1b[31m", "\udcff", "\\", '"', "'", "`"),
    *("{", "}", "[", "]", ":", ": ", "- ", "? ", ",", "#", " #", "%", "&a ", "*a", "!", "!!", "!Ref ", "|\n", ">-\n"),
    *("---\n", "...\n", "%YAML 1.1\n", "{{", "}}", "{%", "%}", "{{ a", "{% if a %}", "{% endif %}", "{{ [1] * 9 }}"),
    *("{# a #}", "{% block a %}", "{% endblock %}", "{{ super() }}", '{% include "a" %}', '{% extends "a" %}'),
    *('{ "Ref" : "A" }', '< "Ref" : "A" >', '{ "Fn::GetAtt" : [ "A" , "B" ] }', '\\{ "Ref"', '{"Fn::Sub": "${A}"}'),
    *('{"Ref": ', "${A}", "<<EOF\n", "EOF\n", "$(", ")", "#!/bin/bash\n", "#cloud-config\n", "\\u0000", "\\ud83d"),
)


class Node(NamedTuple):
    """A value or a key of a YAML text, by its offsets."""

    start: int
    end: int
    is_key: bool


class Entry(NamedTuple):
    """A key and its value."""

    start: int
    end: int
    depth: int


def mutated(random: Random, text: str, other: str, *, is_yaml: bool) -> bytes:
    """A text changed in one place or several, one after the other."""
    choice = [*ON_TEXT, *ON_YAML * 3] if is_yaml else ON_TEXT
    for _ in range(random.randint(1, MOST_CHANGES)):
        text = random.choice(choice)(random, text, other)[:LONGEST]
    raw = text.encode("utf-8", "surrogateescape")
    return flipped(random, raw) if random.random() < 0.05 else raw


def flipped(random: Random, raw: bytes) -> bytes:
    """Some bytes with one bit of one of them the other way round."""
    if not raw:
        return b"\xff"
    at = random.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << random.randrange(8)]) + raw[at + 1 :]


def _stretch(random: Random, text: str) -> tuple[int, int]:
    """The offsets of a stretch, most often a short one."""
    start = random.randint(0, len(text))
    return start, min(start + int(2 ** random.uniform(0, 8)), len(text))


def _delete(random: Random, text: str, _: str) -> str:
    start, end = _stretch(random, text)
    return text[:start] + text[end:]


def _duplicate(random: Random, text: str, _: str) -> str:
    start, end = _stretch(random, text)
    return text[:end] + text[start:end] * random.choice((1, 1, 2, 50)) + text[end:]


def _insert(random: Random, text: str, _: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(PIECES) + text[at:]


def _import(random: Random, text: str, other: str) -> str:
    """A stretch of the other text put in."""
    at = random.randint(0, len(text))
    start, end = _stretch(random, other)
    return text[:at] + other[start:end] + text[at:]


def _shuffle(random: Random, text: str, _: str) -> str:
    """Two blocks of lines, one or several each, in each other's place."""
    lines = text.splitlines(keepends=True)
    a, b, c, d = sorted(random.randint(0, len(lines)) for _ in range(4))
    return "".join([*lines[:a], *lines[c:d], *lines[b:c], *lines[a:b], *lines[d:]])


def _drop_line(random: Random, text: str, _: str) -> str:
    lines = text.splitlines(keepends=True)
    del lines[random.randrange(len(lines)) if lines else 0 :][:1]
    return "".join(lines)


def _indent(random: Random, text: str, _: str) -> str:
    """A block of lines moved to the right or left."""
    lines = text.splitlines(keepends=True)
    start, end = sorted(random.randint(0, len(lines)) for _ in range(2))
    by = random.choice(("  ", " ", "\t", ""))
    return "".join([*lines[:start], *(by + line if by else line[2:] for line in lines[start:end]), *lines[end:]])


def _replace_value(random: Random, text: str, other: str) -> str:
    """Another value in the place of one: from the list, from elsewhere in the text, or from the other text."""
    node = _chosen(random, text, is_key=False)
    if node is None:
        return _insert(random, text, other)
    donor = random.choice((text, other))
    given = _chosen(random, donor, is_key=False) if random.random() < 0.3 else None
    value = donor[given.start : given.end] if given else random.choice(VALUES)
    return f"{text[: node.start]}{value}{text[node.end :]}"


def _rename_key(random: Random, text: str, other: str) -> str:
    node = _chosen(random, text, is_key=True)
    if node is None:
        return _insert(random, text, other)
    donor = random.choice((text, other))
    given = _chosen(random, donor, is_key=True) if random.random() < 0.6 else None
    key = donor[given.start : given.end] if given else random.choice(KEYS)
    return f"{text[: node.start]}{key}{text[node.end :]}"


def _alias(random: Random, text: str, other: str) -> str:
    """One value anchored, and an alias of it in the place of another."""
    nodes = [node for node in _nodes(text)[0] if not node.is_key]
    if len(nodes) < 2:
        return _insert(random, text, other)
    first, second = sorted(random.sample(nodes, 2))
    outside = text[first.end : second.start] if second.start >= first.end else ""
    after = text[max(second.end, first.end) :]
    anchored = f"&z {text[first.start : first.end]}"
    if second.start < first.end:  # an alias inside of its own anchor
        anchored = f"&z {text[first.start : second.start]}*z {text[second.end : first.end]}"
        return text[: first.start] + anchored + after
    return f"{text[: first.start]}{anchored}{outside}*z {after}"


def _drop_entry(random: Random, text: str, other: str) -> str:
    entries = _nodes(text)[1]
    if not entries:
        return _delete(random, text, other)
    entry = random.choice(entries)
    return text[: entry.start] + text[entry.end :]


def _repeat_entry(random: Random, text: str, other: str) -> str:
    """An entry written twice, or put to where another one stands."""
    entries = _nodes(text)[1]
    if not entries:
        return _duplicate(random, text, other)
    entry, at = random.choice(entries), random.choice(entries).start
    column = at - (text.rfind("\n", 0, at) + 1)
    return f"{text[:at]}{text[entry.start : entry.end]}\n{' ' * column}{text[at:]}"


def _splice(random: Random, text: str, other: str) -> str:
    """Sections of the other text, added or in the place of one's own."""
    given = [entry for entry in _nodes(other)[1] if entry.depth == 1]
    own = [entry for entry in _nodes(text)[1] if entry.depth == 1]
    if not given:
        return _import(random, text, other)
    sections = [other[entry.start : entry.end] for entry in random.sample(given, random.randint(1, len(given)))]
    if own and random.random() < 0.5:
        entry = random.choice(own)
        text = text[: entry.start] + text[entry.end :].lstrip("\n")
    return "\n".join([text.rstrip("\n"), *sections, ""])


ON_TEXT: tuple[Change, ...] = (_delete, _duplicate, _insert, _import, _shuffle, _drop_line, _indent)
ON_YAML: tuple[Change, ...] = (
    *(_replace_value, _replace_value, _replace_value, _rename_key, _alias),
    *(_drop_entry, _repeat_entry, _splice),
)


def _chosen(random: Random, text: str, *, is_key: bool) -> Node | None:
    nodes = [node for node in _nodes(text)[0] if node.is_key == is_key]
    return random.choice(nodes) if nodes else None


def _nodes(text: str) -> tuple[list[Node], list[Entry]]:
    """The values, keys and entries of a YAML text, as far as it is one.

    By events: libyaml's own composer crashes on deep nesting.
    """
    nodes: list[Node] = []
    entries: list[Entry] = []
    collections: list[_Collection] = []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    event: Any
    try:
        for event in yaml.parse(text, Loader=loader):
            start, end = event.start_mark.index, event.end_mark.index
            if isinstance(event, yaml.CollectionStartEvent):
                collections.append(_Collection(start, isinstance(event, yaml.MappingStartEvent)))
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                start = collections.pop().start
            elif not isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
                continue
            node = Node(start, start + len(text[start:end].rstrip()), is_key=_takes_key(collections))
            nodes.append(node)
            if collections:
                entries += collections[-1].take(node, len(collections))
    except (yaml.YAMLError, UnicodeError):
        pass  # what stands before the fault counts; a byte that is not UTF-8 cannot even be handed to the parser
    return nodes, entries


class _Collection:
    """One whose end is still to come."""

    def __init__(self, start: int, is_mapping: bool) -> None:  # noqa: FBT001 (its two callers name it by its position)
        self.start, self.is_mapping = start, is_mapping
        self.key: Node | None = None

    def take(self, node: Node, depth: int) -> list[Entry]:
        """The entry that a node completes, if it does."""
        if not self.is_mapping:
            return []
        if self.key is None:
            self.key = node
            return []
        entry = Entry(self.key.start, max(node.end, self.key.end), depth)
        self.key = None
        return [entry]


def _takes_key(collections: list[_Collection]) -> bool:
    return bool(collections) and collections[-1].is_mapping and collections[-1].key is None
