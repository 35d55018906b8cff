"""The command line, as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FILES = {"template.json", "template.map.json", "artifact.zip"}
EXAMPLE = ("omega.yaml", "userdata.sh", "app")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example."""
    for name in EXAMPLE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def omegac(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs `omegac` as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "omegac", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_build_writes_template_map_and_artifact(project: Path) -> None:
    """`omegac build` compiles omega.yaml of the current folder into build/ beside it, and nothing else."""
    done = omegac("build", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    assert {path.name for path in (project / "build").iterdir()} == FILES
    template = json.loads((project / "build" / "template.json").read_text("utf-8"))
    assert template["Resources"]["HelloFunction"]["Type"] == "AWS::Lambda::Function"
    assert "14 resources" in done.stderr
    assert "userdata of WebServerLaunchTemplate: [#" in done.stderr


def test_build_of_a_spec_elsewhere(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """SPEC may be anywhere; build/ then stands beside it, or where --out says; paths in the map stay relative."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert omegac("build", str(project / "omega.yaml"), cwd=elsewhere).returncode == 0
    assert omegac("build", str(project / "omega.yaml"), "--out", "deep/out", cwd=elsewhere).returncode == 0
    for name in FILES:
        assert (project / "build" / name).read_bytes() == (elsewhere / "deep" / "out" / name).read_bytes()
    assert str(tmp_path_factory.getbasetemp()) not in (project / "build" / "template.map.json").read_text("utf-8")


def test_nothing_is_written_when_anything_is_refused(project: Path) -> None:
    """A refusal exits with 1, says where, and leaves the build folder as it was."""
    assert omegac("build", cwd=project).returncode == 0
    before = {name: (project / "build" / name).read_bytes() for name in FILES}
    edit(project / "omega.yaml", "handler: hello.handler", "handlr: hello.handler")
    refused = omegac("build", cwd=project)
    assert refused.returncode == 1
    assert "error[OM1101]" in refused.stderr
    assert "--> omega.yaml:" in refused.stderr
    assert before == {name: (project / "build" / name).read_bytes() for name in FILES}
    assert {path.name for path in (project / "build").iterdir()} == FILES
    shutil.rmtree(project / "build")
    assert omegac("build", cwd=project).returncode == 1
    assert not (project / "build").exists()


def test_a_folder_that_cannot_be_written_to_is_said(project: Path) -> None:
    """Where the build folder is a file, that is said in one line, without a traceback."""
    (project / "build").write_text("in the way", "utf-8")
    failed = omegac("build", cwd=project)
    assert failed.returncode == 1
    assert "build" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (project / "build").read_text("utf-8") == "in the way"


def test_check(project: Path) -> None:
    """--check passes on what was just built, fails once the spec says something else, and writes nothing."""
    assert omegac("build", "--check", cwd=project).returncode == 1
    assert not (project / "build").exists()
    assert omegac("build", cwd=project).returncode == 0
    assert omegac("build", "--check", cwd=project).returncode == 0
    edit(project / "omega.yaml", "port: 9999", "port: 9998")
    before = (project / "build" / "template.json").read_bytes()
    stale = omegac("build", "--check", cwd=project)
    assert stale.returncode == 1
    assert "error[OM5004]" in stale.stderr
    assert "template.json is stale" in stale.stderr
    assert before == (project / "build" / "template.json").read_bytes()


def test_check_without_the_artifact(project: Path) -> None:
    """An artifact that is not kept beside a committed template is no reason to fail."""
    assert omegac("build", cwd=project).returncode == 0
    (project / "build" / "artifact.zip").unlink()
    assert omegac("build", "--check", cwd=project).returncode == 0
    (project / "build" / "artifact.zip").write_bytes(b"another")
    assert omegac("build", "--check", cwd=project).returncode == 1


def test_resolved(project: Path) -> None:
    """--resolved prints the spec with its defaults; that compiles to the same template, and builds nothing itself."""
    printed = omegac("build", "--resolved", cwd=project)
    assert printed.returncode == 0
    assert not (project / "build").exists()
    resolved = yaml.safe_load(printed.stdout)
    assert resolved["functions"]["hello"]["memory"] == 128
    assert resolved["servers"]["web"]["instance_type"] == "t3.micro"
    assert omegac("build", "--out", "one", cwd=project).returncode == 0
    (project / "omega.yaml").write_text(printed.stdout, "utf-8")
    assert omegac("build", "--out", "two", cwd=project).returncode == 0
    assert (project / "one" / "template.json").read_bytes() == (project / "two" / "template.json").read_bytes()


def test_printed_in_utf8_whatever_the_locale(project: Path) -> None:
    """What is printed is UTF-8 on every machine, so that it is the same bytes and can be read back."""
    edit(project / "omega.yaml", "service: SpartaOmega", "service: SpartaOmega\ntags: {Owner: Jürgen ☃}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "omegac", "build", "--resolved"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert "Jürgen ☃" in done.stdout.decode("utf-8")


def test_stage(project: Path) -> None:
    """--stage lays a stage over the spec; one that is not there is refused with those that are."""
    with (project / "omega.yaml").open("a", encoding="utf-8") as file:
        file.write("stages:\n  prod: {functions: {hello: {memory: 1024}}}\n")
    assert omegac("build", "--stage", "prod", cwd=project).returncode == 0
    assert '"MemorySize": 1024' in (project / "build" / "template.json").read_text("utf-8")
    unknown = omegac("build", "--stage", "test", cwd=project)
    assert unknown.returncode == 1
    assert "stages of this spec: prod" in unknown.stderr


def test_schema_is_what_ships() -> None:
    """`omegac schema` prints the JSON Schema, which is valid and takes the example."""
    import jsonschema

    printed = omegac("schema", cwd=ROOT)
    assert printed.returncode == 0
    schema = json.loads(printed.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    resolved = yaml.safe_load(omegac("build", "--resolved", cwd=ROOT).stdout)
    jsonschema.validate(resolved, schema, cls=jsonschema.Draft7Validator)


@pytest.mark.parametrize("arguments", [["build", "--nope"], ["bild"], ["build", "a", "b"], ["build", "--stage"]])
def test_usage(arguments: list[str], tmp_path: Path) -> None:
    """Arguments that make no sense exit with 2 and say why."""
    failed = omegac(*arguments, cwd=tmp_path)
    assert failed.returncode == 2
    assert "Error" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["--version"]])
def test_help_and_version(arguments: list[str], tmp_path: Path) -> None:
    """Help and version exit with 0."""
    done = omegac(*arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert "omegac" in done.stdout


def test_no_arguments_show_the_help(tmp_path: Path) -> None:
    """`omegac` alone says what it can do."""
    done = omegac(cwd=tmp_path)
    assert "Usage" in done.stdout + done.stderr


def test_no_spec(tmp_path: Path) -> None:
    """Without a spec there is one clear line, not a traceback."""
    failed = omegac("build", cwd=tmp_path)
    assert failed.returncode == 1
    assert "error[OM1001]: omega.yaml cannot be read: there is no such file" in failed.stderr


HOSTILE = {
    "empty": (b"", "OM1010"),
    "utf-16": (b"\xff\xfe\x00", "OM1002"),
    "nul": (b"omega: \x00 1", "OM1003"),
    "byte order mark": (b"\xef\xbb\xbfomega: 1", "OM1102"),
    "surrogate": (b"omega: \xed\xa0\x80", "OM1002"),
    "deep lists": (b"[" * 40_000, "OM1006"),
    "deep mappings": (b"{a: " * 40_000, "OM1006"),
    "deep blocks": (b"- " * 40_000, "OM1006"),
    "unclosed": (b"a: 'unclosed", "OM1003"),
    "no anchor": (b"a: *b", "OM1007"),
    "many values": (b"a: 1\n" * 300_000, "OM1007"),
    "too large": (b"#" * 10_000_001, "OM1011"),
    "byte order mark inside": (b"a: 1\n\xef\xbb\xbfb: 2\n", "OM1003"),
}


@pytest.mark.parametrize(("raw", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes(raw: bytes, code: str, tmp_path: Path) -> None:
    """Whatever the bytes, there is a diagnostic with a place, and no traceback; libyaml's crash would show here."""
    (tmp_path / "omega.yaml").write_bytes(raw)
    failed = omegac("build", cwd=tmp_path)
    assert failed.returncode == 1
    assert f"error[{code}]" in failed.stderr
    assert "Traceback" not in failed.stderr


STAGED = """\
omega: 1
service: Shop
artifact: app
functions: {hello: {runtime: python3.13, handler: hello.handler}}
parameters:
  Password: {no_echo: true}
  Size: {type: Number}
stages:
  prod: {parameters: {Password: hunter2, Size: %s}}
"""


@pytest.mark.parametrize("size", ["[1]", "1, hunter2: 2", "[1"])
@pytest.mark.parametrize("command", ["build --stage prod", "lint", "lint --format json", "lint --format sarif"])
def test_a_secret_in_the_spec_is_not_quoted(project: Path, command: str, size: str) -> None:
    """Whatever is wrong beside it, what a stage has for a parameter with `no_echo` is in nothing that is printed."""
    (project / "omega.yaml").write_text(STAGED % size, "utf-8")
    done = omegac(*command.split(), cwd=project)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "hunter2" not in said
    assert "omega.yaml:9:" in said or 'ine": 9' in said
    assert "--format" in command or "*" * 7 in said
    if size == "[1]":
        assert "hunter2" not in omegac("invoke", "hello", "--stage", "prod", cwd=project).stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"), [("build", 0), ("build none.yaml", 1), ("lint", 0), ("lint none.yaml", 1), ("build --no", 2)]
)
def test_a_closed_stream_changes_nothing(project: Path, arguments: str, code: int, closed: str) -> None:
    """Where a standard stream was closed before omegac began, what goes there is lost, and goes nowhere else."""
    words = f"exec {sys.executable} -m omegac {arguments}"
    plain, done = (
        subprocess.run(["sh", "-c", f"{words} {how}"], capture_output=True, text=True, check=False, cwd=project)
        for how in ("", closed)
    )
    assert (plain.returncode, done.returncode) == (code, code), done.stderr
    assert done.stdout == ("" if ">&-" in closed.split() else plain.stdout)
    assert done.stderr == ("" if "2>&-" in closed else plain.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("how", ["", "-u"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", ["explain", "schema", "build --resolved", "lint", "--version"])
def test_a_full_output_is_no_bug(project: Path, arguments: str, how: str) -> None:
    """What does not take what is printed is said to be full, and the command has failed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = f"exec {sys.executable} {how} -m omegac {arguments} > /dev/full"
    done = subprocess.run(
        ["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, cwd=project, env=environment
    )
    assert (done.returncode, done.stderr) == (1, "omegac: No space left on device\n")


@pytest.mark.parametrize("arguments", ["explain", "schema", "build --resolved", "lint", "lint --format json"])
def test_a_reader_that_has_gone_is_no_failure(project: Path, arguments: str) -> None:
    """What nobody reads any more, as behind `| head`, ends with 0 and without a word, whichever way it was parsed."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "omegac", *arguments.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=project,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_and_a_pipe_are_no_specs(tmp_path: Path) -> None:
    """A folder and a FIFO in the place of a spec are refused at once."""
    (tmp_path / "omega.yaml").mkdir()
    assert "it is a folder" in omegac("build", cwd=tmp_path).stderr
    os.mkfifo(tmp_path / "pipe")
    assert "OM1001" in omegac("build", "pipe", cwd=tmp_path).stderr


def test_a_bug_says_that_it_is_one(project: Path) -> None:
    """What omegac did not expect exits with 3, with the traceback to report."""
    program = (
        "import omegac.compiler as c, omegac.cli as cli\n"
        "def broken(*_): raise ZeroDivisionError('planted')\n"
        "c.compile_spec = broken\n"
        "raise SystemExit(cli.run(['build']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    failed = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert failed.returncode == 3
    assert "planted" in failed.stderr
    assert "please report it" in failed.stderr


def test_a_build_folder_inside_of_the_artifact_is_refused(project: Path) -> None:
    """What a build writes must not become part of what the next one packs."""
    refused = omegac("build", "--out", "app/build", cwd=project)
    assert refused.returncode == 1
    assert "lies inside of the artifact" in refused.stderr
    assert not (project / "app" / "build").exists()


def test_an_interruption_while_arguments_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before there is a command is no success: what was asked for has not been done."""
    from omegac import cli, explain

    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain, "code_of", interrupted)
    assert cli.run(["explain", "OM2104"]) == 130
