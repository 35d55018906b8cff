"""Input that is broken, huge or malicious: each gets a diagnostic with a place, in time, and never a traceback.

Most commands run in this process; those that could end it, or wait in it for ever, in one of their own as well.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from xml.parsers import expat

import pytest

from omegac import cli

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120
"""Within which each command has to end; most take a hundredth."""

Make: TypeAlias = Callable[[Path], None]
"""Puts something at a path."""


class Outcome(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All of it."""
        return self.out + self.err


@contextmanager
def in_time() -> Iterator[None]:
    """Raises where what is done takes too long, even if it waits for a pipe."""

    def too_long(*_: object) -> None:
        raise TimeoutError(f"longer than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def omegac(*arguments: str) -> Outcome:
    """The command, run in this process."""
    with in_time(), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = cli.run(list(arguments))
    return Outcome(code, out.getvalue(), err.getvalue())


def process(*arguments: str | bytes, around: tuple[str, ...] = (), **environment: str) -> Outcome:
    """The command as a process of its own, perhaps run by another program."""
    command = [*around, sys.executable, "-m", "omegac", *arguments]
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, env=given, timeout=SECONDS, check=False, capture_output=True)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_refused(outcome: Outcome, path: str) -> None:
    """Exit code 1, an error with a place in a file, nothing of Python's, and nothing that a terminal would obey."""
    assert outcome.code == 1, outcome.text
    assert "Traceback" not in outcome.text
    assert re.search(r"^error\[[A-Z]+\d{4}\]: ", outcome.text, re.MULTILINE), outcome.text
    assert re.search(rf"^ *--> {re.escape(path)}:\d+:\d+$", outcome.text, re.MULTILINE), outcome.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", outcome.text)


@pytest.fixture(autouse=True)
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder: a service that compiles, with a script; nothing is remembered."""
    monkeypatch.setenv("OMEGAC_MEMO", "off")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    (tmp_path / "omega.yaml").write_text(SERVICE, "utf-8")
    (tmp_path / "start.sh").write_text(SCRIPT, "utf-8")
    with chdir(tmp_path):
        yield tmp_path


SERVICE = """\
omega: 1
service: Shop
artifact: app
servers:
  web: {command: ./run, port: 9999, ingress: public, signal: "off", userdata: start.sh}
"""
SCRIPT = "#!/bin/bash\n# {{ S3Key }}\n"


# What is no file that can be read


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, chdir(path.parent):  # a socket's path may have 100 characters
        server.bind(path.name)


UNREADABLE: dict[str, Make] = {
    "missing": lambda _: None,
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "socket": listening,
    "nothing": lambda path: path.symlink_to("/dev/null"),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "broken link": lambda path: path.symlink_to("nowhere"),
    "circle": lambda path: path.symlink_to(path.name),
    "link to a folder": lambda path: path.symlink_to("app"),
    "below a file": lambda path: path.symlink_to("omega.yaml/below"),
    "100 MB": sparse,
}

# What is no text


def written(raw: bytes) -> Make:
    """Puts a file there."""

    def write(path: Path) -> None:
        path.write_bytes(raw)

    return write


NO_TEXT: dict[str, Make] = {
    "binary": written(bytes(range(256)) * 40),
    "Latin-1": written("omega: 1\nservice: é\n".encode("latin-1")),
    "UTF-16": written("omega: 1\n".encode("utf-16")),
    "UTF-16 without a mark": written("omega: é\n".encode("utf-16-be")),
    "UTF-32": written("omega: 1\n".encode("utf-32")),
    "half a character": written("omega: é".encode()[:-1]),
    "a surrogate": written(b"omega: \xed\xa0\x80\n"),
    "an overlong NUL": written(b"omega: \xc0\x80\n"),
}

# What is no spec and no template


def bomb() -> bytes:
    """Few bytes that stand for ten to the tenth values."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return "\n".join(["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]", *levels]).encode()


NO_DOCUMENT: dict[str, Make] = {
    "empty": written(b""),
    "a mark alone": written(b"\xef\xbb\xbf"),
    "comments": written(b"# nothing\n# at all\n"),
    "blank": written(b" \n\n  \n"),
    "a list": written(b"- omega: 1\n"),
    "two documents": written(b"omega: 1\n---\nomega: 1\n"),
    "aliases of aliases": written(bomb()),
    "an alias of itself": written(b"a: &a [*a]\n"),
    "a merge of itself": written(b"a: &a {<<: *a}\n"),
    "many values": written(b"a: [" + b"1," * 300_000 + b"]\n"),
    "deep lists": written(b"[" * 100_000),
    "deep lists, closed": written(b"[" * 100_000 + b"]" * 100_000),
    "deep mappings": written(b'{"a":' * 100_000),
    "deep blocks": written(b"- " * 100_000),
    "deep within": written(b"Resources: " + b"[" * 100_000),
    "deep keys": written(b"? " * 100_000),
    "deep tags": written(b"a: " + b"!Sub [" * 100_000),
    "NUL": written(b"omega: 1\0\n"),
    "an escape of the terminal's": written(b"omega: \x1b[31m1\n"),
    "half a pair": written(b'{"Description": "\\ud800"}'),
    "a pair the wrong way round": written(b'{"Description": "\\udc00\\ud800"}'),
    "a mark inside": written(b"omega: 1\n\xef\xbb\xbfservice: A\n"),
    "a long key": written(b'"' + b"x" * 1_000_000 + b'": 1\n'),
    "a long line, unclosed": written(b'a: "' + b"x" * 1_000_000),
    "tabs": written(b"omega:\t1\n\tservice: A\n"),
    "a directive": written(b"%YAML 9.9\n---\nomega: 1\n"),
    "a Python object": written(b"omega: !!python/object/apply:os.system [exit 1]\n"),
    "control characters in a name": written(b'omega: 1\n"a\\e[31m\\0\\x7f": 1\n"a\\e[31m\\0\\x7f": 2\n'),
}
ANY = {**UNREADABLE, **NO_TEXT, **NO_DOCUMENT}

WRONG_SPECS: dict[str, bytes] = {
    "line ends of CR": b"omega: 1\rservice: A\rartifct: app\r",
    "a long line": b"omega: 1\nservice: " + b"x" * 1_000_000 + b"\nartifact: app\n",
    "many keys": b"omega: 1\nservice: A\nartifact: app\n" + b"".join(b"k%d: 1\n" % n for n in range(100_000)),
    "many resources": b"omega: 1\nservice: A\nartifact: app\nresources:\n"
    + b"".join(b"  K%d: {Type: A}\n" % n for n in range(20_000)),
    "a name with control characters": b'omega: 1\nservice: "A\\e[31m\\0"\nartifact: "ap\\0p"\n',
    "a function's name with them": b'omega: 1\nservice: A\nartifact: app\nfunctions: {"a\\e[31m\\0": {}}\n',
    "a path with NUL": b'omega: 1\nservice: A\nartifact: "ap\\0p"\n',
    "a script's path with NUL": b"omega: 1\nservice: A\nartifact: app\nservers:\n  web: {command: ./run, port: 9999, "
    b'ingress: public, userdata: "a\\0b"}\n',
    "a script's path that is too long": b"omega: 1\nservice: A\nartifact: app\nservers:\n  web: {command: ./run, "
    b"port: 9999, ingress: public, userdata: " + b"x" * 5_000 + b"}\n",
    "an artifact's path that is too long": b"omega: 1\nservice: A\nartifact: " + b"x" * 5_000 + b"\n",
    "a command of no words": b"omega: 1\nservice: A\nartifact: app\nservers: {web: {command: ' ', port: 9999, "
    b"ingress: public}}\n",
    "a number without end": b"omega: " + b"9" * 100_000 + b"\nservice: A\nartifact: app\n",
    "a large exponent": b"omega: 1\nservice: A\nartifact: app\nfunctions: {a: {runtime: python3.13, handler: a.b, "
    b"memory: 1.0e+999}}\n",
}
WRONG_TEMPLATES: dict[str, bytes] = {
    "neither": b"on: push\rjobs: {}\r",
    "sections of the wrong kind": b"Resources: 1\nParameters: [a]\nOutputs: null\nConditions: text\nMappings: true\n",
    "entries of the wrong kind": b"Resources: {A: 1, B: [a], C: null, D: {Type: 1}, E: {Type: [a], Properties: 1}}\n",
    "many resources": b"Resources:\n" + b"".join(b"  K%d: {Type: A}\n" % n for n in range(20_000)),
    "a long line": b"Resources: {A: {Type: '" + b"x" * 1_000_000 + b"'}}\n",
    "names with control characters": b'Resources: {"A\\e[31m\\0": {Type: "A\\e[31m\\0"}}\n',
    "a number without end": b"Resources: {A: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: "
    + b"9" * 5_000
    + b"}}}\n",
}


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "X"),
        ("build", "X", "--check"),
        ("userdata", "--reverse", "X"),
        ("userdata", "start", "--template", "X"),
    ],
    ids=" ".join,
)
def test_refused_with_a_place(name: str, arguments: tuple[str, ...], service: Path) -> None:
    """What cannot be read, or is no YAML, is refused at its place by every command that reads YAML."""
    (service / "start").write_text("#!/bin/bash\n", "utf-8")
    ANY[name](service / "X")
    assert_refused(omegac(*arguments), "X")


@pytest.mark.parametrize("name", WRONG_SPECS)
def test_specs_refused_with_a_place(name: str, service: Path) -> None:
    """What is YAML but no spec is refused at its place."""
    (service / "X").write_bytes(WRONG_SPECS[name])
    assert_refused(omegac("build", "X"), "X")


@pytest.mark.parametrize("name", [*UNREADABLE, *NO_TEXT])
def test_scripts_refused_with_a_place(name: str, service: Path) -> None:
    """A script that cannot be read is refused, by `build` perhaps at the place where the spec names it."""
    (service / "start.sh").unlink()
    ANY[name](service / "start.sh")
    assert_refused(omegac("userdata", "start.sh"), "start.sh")
    built = omegac("build")
    assert_refused(built, "omega.yaml" if "--> omega.yaml" in built.err else "start.sh")


WRONG_SCRIPTS: dict[str, bytes] = {
    "deep lists": b'{ "Fn::Join": ' + b"[" * 100_000,
    "deep lists, closed": b'{ "Fn::Join": ["", ' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
    "deep expressions": b'{"Fn::Base64": ' * 100_000,
    "deep blocks": b"{% if 1 %}" * 100_000,
    "blocks in blocks": b"{% if 1 %}" * 150 + b"{% endif %}" * 150,
    "loops in loops": b"{% for i in [1] %}" * 30 + b"{% endfor %}" * 30,
    "deep brackets of Jinja2": b"{{ " + b"(" * 100_000 + b"1" + b")" * 100_000 + b" }}",
    "deep lists of Jinja2": b"{{ " + b"[" * 100_000 + b" }}",
    "a long sum": b"{{ 1" + b" + 1" * 100_000 + b" }}",
    "unclosed": b'{ "Ref": "A',
    "NUL in an expression": b'{ "Ref": "A\0" }',
    "half a pair": b'{ "Ref": "\\ud800" }',
    "half a pair after a backslash": b'{ "Fn::Sub": "\\\\ud83d\\ude00" }',
    "a name with control characters": b'{ "Ref": "A\\u001b[31m\\u0000" }',
    "a number without end": b'{ "Fn::Select": [' + b"9" * 100_000 + b', ["a"]] }',
    "a long line": b'{ "Ref": "' + b"x" * 1_000_000 + b'" ',
    "an endless loop": b"{% for i in range(10**9) %}{{ i }}{% endfor %}",
    "a large power": b"{{ 9**9**9 }}",
    "a large text": b'{{ "x" * 10**10 }}',
    "itself": b'{% include "start.sh" %}',
}


@pytest.mark.parametrize("name", WRONG_SCRIPTS)
def test_what_scripts_hold_is_refused_with_a_place(name: str, service: Path) -> None:
    """What a script holds that renders or converts to nothing is refused where it stands, in time."""
    (service / "start.sh").write_bytes(SCRIPT.encode() + WRONG_SCRIPTS[name] + b"\n")
    assert_refused(omegac("build"), "start.sh")
    (service / "start.sh").write_bytes(b"#!/bin/bash\n" + WRONG_SCRIPTS[name] + b"\n")
    assert_refused(omegac("userdata", "start.sh", "--template", "omega.yaml"), "start.sh")


@pytest.mark.parametrize("script", ["\n\tP{{ S3Key }}", "{{ 'a\\nb' }}\n# {{ S3Key }}\n"], ids=["blank", "printed"])
def test_places_end_where_they_begin_or_later(script: str, service: Path) -> None:
    """A script whose first line has no literal text is still refused at a place of it."""
    (service / "start.sh").write_text(script, "utf-8")
    found = json.loads(omegac("lint", "--format", "json", "--time-limit", "1").out)["diagnostics"]
    (wrong,) = (each for each in found if each["code"] == "OM2201")
    assert wrong["file"] == "start.sh"
    assert (wrong["line"], wrong["column"]) <= (wrong["end_line"], wrong["end_column"])


@pytest.mark.parametrize(
    "name", ["", "a\0b", "x" * 5_000, "../start.sh", "/etc/passwd", "start.sh/below", ".", "\\", "~"]
)
def test_scripts_by_hostile_names(name: str, service: Path) -> None:
    """A script that cannot be there by its name is refused where the spec names it."""
    (service / "omega.yaml").write_text(SERVICE.replace("start.sh", json.dumps(name)), "utf-8")
    assert_refused(omegac("build"), "omega.yaml")


def linted(folder: Path, wrong: dict[str, bytes], ending: str) -> None:
    """Lints all at once, and then each small one by itself: every one has an error in it, and a place."""
    makers = {**ANY, **{name: written(raw) for name, raw in wrong.items()}}
    files = [f"{number}{ending}" for number in range(len(makers))]
    for file, make in zip(files, makers.values(), strict=True):
        make(folder / file)
    answer = omegac("lint", *files, "--format", "json", "--time-limit", "1")
    assert answer.code == 1, answer.text
    report: dict[str, Any] = json.loads(answer.out)
    assert report["files"] == files
    faulty = {found["file"] for found in report["diagnostics"] if found["severity"] == "error" and found["line"] > 0}
    assert set(files) - faulty == set()
    for file in files[: len(ANY)]:
        assert_refused(omegac("lint", file, "--time-limit", "1"), file)


def test_lint_of_hostile_specs(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many specs are broken at once, and in whatever way, each gets its error."""
    monkeypatch.setenv("OMEGAC_MEMO", str(service / "memo"))  # so that cfn-lint is not started for each once more
    linted(service, WRONG_SPECS, ".omega.yaml")


def test_lint_of_hostile_templates(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many templates are broken at once, and in whatever way, each gets its error."""
    monkeypatch.setenv("OMEGAC_MEMO", str(service / "memo"))
    linted(service, WRONG_TEMPLATES, ".template")


WRONG_VALUES = {
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "lists in lists": "[" * 500 + "1" + "]" * 500,
    "mappings in mappings": '{"a":' * 300 + "1" + "}" * 300,
    "a number without end": "9" * 5_000,
    "a large exponent": "1e999",
    "no number": "NaN",
    "half a pair": '["\\ud800"]',
    "half a pair in a name": '{"Ref": "\\ud800"}',
    "not UTF-8": "\udcff",
    "NUL": "\0",
    "a mapping as a name": '{"Ref": {}}',
    "a condition of nothing": '{"Fn::If": []}',
    "a long text": "x" * 1_000_000,
    "a template": "{{ V }}{% for",
}


@pytest.mark.parametrize("name", WRONG_VALUES)
@pytest.mark.parametrize("use", ["{{ V }}", "{{ V|tojson }}", "{% for v in V %}{{ v }}{% endfor %}", "{{ V|join(V) }}"])
def test_hostile_variables(name: str, use: str, service: Path) -> None:
    """Whatever a variable is and is used for, the script converts, or is refused at its place."""
    (service / "start.sh").write_text(f"#!/bin/bash\n{use}\n", "utf-8")
    outcome = omegac("userdata", "start.sh", "--var", f"V={WRONG_VALUES[name]}")
    if outcome.code == 0:
        assert json.loads(outcome.out)["Fn::Join"][0] == ""
    else:
        assert_refused(outcome, "start.sh")


# What is fine, or at least no reason to stop


def test_a_byte_order_mark_is_no_part_of_a_file(service: Path) -> None:
    """Specs, scripts and templates with a mark at their start are as those without one."""
    plain = omegac("build", "--out", "plain")
    for name in ("omega.yaml", "start.sh"):
        (service / name).write_bytes(b"\xef\xbb\xbf" + (service / name).read_bytes())
    assert plain.code == omegac("build", "--out", "marked").code == 0
    assert (service / "plain" / "template.json").read_bytes() == (service / "marked" / "template.json").read_bytes()
    (service / "mark.template").write_bytes(b"\xef\xbb\xbfResources: {A: {Type: AWS::SQS::Queue}}\n")
    assert omegac("userdata", "start.sh", "--var", "S3Key=k", "--template", "mark.template").code == 0


def test_a_pair_of_surrogates_is_a_character(service: Path) -> None:
    """JSON writes a character beyond U+FFFF as two escapes; in an expression of a script that is read as one."""
    (service / "start.sh").write_text('#!/bin/bash\necho { "Fn::Sub" : "\\ud83d\\ude00 ${AWS::Region}" }\n', "utf-8")
    done = omegac("userdata", "start.sh")
    assert done.code == 0, done.text
    assert "\U0001f600 ${AWS::Region}" in done.out


def test_a_script_of_long_lines_and_odd_characters(service: Path) -> None:
    """A script is any text: a megabyte in one line is refused for its size alone, odd characters not at all."""
    (service / "start.sh").write_text("#!/bin/bash\n# \x01\x7f\u2028\ufeff\U0001f600\r\n", "utf-8")
    done = omegac("userdata", "start.sh")
    assert done.code == 0, done.text
    assert json.loads(done.out)["Fn::Join"][1][1] == "# \x01\x7f\u2028\ufeff\U0001f600\r\n"
    (service / "start.sh").write_text(SCRIPT + "# " + "x" * 1_000_000 + "\n", "utf-8")
    refused = omegac("build")
    assert_refused(refused, "omega.yaml" if "--> omega.yaml" in refused.err else "start.sh")
    assert "OM3001" in refused.err


# The artifact


@pytest.mark.parametrize("name", sorted(UNREADABLE.keys() - {"missing", "100 MB", "link to a folder"}))
def test_what_cannot_be_part_of_an_artifact(name: str, service: Path) -> None:
    """Of a folder's files, one that is none or leads out of it is refused where the spec names the folder."""
    if name == "folder":
        os.mkfifo(service / "app" / "deep")
    else:
        UNREADABLE[name](service / "app" / "deep")
    assert_refused(omegac("build"), "omega.yaml")
    assert_refused(omegac("lint"), "omega.yaml")


@pytest.mark.parametrize("name", sorted(UNREADABLE.keys() - {"folder", "link to a folder"}))
def test_what_cannot_be_an_artifact(name: str, service: Path) -> None:
    """What is neither a folder nor a zip is refused where the spec names it, at once."""
    UNREADABLE[name](service / "code.zip")
    (service / "omega.yaml").write_text(SERVICE.replace("artifact: app", "artifact: code.zip"), "utf-8")
    assert_refused(omegac("build"), "omega.yaml")


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a\nb", b"a\x1b[31mb", "\u0378".encode()], ids=ascii)
def test_names_that_no_zip_can_carry(raw: bytes, service: Path) -> None:
    """A file whose name is no text, or has characters that none should, is refused with its name made visible."""
    with open(os.path.join(os.fsencode(service), b"app", raw), "w", encoding="utf-8"):
        pass
    assert_refused(omegac("build"), "omega.yaml")
    real = process("build")
    assert_refused(real, "omega.yaml")


def test_a_damaged_zip(service: Path) -> None:
    """Bytes that only begin like a zip, or end like one, are refused."""
    (service / "omega.yaml").write_text(SERVICE.replace("artifact: app", "artifact: code.zip"), "utf-8")
    shutil.make_archive("code", "zip", "app")
    whole = (service / "code.zip").read_bytes()
    for raw in (b"", b"PK\x03\x04", whole[:-1], whole[30:], b"\0" * 1_000, whole.replace(b"hello.py", b"../../xy")):
        (service / "code.zip").write_bytes(raw)
        assert_refused(omegac("build"), "omega.yaml")


# Decorators

WRONG_DECORATORS = {
    "half a character": 't["Metadata"] = {"a": "\\ud800"}',
    "half a character in a key": 't["Metadata"] = {"\\ud800": 1}',
    "a number without end": 't["Metadata"] = 9**9999',
    "no number": 't["Metadata"] = float("nan")',
    "something else": 't["Metadata"] = {"a": print}',
    "itself": 't["Metadata"] = t',
    "too deep": 'd = t["Metadata"] = {}\n    for _ in range(5000): d["a"] = d = {}',
    "an endless call": "f(t)",
    "an exit": "exit()",
}


@pytest.mark.parametrize("name", WRONG_DECORATORS)
def test_what_decorators_leave(name: str, service: Path) -> None:
    """A decorator that leaves what no template can hold, or ends in no good way, is refused where the spec names it."""
    (service / "decorate.py").write_text(f"def f(t):\n    {WRONG_DECORATORS[name]}\n", "utf-8")
    (service / "omega.yaml").write_text(f'{SERVICE}decorators: ["decorate.py:f"]\n', "utf-8")
    assert_refused(omegac("build"), "omega.yaml")


@pytest.mark.parametrize(
    "left",
    [
        't["Resources"] = []; t["Outputs"] = {}',
        't["Resources"]["HelloFunction"] = "nothing"',
        't["Resources"]["HelloFunction"]["Properties"] = ["nothing"]',
        't["Resources"]["HelloFunctionVersion"] = []',
        'del t["Resources"]["HelloFunctionVersion"]["Properties"]',
        't["Resources"]["HelloFunction"]["Properties"]["Description"] = 7',
    ],
)
def test_what_is_no_resource_any_more(left: str, service: Path) -> None:
    """A decorator may leave what CloudFormation will refuse: what it has left is written."""
    (service / "decorate.py").write_text(f"def f(t):\n    {left}\n", "utf-8")
    spec = f"{SERVICE}functions: {{hello: {{runtime: python3.13, handler: hello.handler}}}}\n"
    (service / "omega.yaml").write_text(f'{spec}decorators: ["decorate.py:f"]\n', "utf-8")
    assert omegac("build").code == 0


@pytest.mark.parametrize("name", [*UNREADABLE, *NO_TEXT, "a long name"])
def test_decorators_that_cannot_be_read(name: str, service: Path) -> None:
    """A file of decorators that is none is refused where the spec names it."""
    file = "x" * 5_000 if name == "a long name" else "decorate"
    if name in ANY:
        ANY[name](service / "decorate.py")
    (service / "omega.yaml").write_text(f'{SERVICE}decorators: ["{file}.py:f"]\n', "utf-8")
    assert_refused(omegac("build"), "omega.yaml")


# What changes while it is looked at


@pytest.mark.parametrize(("gone", "place"), [("start.sh", "omega.yaml"), ("app", "omega.yaml")])
def test_what_the_build_command_takes_away(gone: str, place: str, service: Path) -> None:
    """A script or an artifact that is no longer there once `artifact.build` has run is refused."""
    build = f"artifact: {{path: app, build: [rm, -r, {gone}]}}"
    (service / "omega.yaml").write_text(SERVICE.replace("artifact: app", build), "utf-8")
    assert_refused(omegac("build"), place)


def test_files_that_come_and_go(service: Path) -> None:
    """While a file appears and disappears, a command takes it for the one or the other, and finds no bug."""
    stop = threading.Event()

    def disturb() -> None:
        while not stop.wait(0.0002):
            for name in ("omega.yaml", "start.sh"):
                (service / name).rename(service / "away")
                (service / "away").rename(service / name)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        outcomes = [omegac(command, "omega.yaml") for command in ["build", "build", "userdata"] * 40]
    finally:
        stop.set()
        disturber.join()
    assert {outcome.code for outcome in outcomes} <= {0, 1}, [o.text for o in outcomes if o.code not in (0, 1)]


# As a process


def test_a_file_without_the_right_to_read_it(service: Path) -> None:
    """A spec and a script that may not be read are refused at their place."""
    around: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root reads every file, and there is no setpriv to take that right away")
        around = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    (service / "start.sh").chmod(0)
    assert_refused(process("userdata", "start.sh", around=around), "start.sh")
    assert "Permission denied" in process("build", around=around).err
    (service / "omega.yaml").chmod(0)
    assert_refused(process("build", around=around), "omega.yaml")
    assert_refused(process("lint", around=around), "omega.yaml")


@pytest.mark.parametrize("name", [b"caf\xe9.omega.yaml", b"a\nb\x1b[31m.omega.yaml", b'%,]]>&".omega.yaml'], ids=ascii)
def test_hostile_file_names(name: bytes, service: Path) -> None:
    """A file may have any name, one that is not UTF-8 too: it is read, and every format is what it should be."""
    with open(os.path.join(os.fsencode(service), name), "w", encoding="utf-8") as file:
        file.write(SERVICE.replace("port", "prt"))
    for command in (("lint",), ("build",)):
        assert_refused(process(*command, name), re.sub(r"[\udc80-\udcff\n\x1b]", "\ufffd", os.fsdecode(name)))
    answers = {form: process("lint", name, "--format", form) for form in ("json", "sarif", "junit", "github")}
    assert {answer.code for answer in answers.values()} == {1}, answers
    assert {found["file"] for found in json.loads(answers["json"].out)["diagnostics"]} == {os.fsdecode(name)}
    assert json.loads(answers["sarif"].out)["runs"][0]["results"]
    expat.ParserCreate().Parse(answers["junit"].out, True)
    assert all(line.startswith("::") for line in answers["github"].out.splitlines())


@pytest.mark.parametrize("name", ["pipe", "endless", "100 MB", "deep lists", "deep keys", "aliases of aliases"])
def test_real_processes(name: str, service: Path) -> None:
    """What could crash the interpreter, fill the memory or wait for ever does none of it in a real process either."""
    ANY[name](service / "X.template")
    for command in (("lint",), ("build",), ("userdata", "--reverse")):
        assert_refused(process(*command, "X.template"), "X.template")


@pytest.mark.parametrize("name", ["deep expressions", "deep brackets of Jinja2", "an endless loop"])
def test_real_scripts(name: str, service: Path) -> None:
    """Neither does a script."""
    (service / "start.sh").write_bytes(b"#!/bin/bash\n" + WRONG_SCRIPTS[name])
    assert_refused(process("userdata", "start.sh"), "start.sh")
    assert_refused(process("build"), "start.sh")


def test_standard_input_that_is_no_text(service: Path) -> None:
    """A script from standard input is held to the same."""
    command = [sys.executable, "-m", "omegac", "userdata", "-"]
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, input=b"\xff\xfe#", cwd=service, env=given, timeout=SECONDS, check=False, capture_output=True
    )
    assert_refused(Outcome(done.returncode, done.stdout.decode(), done.stderr.decode()), "standard input")
