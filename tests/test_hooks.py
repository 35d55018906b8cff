"""The hooks for pre-commit: what files each is for, and all of them run by the real program in a real repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text("utf-8"))}

SPECS = ["omega.yaml", "services/shop/omega.yaml", "shop.omega.yaml", "services/shop.eu.omega.yaml"]
TEMPLATES = [
    *("template.json", "template.yaml", "template.yml", "infra/template.yaml", "build/template.json"),
    *("network.template", "network.template.json", "network.template.yaml", "infra/network.template.yml"),
    *("network.cfn.json", "network.cfn.yaml", "infra/eu/network.cfn.yml", "my-vpc.2.template"),
]
NEITHER = [
    *(
        "omega.json",
        "omega.yml",
        "my-omega.yaml",
        "omega.yaml.bak",
        "omega.yaml/notes.txt",
        "omega_yaml",
        "alomega.yaml",
    ),
    *(
        "template.map.json",
        "build/template.map.json",
        "template.txt",
        "mytemplate.yaml",
        "template.yaml.j2",
        "template",
    ),
    *(".template", "infra/.template", "templates/network.yaml", "network.templates", "cfn.yaml", "network-cfn.yaml"),
    *(
        "xcfn.json",
        "network.template.md",
        "network.template/readme.md",
        "template.yaml/x",
        "serverless.yml",
        "README.md",
    ),
]


def matching(hook: str, paths: list[str]) -> list[str]:
    """The paths that a hook is for, as pre-commit finds them."""
    pattern = re.compile(HOOKS[hook]["files"])
    return [path for path in paths if pattern.search(path)]


def test_each_hook_is_for_its_files_and_no_others() -> None:
    """Specs and templates go to their own hook wherever they lie; what only looks like one goes to none."""
    paths = [*SPECS, *TEMPLATES, *NEITHER]
    assert matching("omegac-lint", paths) == SPECS
    assert matching("omegac-template-lint", paths) == TEMPLATES


def test_a_spec_by_its_name_is_linted_as_one() -> None:
    """What the hook for specs matches, `omegac lint` takes for a spec whatever is in it."""
    from omegac.subject import is_spec

    assert all(is_spec(Path(path), "") for path in SPECS)


def test_the_manifest_is_valid() -> None:
    """pre-commit itself finds nothing wrong with the manifest."""
    run(sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST), cwd=ROOT)


def test_the_oldest_version_allowed_is_the_oldest_tested() -> None:
    """The manifest asks for the pre-commit that `make lowest` installs."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    (bound,) = (line.partition(">=")[2] for line in groups["dev"] if line.startswith("pre-commit>="))
    assert {hook["minimum_pre_commit_version"] for hook in HOOKS.values()} == {bound}


def test_the_documentation_uses_every_hook(tmp_path: Path) -> None:
    """The examples of docs/pre-commit.md are valid configurations, and have every hook."""
    text = (ROOT / "docs" / "pre-commit.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    for number, example in enumerate(examples):
        (tmp_path / f"{number}.yaml").write_text(example, "utf-8")
    files = sorted(path.name for path in tmp_path.iterdir())
    run(sys.executable, "-m", "pre_commit", "validate-config", *files, cwd=tmp_path)
    used = {hook["id"] for example in examples for repo in yaml.safe_load(example)["repos"] for hook in repo["hooks"]}
    assert used == set(HOOKS)


GOOD = """\
omega: 1
service: Good
artifact: app
functions:
  hello: {runtime: python3.13, handler: hello.handler}
"""
BAD = GOOD.replace("handler: hello.handler", "handlr: hello.handler")
BAD_TEMPLATE = """\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: 1000
"""


# One worker makes the environments that pre-commit installs omegac into.
in_one_worker = pytest.mark.xdist_group("hooks")


def run(*command: str, cwd: Path, expect: int = 0) -> str:
    """What a program prints, once it has exited as expected; git and pre-commit know no settings but the test's own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment |= {
        f"GIT_{who}_{what}": "tester@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_COLOR": "never", "OMEGAC_MEMO": "off"}
    environment["PRE_COMMIT_HOME"] = str(cwd.parent / "pre-commit")
    done = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == expect, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def committed(folder: Path) -> str:
    """All that is in a folder as the first commit of a new repository: its digest."""
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--message", "first", cwd=folder)
    return run("git", "rev-parse", "HEAD", cwd=folder).strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def hooks(tmp_path: Path) -> tuple[Path, str]:
    """A repository with this checkout as it is now, uncommitted changes and all, and its commit."""
    if not has_index(tmp_path) and os.environ.get("CI") != "true":
        pytest.skip("pip reaches no package index, so that pre-commit cannot install omegac")
    folder = tmp_path / "omegac"
    for name in ("omegac", "schemas", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", MANIFEST.name):
        shutil.copy(ROOT / name, folder / name)
    return folder, committed(folder)


def has_index(scratch: Path) -> bool:
    """Whether pip can get what omegac is built with."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(scratch / "index"),
        "hatchling",
    ]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's repository, in which every hook finds a fault, but none in `shop`."""
    folder = tmp_path / "project"
    files = {
        ".gitignore": "artifact.zip\ntemplate.map.json\n",
        "omega.yaml": GOOD,
        "build/template.json": "{}\n",
        "bad/omega.yaml": BAD,
        "infra/network.template.yaml": BAD_TEMPLATE,
        "shop/omega.yaml": GOOD,
        **{f"{place}app/hello.py": "handler = print\n" for place in ("", "bad/", "shop/")},
    }
    write(folder, files)
    built(folder / "shop")
    committed(folder)
    run("git", "clean", "--quiet", "--force", "-X", cwd=folder)
    return folder


def built(folder: Path) -> None:
    run(sys.executable, "-m", "omegac", "build", cwd=folder)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service whose folder `build` is up to date."""
    write(tmp_path, {"omega.yaml": GOOD, "app/hello.py": "handler = print\n"})
    built(tmp_path)
    return tmp_path


def check(folder: Path, expect: int) -> str:
    return run(sys.executable, "-m", "omegac", "build", "--check", cwd=folder, expect=expect)


def test_only_the_template_has_to_be_kept(service: Path) -> None:
    """Without map and artifact beside it a template is up to date; without the template nothing is."""
    check(service, 0)
    (service / "build" / "template.map.json").unlink()
    check(service, 0)
    (service / "build" / "artifact.zip").unlink()
    check(service, 0)
    (service / "build" / "template.json").unlink()
    missing = check(service, 1)
    assert "error[OM5004]: there is no build/template.json\n --> build/template.json:1:1\n" in missing
    (service / "build" / "template.json").mkdir()
    assert "there is no build/template.json" in check(service, 1)


@pytest.mark.parametrize("name", ["template.json", "template.map.json", "artifact.zip"])
def test_what_is_kept_has_to_be_the_same(name: str, service: Path) -> None:
    """A file that is kept and differs by a byte, has one more or is empty is stale, and no other."""
    path = service / "build" / name
    right = path.read_bytes()
    for raw in (right.replace(b"o", b"\xff", 1), right + b"\n", right[:-1], b""):
        path.write_bytes(raw)
        stale = check(service, 1)
        assert re.findall(r"error.*", stale) == [f"error[OM5004]: build/{name} is stale"]
    path.write_bytes(right)
    check(service, 0)


def test_what_is_stale_is_shown_where_that_begins(service: Path) -> None:
    """The first line of the committed template that the spec does not compile to is named."""
    path = service / "build" / "template.json"
    lines = path.read_text("utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if '"Runtime"' in line)
    write(service, {"omega.yaml": GOOD.replace("python3.13", "python3.12")})
    column = lines[number - 1].index("3.13") + len("3.1") + 1
    assert f"--> build/template.json:{number}:{column}\n" in check(service, 1)


def hook_output(printed: str, hook: str) -> str:
    """What pre-commit shows of one hook that failed."""
    return printed.partition(f"- hook id: {hook}\n")[2].partition("- hook id:")[0]


def assert_all_fail(printed: str) -> None:
    """Every hook has failed, and its output says where."""
    places = {
        "omegac-lint": "bad/omega.yaml:5:32",
        "omegac-template-lint": "infra/network.template.yaml:5:21",
        "omegac-build": "build/template.json:1:2",
    }
    for hook, place in places.items():
        assert hook_output(printed, hook).startswith("- exit code: 1"), printed
        assert f"--> {place}\n" in hook_output(printed, hook), printed
    assert "--> omega.yaml" not in printed


@in_one_worker
def test_try_repo(hooks: tuple[Path, str], project: Path) -> None:
    """`pre-commit try-repo` of this checkout installs it, runs every hook, and shows each finding at its place."""
    printed = run(sys.executable, "-m", "pre_commit", "try-repo", str(hooks[0]), "--all-files", cwd=project, expect=1)
    assert_all_fail(printed)


@in_one_worker
def test_configured(hooks: tuple[Path, str], project: Path) -> None:
    """In a repository's configuration the hooks keep a bad commit out, and let one in once all is mended."""
    repository, commit = hooks
    in_shop = {"id": "omegac-build", "name": "shop", "args": ["shop/omega.yaml"]}
    wanted = [*({"id": hook} for hook in HOOKS), in_shop]
    configuration = {
        "default_language_version": {"python": sys.executable},
        "repos": [{"repo": str(repository), "rev": commit, "hooks": wanted}],
    }
    write(project, {".pre-commit-config.yaml": yaml.safe_dump(configuration)})
    pre_commit = (sys.executable, "-m", "pre_commit")
    run("git", "add", "--all", cwd=project)
    printed = run(*pre_commit, "run", "--all-files", cwd=project, expect=1)
    assert_all_fail(printed)
    assert re.search(r"^shop\.+Passed$", printed, re.MULTILINE), printed

    run(*pre_commit, "install", cwd=project)
    write(project, {"bad/omega.yaml": GOOD, "infra/network.template.yaml": BAD_TEMPLATE.replace("1000", "100")})
    printed = run("git", "commit", "--all", "--message", "mended but for the template", cwd=project, expect=1)
    assert len(re.findall(r"\.Passed$", printed, re.MULTILINE)) == 3, printed
    assert "--> build/template.json:1:2\n" in hook_output(printed, "omegac-build"), printed

    built(project)
    run("git", "commit", "--all", "--message", "mended", cwd=project)
    assert "mended" in run("git", "log", "--format=%s", "--max-count=1", cwd=project)
