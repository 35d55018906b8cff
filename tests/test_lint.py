"""`omegac lint`: findings of passes, rules and the real cfn-lint, each at its line of the source."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path

import pytest

from omegac.lint import lint
from omegac.linter import Linter, Question
from omegac.report import render
from omegac.subject import Options

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "lint"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"
NAMES = sorted(path.name for path in CASES.iterdir())


def file_of(case: str) -> Path:
    """The one file of a case that is linted."""
    (file,) = (path for path in (CASES / case).iterdir() if path.suffix in (".yaml", ".json"))
    return file.relative_to(CASES)


def linted(*arguments: str, folder: Path = CASES, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it."""
    command = [sys.executable, "-m", "omegac", "lint", *arguments]
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=folder, env=given, check=False, capture_output=True, text=True)


LOCKED = re.findall(r"^cfn-lint==(\S+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)


@pytest.mark.skipif(version("cfn-lint") not in LOCKED, reason="each version of cfn-lint has words of its own")
@pytest.mark.parametrize("case", NAMES)
def test_golden(case: str) -> None:
    """A file gets the report beside it."""
    with chdir(CASES):
        text = render(lint([file_of(case)], Options()), "text")
    golden = CASES / case / "report.txt"
    if REWRITE:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_many_files_at_once_are_as_each_by_itself() -> None:
    """Several files in one run, checked side by side, get what each gets alone, in the order given."""
    with chdir(CASES):
        files = [file_of(case) for case in NAMES]
        together = lint(files, Options())
        alone = [lint([file], Options()) for file in files]
    assert together.files == tuple(file.as_posix() for file in files)
    places = [(d.code, d.message, d.span and (d.span.source.path, d.span.start)) for d in together.diagnostics]
    assert places == [
        (d.code, d.message, d.span and (d.span.source.path, d.span.start))
        for report in alone
        for d in report.diagnostics
    ]


def test_exit_codes(tmp_path: Path) -> None:
    """Errors are refused; warnings only with --strict; what is fine is fine."""
    warned = tmp_path / "template.yaml"
    warned.write_text("Parameters:\n  Unused: {Type: String}\nResources:\n  Q: {Type: AWS::SQS::Queue}\n", "utf-8")
    assert linted("moved/omega.yaml").returncode == 1
    assert linted(str(warned)).returncode == 0
    assert linted(str(warned), "--strict").returncode == 1
    assert linted(str(warned), "--frobnicate").returncode == 2
    assert linted("nowhere.yaml").returncode == 1


def test_the_default_file_is_the_spec(tmp_path: Path) -> None:
    """Without a file it is `omega.yaml` of the working folder."""
    shutil.copytree(CASES / "stages", tmp_path / "service")
    answer = linted(folder=tmp_path / "service")
    assert answer.returncode == 1
    assert "omega.yaml:11:32" in answer.stdout


def test_one_stage_alone() -> None:
    """With --stage only that stage is looked at, and one that is not there is an error."""
    assert "Timeout" not in linted("stages/omega.yaml", "--stage", "dev").stdout
    assert "OM1201" in linted("stages/omega.yaml", "--stage", "prdo").stdout


def test_a_stray_configuration_has_no_effect(tmp_path: Path) -> None:
    """A .cfnlintrc, in the working folder or at home, hides nothing and adds nothing."""
    folder, home = tmp_path / "service", tmp_path / "home"
    shutil.copytree(CASES / "moved", folder)
    home.mkdir()
    plain = linted(folder=folder)
    for where in (folder, home):
        (where / ".cfnlintrc").write_text("ignore_checks: [E]\ninclude_checks: [I]\nregions: [eu-west-1]\n", "utf-8")
    assert linted("--no-cache", folder=folder, HOME=str(home)).stdout == plain.stdout
    assert "E3034" in plain.stdout


def test_a_file_named_like_a_module_is_not_run(tmp_path: Path) -> None:
    """What lies beside the spec is never imported, whatever its name."""
    folder = tmp_path / "service"
    shutil.copytree(CASES / "stages", folder)
    for name in ("cfnlint", "yaml", "json", "jsonschema", "sympy"):
        (folder / f"{name}.py").write_text("raise SystemExit('imported')\n", "utf-8")
    program = "import sys; sys.path.pop(0); from omegac.cli import run; sys.exit(run(['lint', '--no-cache']))"
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=folder, env=given, check=False, capture_output=True, text=True)
    assert "E3034" in answer.stdout, answer.stderr
    assert "imported" not in answer.stdout + answer.stderr


@pytest.fixture
def memo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to remember in."""
    monkeypatch.setenv("OMEGAC_MEMO", str(tmp_path / "memo"))
    return tmp_path / "memo"


QUESTION = Question(
    '{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1000}}}}', ("us-east-1",)
)


def test_what_is_remembered_is_not_asked_again(memo: Path) -> None:
    """The second time no process of cfn-lint is started; another region or text is another question."""
    first, second = Linter(60), Linter(60)
    try:
        answer = first.ask([QUESTION])
        assert [finding.rule for finding in answer[0] or ()] == ["E3034"]
        assert first.running == 1
        assert second.ask([QUESTION]) == answer
        assert second.running == 0
        assert second.ask([QUESTION._replace(regions=("eu-west-1",))]) == answer
        assert second.running == 1
    finally:
        first.stop()
        second.stop()
    assert any(memo.iterdir())


def test_a_broken_memory_is_ignored(memo: Path) -> None:
    """Spoilt files of the memo change nothing, and raise nothing."""
    with chdir(CASES):
        before = render(lint([Path("script/omega.yaml")], Options()), "text")
        for number, path in enumerate(sorted(memo.iterdir())):
            path.write_bytes((b"", b"\0" * 100, path.read_bytes()[:-1], path.read_bytes() + b"x")[number % 4])
        assert render(lint([Path("script/omega.yaml")], Options()), "text") == before


def test_too_slow_is_an_error_and_not_remembered(memo: Path) -> None:
    """What cfn-lint does not finish in time is said to be unchecked, and the next run asks again."""
    with chdir(CASES):
        late = lint([Path("stages/omega.yaml")], Options(seconds=0.001))
        assert {d.code for d in late.diagnostics} == {"OM5008", "OM1103"}
        assert all(d.severity == "error" for d in late.diagnostics)
        assert "E3034" in {d.code for d in lint([Path("stages/omega.yaml")], Options()).diagnostics}
    assert memo.is_dir()


def test_parallel_runs_share_one_memory(memo: Path) -> None:
    """Runs side by side with one memo all get the same."""
    command = [sys.executable, "-m", "omegac", "lint", "script/omega.yaml", "moved/omega.yaml"]
    given = {**os.environ, "OMEGAC_MEMO": str(memo), "PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.Popen(command, cwd=CASES, env=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(4)
    ]
    assert len({run.communicate()[0] for run in runs}) == 1
    assert {run.returncode for run in runs} == {1}


def test_neither_build_nor_decorators_run_unless_trusted(tmp_path: Path) -> None:
    """Nothing of a stranger's spec is run; with --trust it is."""
    folder = tmp_path / "service"
    shutil.copytree(CASES / "not-run", folder)
    (folder / "decorate.py").write_text("open('decorated', 'w')\ndef add(template):\n    pass\n", "utf-8")
    script = "import os; os.mkdir('dist'); open('dist/hello.py', 'w').write('x')"
    spec = (folder / "omega.yaml").read_text("utf-8")
    (folder / "omega.yaml").write_text(spec.replace("build: make dist", f'build: [{sys.executable}, -c, "{script}"]'))
    assert linted(folder=folder).returncode == 0
    assert {path.name for path in folder.iterdir()} >= {"omega.yaml", "decorate.py"}
    assert not (folder / "decorated").exists()
    assert not (folder / "dist").exists()
    answer = linted("--trust", folder=folder)
    assert answer.returncode == 0, answer.stdout
    assert (folder / "decorated").exists()
    assert (folder / "dist").exists()
    assert "not run" not in answer.stdout


def test_every_finding_of_cfn_lint_is_there(tmp_path: Path) -> None:
    """What cfn-lint's own command finds in the compiled template, `lint` finds too, but for what it says itself."""
    program = Path(sys.executable).with_name("cfn-lint")
    with chdir(CASES):
        from omegac.compiler import compiled_unbuilt

        template = compiled_unbuilt(Path("moved/omega.yaml")).template
        ours = {d.code for d in lint([Path("moved/omega.yaml")], Options()).diagnostics}
    (tmp_path / "template.json").write_text(template, "utf-8")
    command = [str(program), "--format", "json", "--regions", "us-east-1", "--", "template.json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    theirs = {match["Rule"]["Id"] for match in json.loads(answer.stdout)}
    assert theirs == ours
    assert len(theirs) == 5


FIXABLE = """omega: 1
service: Fixable
artifact: app
functions:
  hello: {runtime: python3.13, Handler: hello.handler}
"""


def test_fix_mends_what_is_certain_and_no_more(tmp_path: Path) -> None:
    """--fix changes the file where there is no doubt, says so, keeps the rest of it, and is done then."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    spec = tmp_path / "omega.yaml"
    spec.write_bytes(b"\xef\xbb\xbf" + FIXABLE.replace("\n", "\r\n").encode())
    spec.chmod(0o640)
    answer = linted("--fix", folder=tmp_path)
    assert answer.returncode == 0, answer.stdout
    assert "fixed omega.yaml:5:32" in answer.stdout
    mended = FIXABLE.replace("Handler", "handler").replace("\n", "\r\n").encode()
    assert spec.read_bytes() == b"\xef\xbb\xbf" + mended
    assert spec.stat().st_mode & 0o777 == 0o640
    assert linted("--fix", folder=tmp_path).stdout.count("fixed") == 0


def test_fix_mends_the_line_ends_of_a_script(tmp_path: Path) -> None:
    """A script with the line ends of Windows gets those of Unix."""
    shutil.copytree(CASES / "script", tmp_path / "service")
    script = tmp_path / "service" / "start.sh"
    script.write_bytes(b"#!/bin/bash\r\n# {{ S3Key }}\r\naws cloudformation signal-resource\r\n")
    answer = linted("--fix", folder=tmp_path / "service")
    assert "OM2202" not in answer.stdout
    assert b"\r" not in script.read_bytes()
