"""`omegac invoke` on this machine: real processes, in which AWS's own client runs the handler of the built artifact."""

from __future__ import annotations

import os
import re
import signal
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from omegac.running import function
from tests.operations.local import edit
from tests.operations.shell import begun, ended
from tests.running.services import HELLO, alive, answers, below, comes, hasty, invoked

REPORT = re.compile(
    r"^REPORT RequestId: \S+\tDuration: (?P<duration>[\d.]+) ms\tBilled Duration: (?P<billed>\d+) ms"
    r"\tMemory Size: 256 MB(?:\tMax Memory Used: (?P<used>\d+) MB)?(?:\tInit Duration: (?P<init>[\d.]+) ms)?"
    r"(?:\tStatus: (?P<status>timeout|error\tError Type: [\w.]+))?$",
    re.MULTILINE,
)
KNOWN = """\
  COLOR: !Ref Color
  WHERE: !Ref AWS::Region
  WHOSE: !Ref AWS::AccountId
  HOST: !Sub "${AWS::Partition}.${AWS::URLSuffix}"
  SUBBED: !Sub ["x-${ Color }-${!Color}-${Own}", {Own: !Sub "own ${Color}"}]
  JOINED: !Join [/, [!Ref Color, !Ref AWS::NoValue, !Join [/, !Ref List]]]
  SECOND: !Select [1, !Ref List]
  SPLIT: !Select ["1", !Split ["-", !Ref AWS::Region]]
  CHOSEN: !If [Blue, is blue, !Ref Queue]
  BOTH: !If [Both, "yes", "no"]
  FOUND: !FindInMap [Sizes, !Ref Color, size]
  OTHERWISE: !FindInMap [Sizes, red, size, {DefaultValue: none}]
  ENCODED: !Base64 {Ref: Color}
  COUNT: {"Fn::Length": !Ref List}
  WRITTEN: {"Fn::ToJsonString": {color: !Ref Color, sizes: [1, true, !Ref List, !Ref AWS::NoValue]}}
  LATER: {"Fn::ToJsonString": [!Ref Queue]}
  ABSENT: !If [Blue, !Ref AWS::NoValue, here]
  STACK: !Ref AWS::StackName
  SECRET: !Ref Secret
  STORED: !Ref Stored
  PARTLY: !Sub "${Color}-${Queue.Arn}"
  ROUND: !If [Round, a, b]
  RESOLVED: "{{resolve:ssm:name}}"
  BEYOND: !Select [2, !Ref List]
parameters:
  Color: {default: red}
  List: {type: CommaDelimitedList, default: "a, b"}
  Secret: {no_echo: true}
  Stored: {type: "AWS::SSM::Parameter::Value<String>", default: /name}
conditions:
  Blue: !Equals [!Ref Color, blue]
  Both: !And [!Condition Round, !Not [!Or [!Condition Blue, !Equals [!Ref Stored, ""]]]]
  Round: !Not [!Condition Round]
mappings: {Sizes: {blue: {size: large}}}
"""
PROD = """\
stages:
  prod: {region: cn-north-1, account: "210987654321", parameters: {Color: blue}}
"""
NAMES = """\
import os


def handler(event, context):
    return [context.function_name, os.environ["AWS_LAMBDA_FUNCTION_NAME"], context.invoked_function_arn]
"""
FAILING_ONCE = """\
import logging
import os

if not os.path.exists({marker!r}):
    os.mkdir({marker!r})
    1 / 0
"""
LIMITS = """\
parameters: {Limit: {type: Number, default: 600}, Later: {type: Number}}
conditions: {Large: !Equals [!Ref Limit, "2"]}
stages: {prod: {account: "210987654321", region: us-gov-west-1, parameters: {Limit: 2}}}
"""


def of_environment(folder: Path, environment: str, more: str = "") -> None:
    """Has the spec say another environment, and more at its end."""
    spec = (folder / "omega.yaml").read_text("utf-8")
    told = re.sub(r"environment: .*\n", lambda _: f"environment:\n{environment}", spec)
    (folder / "omega.yaml").write_text(told + more, "utf-8")


def reports(log: str) -> list[dict[str, str]]:
    """What a log reports of each event; what is absent is empty."""
    return [found.groupdict("") for found in REPORT.finditer(log)]


def limited(folder: Path, limits: str) -> None:
    """Has the spec give its function other limits, made from parameters."""
    spec = (folder / "omega.yaml").read_text("utf-8").replace("timeout: 60, memory: 256", limits)
    (folder / "omega.yaml").write_text(spec + LIMITS, "utf-8")


def test_the_example_says_hello(example: Path) -> None:
    """The function of the repository's example answers, with its result alone on standard output."""
    done = ended(begun(example, "invoke", "hello"))
    assert done.code == 0, done.err
    (answer,) = answers(done)
    assert (answer["statusCode"], answer["body"]) == (200, HELLO)


@pytest.mark.parametrize(
    ("event", "kind", "message", "logged"),
    [
        ({"do": "raise"}, "LookupError", "no äpfel", 'raise LookupError("no äpfel")'),
        (
            {"do": "call itself"},
            "RecursionError",
            "maximum recursion depth",
            "[ERROR] RecursionError: maximum recursion",
        ),
        ({"do": "sleep"}, "Sandbox.Timedout", "Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds"),
        ({"do": "exit", "code": 3}, "Runtime.ExitError", "Runtime exited with error: exit status 3", "exit status 3"),
        ({"do": "exit", "code": 0}, "Runtime.ExitError", "Runtime exited without providing a reason", "a reason"),
        ({"do": "kill"}, "Runtime.ExitError", "Runtime exited with error: signal: killed", "signal: killed"),
        ({"do": "answer"}, "Runtime.MarshalError", "not JSON serializable", "not JSON serializable"),
        ({"do": "enlarge"}, "Function.ResponseSizeTooLarge", "allowed payload size (6291556 bytes)", "413"),
    ],
)
def test_what_fails_has_the_shape_of_an_error(
    shop: Path, event: dict[str, Any], kind: str, message: str, logged: str
) -> None:
    """A function that fails, in whatever way, gives the error that its caller would get, a line of log, and code 1."""
    if kind == "Sandbox.Timedout":
        hasty(shop)
    done = invoked(shop, event)
    (shape,) = answers(done)
    assert (done.code, shape["errorType"]) == (1, kind)
    assert message in shape["errorMessage"]
    assert logged in done.err
    assert f"error[OM6307]: hello has failed: {kind}: " in done.err
    ways_out = {
        "Sandbox.Timedout": "its `timeout`",
        "Function.ResponseSizeTooLarge": "let it put what is large into S3",
    }
    assert f"\n  = {ways_out.get(kind, 'its log has the line')}" in done.err


def test_a_long_error_is_said_in_part(shop: Path) -> None:
    """All of it is the answer."""
    (shop / "app" / "hello.py").write_text("def handler(event, context):\n    raise ValueError('x' * 9000)\n", "utf-8")
    done = invoked(shop, {})
    (shape,) = answers(done)
    assert shape["errorMessage"] == "x" * 9000
    (said,) = re.findall(r"OM6307\]: (.*)", done.err)
    assert (len(said), said[-1]) == (len("hello has failed: ") + 1001, "…")


def test_an_exception_has_its_stack(shop: Path) -> None:
    """The shape of an exception has the lines that led to it, in the files of the unpacked artifact."""
    (shape,) = answers(invoked(shop, {"do": "raise"}))
    (frame,) = shape["stackTrace"]
    assert re.search(r'File ".*/code/hello.py", line \d+, in handler\n', frame)


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("import nothing_like_it\n", "Runtime.ImportModuleError", "No module named 'nothing_like_it'"),
        ("def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'hello'"),
        ("other = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'hello'"),
        ("import os\nos._exit(1)\n", "Runtime.ExitError", "exit status 1"),
    ],
)
def test_what_cannot_begin_is_an_error(shop: Path, code: str, kind: str, message: str) -> None:
    """A module that cannot be imported, or lacks the handler, is an error of the first event, with Lambda's names."""
    (shop / "app" / "hello.py").write_text(code, "utf-8")
    done = invoked(shop, {})
    (shape,) = answers(done)
    assert (done.code, shape["errorType"]) == (1, kind)
    assert message in shape["errorMessage"]
    told = rf"\tStatus: error\tError Type: {kind}\n"
    phases = [rf"^INIT_REPORT Init Duration: [\d.]+ ms\tPhase: {phase}{told}" for phase in ("init", "invoke")]
    assert re.search(f"(?ms){phases[0]}.*{phases[1]}START RequestId: .*^REPORT RequestId: .*{told}", done.err), done.err


def test_what_fails_to_begin_is_begun_again(shop: Path) -> None:
    """A beginning that fails once is none of the event's failures: the second is, in its time."""
    edit(shop / "app" / "hello.py", "import logging\n", FAILING_ONCE.format(marker=str(shop / "begun")))
    done = invoked(shop, {"do": "count"})
    assert (done.code, answers(done)) == (0, [1]), done.err
    assert "\tPhase: init\tStatus: error\tError Type: " in done.err
    (report,) = reports(done.err)
    assert not report["init"], "it is in the time of the event"


def test_a_process_stays_warm_until_it_fails(shop: Path) -> None:
    """Events find the process of those before them; after a timeout, or an end, a fresh one begins."""
    hasty(shop)
    count = {"do": "count"}
    done = invoked(shop, count, count, {"do": "raise"}, count, {"do": "sleep"}, count, {"do": "kill"}, count)
    assert [answer for answer in answers(done) if isinstance(answer, int)] == [1, 2, 4, 1, 1]
    told = reports(done.err)
    assert [bool(report["init"]) for report in told] == [True, False, False, False, False, True, False, True]
    assert [report["status"] for report in told if report["status"]] == [
        "timeout",
        "error\tError Type: Runtime.ExitError",
    ]
    assert sys.platform != "linux" or all(report["used"] for report in told), "after an end and a timeout too"


def test_a_slow_beginning_is_begun_again(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What has not begun in its time is begun again, in the time of the event, and ends with that."""
    from omegac import cli

    monkeypatch.setattr(function, "INIT_SECONDS", 0.5)
    monkeypatch.chdir(shop)
    hasty(shop, 1)
    (shop / "app" / "hello.py").write_text("import time\nprint('begins')\ntime.sleep(60)\n", "utf-8")
    assert cli.run(["invoke", "hello"]) == 1
    told = capfd.readouterr()
    durations = [float(found) for found in re.findall(r"INIT_REPORT Init Duration: ([\d.]+) ms\tPhase", told.err)]
    assert 500 <= durations[0] < 1000 <= durations[1]
    assert [found in told.err for found in ("Phase: init\tStatus: timeout\n", "Phase: invoke\tStatus: timeout\n")]
    assert told.err.count("begins\n") == 2
    assert "Task timed out after 1.00 seconds" in told.out


def test_only_the_artifact_can_be_imported(shop: Path) -> None:
    """Neither what stands beside the artifact nor what is installed can be imported, but the SDK that Lambda has."""
    names = ["beside", "yaml", "cfnlint", "omegac", "pytest", "boto3", "json", "hello"]
    assert answers(invoked(shop, {"do": "import", "names": names})) == [["boto3", "json", "hello"]]


def test_a_link_of_a_finished_zip_is_one(shop: Path) -> None:
    """What a zip that another tool has made holds as a link is unpacked as one, as Lambda and an instance do."""
    link = zipfile.ZipInfo("own/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(shop / "app.zip", "w") as finished:
        finished.write(shop / "app" / "hello.py", "other/hello.py")
        finished.writestr(link, "../other/hello.py")
    edit(shop / "omega.yaml", "artifact: app", "artifact: app.zip")
    edit(shop / "omega.yaml", "hello.handler", "other/hello.handler")
    done = invoked(shop, {"do": "link", "path": "own/link"})
    assert answers(done) == ["../other/hello.py"], done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_code_cannot_change_itself(shop: Path) -> None:
    """The unpacked artifact is read-only, as in Lambda."""
    (shape,) = answers(invoked(shop, {"do": "write"}))
    assert shape["errorType"] == "PermissionError"


def test_the_environment_is_lambdas(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function has the spec's variables as text, Lambda's own and those of AWS, and none of its caller's."""
    monkeypatch.setenv("OWN", "of the caller")
    monkeypatch.setenv("AWS_PROFILE", "of-the-caller")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    done = invoked(shop, {"do": "environment"}, more=("--env", "EXTRA=a=b", "--region", "eu-west-3"))
    (given,) = answers(done)
    root = given["LAMBDA_TASK_ROOT"]
    expected = {
        "LEVEL": "3",
        "QUIET": "true",
        "EXTRA": "a=b",
        "_HANDLER": "hello.handler",
        "AWS_REGION": "eu-west-3",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "HelloFunction",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "TZ": ":UTC",
    }
    assert {name: given.get(name) for name in expected} == expected
    assert not given.keys() & {"OWN", "AWS_PROFILE", "HOME", "QUEUE"}
    assert not Path(root).exists(), "the scratch folder is gone"
    assert "warning[OM6311]: QUEUE is known only when it is deployed, and is left out\n --> omega.yaml:4:" in done.err


def test_a_list_is_no_variable(shop: Path) -> None:
    """No deployment could make a text of it either."""
    edit(shop / "omega.yaml", "QUIET: true", 'QUIET: !Split [",", "a,b"]')
    done = invoked(shop, {"do": "environment"})
    assert (done.code, "error[OM1103]: QUIET is a list, and a variable is text\n" in done.err) == (1, True), done.err
    assert "QUIET" in answers(invoked(shop, {"do": "environment"}, more=("--env", "QUIET=a")))[0]


def test_an_unknown_variable_can_be_told(shop: Path) -> None:
    """A variable that only a deployment knows has the value that --env gives it, and no warning."""
    done = invoked(shop, {"do": "environment"}, more=("--env", "QUEUE=here"))
    assert answers(done)[0]["QUEUE"] == "here"
    assert "OM6311" not in done.err


def test_what_the_spec_tells_of_a_variable_is_known(shop: Path) -> None:
    """Parameters with a default or the stage's value, the stage's region and account, and what is made of them."""
    of_environment(shop, KNOWN, PROD)
    (shop / "omega.yaml").write_text(re.sub(r"servers:\n .*\n", "", (shop / "omega.yaml").read_text("utf-8")), "utf-8")
    done = invoked(shop, {"do": "environment"}, more=("--stage", "prod"))
    (given,) = answers(done)
    expected = {
        "COLOR": "blue",
        "WHERE": "cn-north-1",
        "WHOSE": "210987654321",
        "HOST": "aws-cn.amazonaws.com.cn",
        "SUBBED": "x-blue-${Color}-own blue",
        "JOINED": "blue/a/b",
        "SECOND": "b",
        "SPLIT": "north",
        "CHOSEN": "is blue",
        "BOTH": "no",
        "FOUND": "large",
        "OTHERWISE": "none",
        "ENCODED": "Ymx1ZQ==",
        "COUNT": "2",
        "WRITTEN": '{"color":"blue","sizes":[1,true,["a","b"]]}',
    }
    assert {name: given.get(name) for name in expected} == expected
    assert "ABSENT" not in given
    unknown = {"LATER", "STACK", "SECRET", "STORED", "PARTLY", "ROUND", "RESOLVED", "BEYOND"}
    assert not given.keys() & unknown
    assert set(re.findall(r"OM6311\]: (\w+) is known only", done.err)) == unknown


def test_the_account_is_not_made_up(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which account it is, the stage tells, or the key of a local cloud; else it is not known."""
    of_environment(shop, "  WHOSE: !Ref AWS::AccountId\n")
    done = invoked(shop, {"do": "environment"})
    assert "WHOSE" not in answers(done)[0]
    assert "warning[OM6311]: WHOSE is known only when it is deployed" in done.err
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000000")
    assert answers(invoked(shop, {"do": "environment"}))[0]["WHOSE"] == "000000000000"


def test_limits_are_those_of_parameters(shop: Path) -> None:
    """A timeout and a memory that are intrinsics have the value that their parameters have."""
    limited(shop, "timeout: !Ref Limit, memory: !If [Large, 512, !Ref Limit]")
    done = invoked(shop, {"do": "context"}, {"do": "sleep"}, more=("--stage", "prod"))
    context, shape = answers(done)
    assert context[1] == "512"
    assert "Task timed out after 2.00 seconds" in shape["errorMessage"]
    assert "is not known here" not in done.err


def test_unknown_limits_are_said(shop: Path) -> None:
    """A timeout or a memory that only a deployment knows is Lambda's default, with a warning at its place."""
    limited(shop, "timeout: !Ref Later, memory: !Ref Later")
    done = invoked(shop, {"do": "context"}, {"do": "sleep"})
    context, shape = answers(done)
    assert context[1] == "128"
    assert "Task timed out after 3.00 seconds" in shape["errorMessage"]
    for said in ("timeout is not known here, and is Lambda's default, 3 s", "memory is not known here"):
        assert re.search(rf"warning\[OM6311\]: {said}.*\n --> omega.yaml:6:", done.err), done.err


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        ("!If [Large, {Variables: {A: big}}, {Variables: {A: !Sub 'small ${Limit}', B: !Ref Queue}}]", "small 600"),
        ("{Variables: !If [Large, {A: big}, !If [Large, {A: bigger}, {A: '${Limit}'}]]}", "${Limit}"),
        ("!If [Large, {Variables: {A: big}}, !Ref AWS::NoValue]", None),
        ("!If [Unknown, {Variables: {A: big}}, !Ref AWS::NoValue]", None),
    ],
)
def test_variables_that_a_condition_chooses(shop: Path, environment: str, given: str | None) -> None:
    """Where a condition chooses a function's variables, it has those, or it is said that none is known."""
    limited(shop, f"properties: {{Environment: {environment}}}")
    edit(shop / "omega.yaml", "environment: {LEVEL: 3, QUIET: true, QUEUE: !Ref Queue}\n", "")
    edit(shop / "omega.yaml", "conditions: {", "conditions: {Unknown: !Equals [!Ref Later, a], ")
    done = invoked(shop, {"do": "environment"})
    assert answers(done)[0].get("A") == given
    said = re.findall(r"warning\[OM6311\]: (\S+ \S+)", done.err)
    assert said == {"small 600": ["B is"]}.get(str(given), ["its variables"] if "Unknown" in environment else [])


def test_a_misspelt_variable_is_said(shop: Path) -> None:
    """A name that --env has and the spec has not is taken, and held against those that it has."""
    done = invoked(shop, {"do": "environment"}, more=("--env", "QEUE=1", "--env", "LEVLE=1"))
    assert answers(done)[0]["QEUE"] == "1"
    assert 'the spec has no variable QEUE: did you mean "QUEUE"?\n' in done.err
    assert 'the spec has no variable LEVLE: did you mean "LEVEL"?\n' in done.err


def test_a_name_of_its_own_is_told(shop: Path) -> None:
    """A function that the spec gives a name has it in its context, its variables and its ARN, and so its account."""
    (shop / "app" / "hello.py").write_text(NAMES, "utf-8")
    limited(shop, "properties: {FunctionName: !Sub 'my-${Limit}'}")
    (names,) = answers(invoked(shop, {}, more=("--stage", "prod")))
    assert names == ["my-2", "my-2", "arn:aws-us-gov:lambda:us-gov-west-1:210987654321:function:my-2"]


def test_the_context_tells_of_the_function(shop: Path) -> None:
    """The context has the function's name, its memory, and the time that is left."""
    assert answers(invoked(shop, {"do": "context"})) == [["HelloFunction", "256", True]]


def test_the_log_is_told_in_order(shop: Path) -> None:
    """What the function logs and prints stands between START and END, with a REPORT of time and memory after."""
    done = invoked(shop, {"do": "log"})
    lines = [re.sub(r"\t.*\t", "\t", line.split(" RequestId: ")[0]) for line in done.err.splitlines()]
    start = lines.index("START")
    assert lines[start:] == ["START", "[INFO]\tinformed", "printed", "complained", "END", "REPORT"]
    (report,) = reports(done.err)
    assert int(report["billed"]) >= float(report["duration"]) + float(report["init"]) > 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, only what has ended tells what it has had")
@pytest.mark.parametrize("event", [{"do": "hold"}, {"do": "hold", "then": "exit"}, {"do": "hold", "then": "sleep"}])
def test_more_memory_than_it_may_have_ends_a_function(shop: Path, event: dict[str, str]) -> None:
    """Whatever it would have done next, a function that takes too much is ended as Lambda ends it."""
    done = invoked(shop, {"do": "count"}, event, {"do": "count"})
    first, shape, again = answers(done)
    assert (first, again, done.code) == (1, 1, 1)
    assert shape["errorType"] == "Runtime.OutOfMemory"
    assert re.fullmatch(r"RequestId: \S+ Error: Runtime exited with error: signal: killed", shape["errorMessage"])
    before, told, after = reports(done.err)
    assert 0 < int(before["used"]) < 256
    assert (told["used"], told["status"]) == ("256", "error\tError Type: Runtime.OutOfMemory")
    assert after["init"]
    assert "holds\n" in done.err
    assert "\n  = its `memory` has to hold" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nothing tells of a process what it has")
def test_the_memory_of_its_children_is_not_its_own(shop: Path) -> None:
    """A function that ends itself has ended itself, whatever a process had that it has waited for."""
    done = invoked(shop, {"do": "call", "then": "exit"})
    (shape,) = answers(done)
    assert shape["errorType"] == "Runtime.ExitError"
    assert shape["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    (told,) = reports(done.err)
    assert 0 < int(told["used"]) < 256


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nothing tells of a process what it has")
@pytest.mark.parametrize("event", [{"do": "enlarge"}, {"do": "answer then exit"}])
def test_memory_is_reported_of_what_does_not_come_back(shop: Path, event: dict[str, str]) -> None:
    """A process that is ended after its event has had memory, too."""
    (told,) = reports(invoked(shop, event).err)
    assert 0 < int(told["used"]) < 256


@pytest.mark.parametrize(("command", "name"), [("invoke", "hello"), ("serve", "web")])
def test_what_cannot_be_built_is_not_run(shop: Path, command: str, name: str) -> None:
    """What `build` refuses would never be deployed, and is refused here with the same words."""
    edit(shop / "omega.yaml", "!Ref Queue", "!Ref Quee")
    done = ended(begun(shop, command, name))
    assert (done.code, done.out) == (1, "")
    assert done.err == ended(begun(shop, "build")).err
    assert "error[OM1205]" in done.err


def test_records_are_for_programs(shop: Path) -> None:
    """With --format json, each event has one object: its result, whether that is an error, and its log."""
    done = invoked(shop, {"do": "log"}, {"do": "raise"}, more=("--format", "json"))
    first, second = answers(done)
    known = {"type": "invocation", "version": 1, "function": "hello", "stack": None}
    assert {**known, "failed": False, "payload": None, "log": first["log"]} == first
    assert "informed\nprinted\ncomplained\nEND" in first["log"]
    assert (second["failed"], second["payload"]["errorType"]) == (True, "LookupError")
    assert "informed" not in second["log"]


def test_events_are_taken_from_a_pipe(shop: Path) -> None:
    """The event - is what standard input has."""
    process = begun(shop, "invoke", "hello", "--event", "-", stdin=-1)
    out, err = process.communicate('{"do": "count"}', timeout=60)
    assert (process.returncode, out) == (0, "1\n"), err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_it(shop: Path, how: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """However omegac is ended while a function runs, so is the function, with its files; by a signal, with its code."""
    scratch = shop / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    (shop / "event.json").write_text('{"do": "sleep"}', "utf-8")
    process = begun(shop, "invoke", "hello", "--event", "event.json")
    assert comes(lambda: len(below(process.pid)) == 3)
    started = below(process.pid)
    process.send_signal(how)
    done = ended(process)
    assert done.code == (-how if how == signal.SIGKILL else 128 + how), done.err
    assert comes(lambda: not alive(started))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("event", ["[" * 100_000 + "]" * 100_000, f"[{'9' * 5000}]"], ids=["deep", "long"])
def test_an_event_that_python_does_not_read(shop: Path, event: str) -> None:
    """JSON which Python does not take is handed over: there it fails, and the shape of that is told."""
    (shop / "event.json").write_text(event, "utf-8")
    for more in ((), ("--format", "json")):
        done = ended(begun(shop, "invoke", "hello", "--event", "event.json", *more))
        assert (done.code, "a bug of omegac" in done.err) == (1, False), done.err
        assert "error[OM6307]: hello has failed: " in done.err


@pytest.mark.parametrize("answer", ["'[' * 100_000 + ']' * 100_000", "f\"[{'9' * 5000}]\""], ids=["deep", "long"])
def test_an_answer_that_python_does_not_read(shop: Path, answer: str) -> None:
    """What a function answers is shown as it is, and as text where it is part of a record."""
    code = (
        "from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller\n"
        f"LambdaMarshaller.marshal_response = lambda *_: ({answer}, 'application/json')\n"
        "def handler(event, context): pass\n"
    )
    (shop / "app" / "hello.py").write_text(code, "utf-8")
    whole = eval(answer)  # noqa: S307 (it is written above)
    assert invoked(shop, {}).out == f"{whole}\n"
    (record,) = answers(invoked(shop, {}, more=("--format", "json")))
    assert (record["payload"], record["failed"]) == (whole, False)


def test_the_spec_is_stronger_than_the_callers_environment(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the spec or --env says of how AWS is called holds, whatever the caller's shell says."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_RETRY_MODE", "legacy")
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    edit(shop / "omega.yaml", "{LEVEL: 3,", "{AWS_MAX_ATTEMPTS: 7,")
    (given,) = answers(invoked(shop, {"do": "environment"}, more=("--env", "AWS_RETRY_MODE=adaptive")))
    told = {name: given.get(name) for name in ("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_STS_REGIONAL_ENDPOINTS")}
    assert list(told.values()) == ["7", "adaptive", "legacy"]
    (given,) = answers(invoked(shop, {"do": "environment"}, more=("--env", "AWS_LAMBDA_LOG_LEVEL=DEBUG")))
    assert given["AWS_LAMBDA_LOG_LEVEL"] == "DEBUG"


def test_a_function_that_kills_its_keeper(shop: Path) -> None:
    """What has the function run may be killed, by the function or for want of memory: nothing stays behind."""
    code = (
        "import os, subprocess, time\n"
        "def handler(event, context):\n"
        "    print('started', os.getpid(), subprocess.Popen(['sleep', '600']).pid)\n"
        "    os.kill(os.getppid(), 9)\n"
        "    time.sleep(60)\n"
    )
    (shop / "app" / "hello.py").write_text(code, "utf-8")
    process = begun(shop, "invoke", "hello")
    done = ended(process)
    assert (done.code, "Runtime.ExitError" in done.out) == (1, True), done.err
    (started,) = re.findall(r"started (\d+) (\d+)", done.err)
    assert comes(lambda: not alive(set(map(int, started))))
