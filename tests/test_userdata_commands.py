"""The table of docs/userdata.md that says what brings each command, against the commands that the script calls."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.test_boot_script import combinations

PAGE = Path(__file__).parent.parent / "docs" / "userdata.md"
SYSTEMS = 4

HEREDOC = re.compile(r"<< '?([A-Z]+)'?\n(.*?\n)\1\n", re.DOTALL)
ARRAY = re.compile(r"^(\w+)=\(([a-z][\w-]*) ", re.MULTILINE)
FUNCTION = re.compile(r"^([a-z_]+)\(\)", re.MULTILINE)
INTERPRETER = re.compile(r"^\s*(?:echo ')?#!.*/(\w+)", re.MULTILINE)
QUOTED = re.compile(r'"(\$\([^"()]*\))"')
TEXT = re.compile(r'"(?:[^"\\$\n]|\\.|\$(?!\())*"')
COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
COMMAND = re.compile(
    r"(?:^|[;|&{!]|\$\((?!\()|\((?=umask)|\b(?:then|do|else|if|until|while)\b)\s*"
    r"(?:(?:retry|exec|if|until|while|!)\s+)*"  # what runs the words after it
    r"([a-z][\w.-]*)(?=[\s);]|$)",
    re.MULTILINE,
)


def documented(page: str) -> dict[str, list[str]]:
    """Each command of the table, with what brings it, system by system."""
    rows = re.findall(r"^\| (`.*) \|$", page.partition("## What brings each command")[2], re.MULTILINE)
    table: dict[str, list[str]] = {}
    for row in rows[: rows.index(next(row for row in rows if "Fn::" in row))]:
        names, *systems = row.split(" | ")
        for name in re.findall(r"`([a-z0-9-]+)`", names.partition(", with")[0]):
            assert name not in table, f"{name} stands in two rows"
            table[name] = systems
    return table


def called(script: str) -> set[str]:
    """The words that stand where a script names a command: all that are no builtins, and no functions of its own."""
    code = HEREDOC.sub(lambda match: f"\n{_run_of(match[1], match[2])}\n", script)
    interpreters = set(INTERPRETER.findall(code))
    functions = set(FUNCTION.findall(code))
    code = COMMENT.sub("", code)
    for name, first in ARRAY.findall(code):
        code = code.replace(f'"${{{name}[@]}}"', first)
    code = TEXT.sub('""', QUOTED.sub(r"\1", code))
    return interpreters | (set(COMMAND.findall(code)) - functions - builtins())


def _run_of(name: str, text: str) -> str:
    """What of a document is run: the launcher as a whole, of supervisord's program the command, of others nothing."""
    return text if name == "LAUNCHER" else "\n".join(re.findall(r"^command=(\w+ .*)", text, re.MULTILINE))


def builtins() -> set[str]:
    """The commands and words that are bash's own."""
    listed = subprocess.run(["bash", "-c", "compgen -b; compgen -k"], capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def test_the_table_has_each_command_that_the_script_calls_and_no_other() -> None:
    """In all of its combinations the script calls what the table says, for each system."""
    table = documented(PAGE.read_text("utf-8"))
    assert set(table) == set().union(*map(called, combinations().values()))
    assert {name: len(systems) for name, systems in table.items()} == dict.fromkeys(table, SYSTEMS)


def test_what_the_table_calls_unused_on_a_system_is_not_called_there() -> None:
    """A script for Amazon Linux calls nothing of Ubuntu's, and the other way round."""
    table = documented(PAGE.read_text("utf-8"))
    for family, column in (("amazon-linux", 0), ("ubuntu", 2)):
        unused = {name for name, systems in table.items() if systems[column] == "not used"}
        scripts = [text for name, text in combinations().items() if name.startswith(f"{family}-systemd")]
        assert scripts
        assert unused
        for script in scripts:
            assert not unused & called(script)


def test_commands_are_found_where_a_shell_finds_them() -> None:
    """Substitutions, conditions, functions and first words of arrays name commands; texts and patterns do not."""
    script = """\
#!/bin/bash
apt=(apt-get -q)
say() { logger "no; mention" here; }
if ! has; then found=$(sha256sum "$(basename x)") && retry "${apt[@]}" update || say "again; $(date)"; fi
[[ $(hostname) == *'b c'* ]] || tr a b | sort
cat > unit << UNIT
ExecStart=nothing
UNIT
"""
    expected = {"apt-get", "basename", "bash", "cat", "date", "has", "hostname", "logger", "sha256sum", "sort", "tr"}
    assert called(script) == expected
