"""The value of a parameter with `no_echo` is in nothing that a command writes, however it came there and left again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omegac.operations.stack import SERVICE_TAG
from tests.endpoint import ACCOUNT, REGION, Endpoint
from tests.operations.scene import SPEC, compiled
from tests.operations.shell import Done, omegac

MARK = "s3cr3t"
"""Stands in every secret that is long enough, so that a part of one is found as well."""
SECRET = f"{MARK}-of-the-shop"
HIDDEN = "****"
FORMS = pytest.mark.parametrize("form", ["text", "json"])
DEPLOY = ("deploy", "--stack", "shop", "--yes")
RESOURCES = """\
resources:
  Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /key, Value: !Ref Key}}
"""
TOLD = "outputs:\n  Told: {Value: !Ref Key}\n"
MORE = "  More: {Type: AWS::SNS::Topic}\n"


def write(folder: Path, body: str = "", stage: str = "", more: str = "") -> Path:
    """A service with a secret parameter `Key`, with what else is said of it and of a stage `prod`; gives its folder."""
    (folder / "app").mkdir(exist_ok=True)
    (folder / "app" / "hello.py").write_text("handler = print\n", "utf-8")
    parameters = f"parameters:\n  Key: {{no_echo: true{body}}}\n"
    stages = f"stages:\n  prod: {{stack: shop, {stage}}}\n" if stage else ""
    (folder / "omega.yaml").write_text(f"{SPEC}{parameters}{stages}{RESOURCES}{more}", "utf-8")
    return folder


def offered(way: str, folder: Path, body: str = "", secret: str = SECRET) -> list[str]:
    """Writes the service, with the secret offered in a way; gives the options that go with it."""
    as_json = json.dumps(secret, ensure_ascii=False)
    write(folder, body, f"parameters: {{Key: {as_json}}}" if way == "stage" else "", TOLD)
    (folder / "names.yaml").write_text(f"Key: {as_json}\n", "utf-8")
    entry = {"ParameterKey": "Key", "ParameterValue": secret}
    (folder / "entries.json").write_text(json.dumps([entry], indent=2), "utf-8")
    return {
        "param": ["--stack", "shop", "--param", f"Key={secret}"],
        "names": ["--stack", "shop", "--params-file", "names.yaml"],
        "entries": ["--stack", "shop", "--params-file", "entries.json"],
        "stage": ["--stage", "prod"],
    }[way]


WAYS = pytest.mark.parametrize(
    ("way", "form"), [("param", "json"), ("names", "text"), ("entries", "json"), ("stage", "text")]
)


def key(endpoint: Endpoint) -> str:
    """What CloudFormation has for `Key`."""
    return endpoint.find("shop").deployment.parameters["Key"].text


def planned(endpoint: Endpoint) -> str:
    """What CloudFormation was given for `Key` last."""
    sent = endpoint.called("CreateChangeSet")[-1]["Parameters"]
    return next(str(each["ParameterValue"]) for each in sent if each["ParameterKey"] == "Key")


def shown(done: Done) -> str:
    """All that a command has written, JSON as it is read as well as as it is written."""
    texts = [done.out, done.err]
    if done.out.startswith("{"):
        texts += [str(record) for record in done.records]
    return "".join(texts)


@WAYS
def test_what_goes_well_shows_no_secret(way: str, form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A deployment with its outputs, and a plan with another secret, give it to AWS alone."""
    options = [*offered(way, tmp_path), "--format", form]
    done = [omegac(tmp_path, "deploy", "--yes", *options)]
    assert key(endpoint) == SECRET
    assert "Told" in done[0].out
    options = [*offered(way, tmp_path, secret=f"{MARK}-another"), "--format", form]
    done += [omegac(tmp_path, "deploy", "--yes", "--plan", *options)]
    assert [each.code for each in done] == [0, 0], done
    assert planned(endpoint) == f"{MARK}-another"
    assert [each for each in done if MARK in shown(each)] == []


@FORMS
def test_what_is_kept_from_before_is_not_shown(form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A secret that the stack has stays there by being named, and no command that looks at the stack shows it."""
    write(tmp_path)
    assert omegac(tmp_path, *DEPLOY, "--param", f"Key={SECRET}").code == 0
    write(tmp_path, more=MORE)
    looks = ("diff", "events")
    told = [omegac(tmp_path, each, "--stack", "shop", "--format", form) for each in looks]
    assert [each.code for each in told] == [0, 0], told
    assert {"ParameterKey": "Key", "UsePreviousValue": "true"} in endpoint.called("CreateChangeSet")[-1]["Parameters"]
    assert [each for each in told if MARK in shown(each)] == []


REVEALING = """\
outputs:
  Told: {Value: !Ref Key}
  Within: {Value: !Sub "https://u:${Key}@example.com/"}
  Kept: {Value: !GetAtt Setting.Value}
  Plain: {Value: !Ref AWS::Region}
"""


def told(endpoint: Endpoint, done: Done) -> dict[str, str]:
    """The outputs that a command shows; CloudFormation has them all, with the secret."""
    assert endpoint.find("shop").outputs["Told"] == SECRET
    if done.out.startswith("{"):
        (record,) = done.of_type("outputs")
        values: dict[str, str] = record["values"]
        return values
    return dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)


@FORMS
def test_an_output_that_is_made_from_a_secret_is_not_shown(form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Whoever deploys, or looks, without knowing the secret sees which outputs there are, and those that are not it."""
    write(tmp_path, more=REVEALING)
    assert omegac(tmp_path, *DEPLOY, "--param", f"Key={SECRET}").code == 0
    write(tmp_path, more=f"{MORE}{REVEALING}")
    for command in (("outputs",), ("status",), ("deploy", "--yes")):
        done = omegac(tmp_path, *command, "--stack", "shop", "--format", form)
        outputs = told(endpoint, done)
        hidden = [name for name, value in outputs.items() if value == HIDDEN]
        assert (done.code, sorted(hidden), outputs["Plain"]) == (0, ["Kept", "Told", "Within"], REGION), done
        assert MARK not in shown(done)


@pytest.mark.parametrize(("command", "form"), [("deploy --yes", "text"), ("status", "text"), ("outputs", "json")])
def test_without_the_template_no_output_is_shown(command: str, form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Whoever may not read the template is told that, and no output, as each may be the secret."""
    write(tmp_path, more=REVEALING)
    assert omegac(tmp_path, *DEPLOY, "--param", f"Key={SECRET}").code == 0
    if command.startswith("deploy"):
        write(tmp_path, more=f"{MORE}{REVEALING}")
        endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("GetTemplate", "access-denied", times=9))
    else:
        endpoint.fault("GetTemplate", "access-denied", times=9)
    done = omegac(tmp_path, *command.split(), "--stack", "shop", "--format", form)
    assert (done.code, set(told(endpoint, done).values())) == (0, {HIDDEN}), done
    assert "the outputs of shop are not shown" in shown(done)
    assert MARK not in shown(done)


def test_the_template_is_asked_for_only_where_there_is_a_secret(endpoint: Endpoint, tmp_path: Path) -> None:
    """A look at a stack without a secret parameter needs no right to its template."""
    compiled(tmp_path, f"{SPEC}outputs: {{Told: {{Value: !Ref AWS::Region}}}}\n").artifact.content.close()
    assert omegac(tmp_path, *DEPLOY).code == 0
    endpoint.calls.clear()
    done = [omegac(tmp_path, command, "--stack", "shop") for command in ("status", "outputs")]
    assert [f"Told={REGION}" in each.out for each in done] == [True, True]
    assert endpoint.called("GetTemplate") == []


@FORMS
def test_what_was_no_secret_before_is_one_now(form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A value that DescribeStacks still tells is hidden once the spec says so."""
    before = compiled(tmp_path / "before", f"{SPEC}parameters: {{Key: {{default: plain}}}}\n{RESOURCES}")
    before.artifact.content.close()
    values = {"ArtifactBucket": f"omegac-{ACCOUNT}-{REGION}", "Key": SECRET}
    endpoint.stack("shop", template=before.template, parameters=values, tags={SERVICE_TAG: "shop"})
    write(tmp_path, ", default: other")
    endpoint.fault("CreateChangeSet", "validation", text=f"Value {SECRET} is not wanted")
    done = omegac(tmp_path, *DEPLOY, "--format", form)
    assert (done.code, f"Value {HIDDEN} is not wanted" in shown(done)) == (1, True), done
    assert {"ParameterKey": "Key", "UsePreviousValue": "true"} in endpoint.called("CreateChangeSet")[-1]["Parameters"]
    assert MARK not in shown(done)


@pytest.mark.parametrize(
    ("command", "body"),
    [("deploy", ", pattern: '[0-9]+'"), ("diff", ", allowed_values: [one, two]"), ("deploy", ", type: Number")],
)
@WAYS
def test_what_a_parameter_does_not_take_is_refused_unseen(
    way: str, body: str, command: str, form: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """That a value is not taken, and why, is said without it, and without the line that it is written in."""
    done = omegac(tmp_path, command, *offered(way, tmp_path, body), "--format", form)
    assert (done.code, "OM6004" in shown(done), HIDDEN in shown(done)) == (1, True, True), done
    assert MARK not in shown(done)
    assert endpoint.calls == []


@FORMS
@pytest.mark.parametrize("name", ["Kye", "Other"])
def test_the_value_of_no_parameter_is_not_shown(name: str, form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A name that is misspelt may be a secret's, on the command line as in a file."""
    write(tmp_path)
    (tmp_path / "names.yaml").write_text(f"{name}: {SECRET}\n", "utf-8")
    for options in (["--param", f"{name}={SECRET}"], ["--params-file", "names.yaml"]):
        done = omegac(tmp_path, *DEPLOY, *options, "--format", form)
        assert (done.code, "OM6003" in shown(done)) == (1, True), done
        assert MARK not in shown(done)
    assert endpoint.calls == []


@FORMS
@pytest.mark.parametrize(
    "text",
    [f"Key: {SECRET}\nKey: {SECRET}\n", f"Key: [{{a: {SECRET}}}]\n", f'{{"Key": "{SECRET}"\n', f"Key: *{MARK}\n"],
)
def test_a_file_that_cannot_be_read_is_not_quoted(text: str, form: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Where a file of parameters is at fault, its place is told, and not what is written there."""
    write(tmp_path)
    (tmp_path / "names.yaml").write_text(text, "utf-8")
    done = omegac(tmp_path, *DEPLOY, "--params-file", "names.yaml", "--format", form)
    assert (done.code, "names.yaml" in shown(done)) == (1, True), done
    assert MARK not in shown(done)
    assert endpoint.calls == []


def refuses(endpoint: Endpoint, text: str) -> None:
    endpoint.fault("CreateChangeSet", "validation", text=text)


def finds_no_use_for_it(endpoint: Endpoint, text: str) -> None:
    endpoint.refuse_change_set(text)


def finds_it_invalid(endpoint: Endpoint, text: str) -> None:
    endpoint.invalid("Setting", "AWS::SSM::Parameter", "/Resources/Setting/Properties/Value", text)


def denies(endpoint: Endpoint, text: str) -> None:
    endpoint.fault("ExecuteChangeSet", "access-denied", text=text)


def fails(endpoint: Endpoint, text: str) -> None:
    endpoint.fail("Setting", reason=text)


def is_lost(endpoint: Endpoint, text: str) -> None:
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "access-denied", times=9, text=text))


@pytest.mark.parametrize(
    ("repeats", "form"),
    [
        *((each, "text") for each in (refuses, finds_no_use_for_it, finds_it_invalid, denies, fails, is_lost)),
        *((each, "json") for each in (refuses, fails)),
    ],
)
def test_what_aws_repeats_is_hidden(
    repeats: Callable[[Endpoint, str], None], form: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """AWS's words are passed on without the secret that it quotes, wherever it does."""
    options = offered("stage" if form == "text" else "param", tmp_path)
    repeats(endpoint, f"Value '{SECRET}' ({SECRET}) is not wanted")
    done = omegac(tmp_path, "deploy", "--yes", *options, "--format", form)
    assert done.code == (4 if repeats is fails else 1), done
    assert f"Value '{HIDDEN}' ({HIDDEN}) is not wanted" in shown(done).replace("\\'", "'")
    assert MARK not in shown(done)


HARD = {
    "quotes": f"{MARK}-\"double\" and 'single'",
    "backslashes": f"{MARK}\\n\\u0041\\",
    "lines": f"{MARK}-one\n{MARK}-two\n{MARK}-three",
    "json": json.dumps({"user": MARK, "password": f'{MARK}-"x"'}),
    "letters": f"{MARK}-ü-\N{PILE OF POO}-\N{COMBINING ACUTE ACCENT}",
    "markup": f"<{MARK}>&amp;%s{{0}}${{Key}}",
}


@pytest.mark.parametrize("kind", sorted(HARD))
def test_a_secret_that_is_hard_to_find_is_hidden(kind: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Whatever it consists of, it is not shown where AWS quotes it as it is."""
    options = offered("names", tmp_path, secret=HARD[kind])
    refuses(endpoint, f"Value {HARD[kind]} is not wanted")
    done = omegac(tmp_path, "deploy", "--yes", *options, "--format", "json")
    assert planned(endpoint) == HARD[kind]
    assert (done.code, f"Value {HIDDEN} is not wanted" in shown(done)) == (1, True), done
    assert MARK not in shown(done)


@pytest.mark.parametrize(("secret", "form"), [("7", "json"), ("e", "text")])
def test_a_short_secret_is_hidden_where_it_stands_by_itself(
    secret: str, form: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """Other words keep their letters: that one is missing from all of them would tell it."""
    options = offered("names", tmp_path, secret=secret)
    refuses(endpoint, f"Value '{secret}' of Key is not wanted: one-17, e-17, {secret}.")
    done = omegac(tmp_path, "deploy", "--yes", *options, "--format", form)
    assert (done.code, planned(endpoint)) == (1, secret), done
    assert f"Value '{HIDDEN}' of Key is not wanted: one-17, e-17, {HIDDEN}." in shown(done).replace("\\'", "'")


@pytest.mark.parametrize("secret", ["x", "shop"])
def test_a_short_secret_leaves_json_readable(secret: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Each line is an object, and the last one the result, with the secret in the values of none."""
    options = offered("names", tmp_path, secret=secret)
    done = omegac(tmp_path, "deploy", "--yes", "--plan", "--format", "json", *options)
    assert (done.code, planned(endpoint)) == (0, secret), done
    assert (done.records[-1]["type"], done.records[-1]["outcome"]) == ("result", "planned")
    assert secret not in done.records[-1].values()


@pytest.mark.parametrize("secret", ["1", "type", '"'])
def test_a_secret_that_is_json_leaves_json_readable(secret: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Keys, punctuation, numbers and the names of types are not omegac's to hide, and a program finds them."""
    options = offered("names", tmp_path, secret=secret)
    done = omegac(tmp_path, "deploy", "--yes", "--plan", "--format", "json", *options)
    assert (done.code, planned(endpoint)) == (0, secret), done
    assert (done.records[-1]["type"], done.records[-1]["outcome"]) == ("result", "planned")


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


REPEATED = {
    "as JSON": (f'{MARK}-"x"\\', _escaped(f'{MARK}-"x"\\'), ""),
    "without its last line break": (f"{MARK}-one\n{MARK}-two\n", f"{MARK}-one\n{MARK}-two", ""),
    "in one line": (f"{MARK}-one\n{MARK}-two", f"{MARK}-one {MARK}-two", ""),
    "a line of it": (f"{MARK}-one\n  {MARK}-two", f"{MARK}-two", ""),
    "in an address": (f"{MARK}/@ {MARK}", f"https://u:{MARK}%2F%40%20{MARK}@example.com", ""),
    "as markup": (f"{MARK}<'{MARK}'>", f"{MARK}&lt;&#x27;{MARK}&#x27;&gt;", ""),
    "an item of it": (f"{MARK}-one,{MARK}-two", f"{MARK}-two", ", type: CommaDelimitedList"),
    "as a list": (f"{MARK},{MARK}", f"[{MARK}, {MARK}]", ", type: CommaDelimitedList"),
}


@pytest.mark.parametrize("how", sorted(REPEATED))
def test_a_secret_is_hidden_in_the_forms_that_aws_gives_it(how: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """AWS quotes JSON within messages, breaks lines elsewhere, and works with the items of a list one by one."""
    secret, repeated, body = REPEATED[how]
    options = offered("names", tmp_path, body, secret)
    if body:
        spec = tmp_path / "omega.yaml"
        spec.write_text(spec.read_text("utf-8").replace("!Ref Key", "!Select [1, !Ref Key]"), "utf-8")
    refuses(endpoint, f"Value {repeated} is not wanted")
    done = omegac(tmp_path, "deploy", "--yes", *options)
    assert done.code == 1, done
    assert MARK not in shown(done)


ONE_LINE = {
    "another account": (', account: "999999999999"', [], "OM6002"),
    "another region": (", region: eu-west-3", ["--region", REGION], "OM6002"),
    "a fault": (', acount: "999999999999"', [], "omega.yaml"),
    "a fault of YAML": (', account: "999999999999', [], "omega.yaml"),
    "a misspelt name": (
        f", region: eu-west-3}}, other: {{parameters: {{Kye: '{SECRET}'}}, acount: 1",
        [],
        "omega.yaml",
    ),
    "an escape": (f', region: eu-west-3}}, other: {{parameters: {{Key: "\\x73{SECRET}"}}, acount: 1', [], "omega.yaml"),
}


@pytest.mark.parametrize("why", sorted(ONE_LINE))
@pytest.mark.parametrize("command", ["deploy", "status"])
def test_the_line_of_a_stage_is_not_shown_with_its_secret(
    command: str, why: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """A diagnostic about a stage that is written in one line shows all but its secret."""
    more, options, said = ONE_LINE[why]
    write(tmp_path, stage=f"parameters: {{Key: {SECRET}}}{more}")
    done = omegac(tmp_path, command, "--stage", "prod", *options)
    assert (done.code, said in done.err, endpoint.writes) == (1, True, []), done
    assert MARK not in shown(done)


@pytest.mark.parametrize(
    "typed", ["status", "events", "delete --yes --accept-loss shop", "deploy --yes --change-set c"]
)
def test_commands_that_compile_nothing_hide_what_the_stage_has(typed: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """What the stage that is named offers for a secret parameter is known, and hidden in AWS's words."""
    write(tmp_path, stage=f"parameters: {{Key: {SECRET}}}")
    reason = f"Value {SECRET} is not wanted"
    template = {"Resources": {"Setting": {"Type": "AWS::SSM::Parameter", "Properties": {}}}}
    endpoint.stack("shop", "UPDATE_ROLLBACK_COMPLETE", template=template, tags={SERVICE_TAG: "shop"}, reason=reason)
    endpoint.fail("Setting", reason=reason)
    if typed.startswith("deploy"):
        planned = omegac(tmp_path, "deploy", "--stage", "prod", "--plan", "--yes", "--format", "json")
        typed = typed.replace("set c", f"set {planned.records[-1]['change_set']}")
    done = omegac(tmp_path, *typed.split(), "--stage", "prod")
    assert "is not wanted" in shown(done), done
    assert MARK not in shown(done)


@pytest.mark.parametrize("typed", [f"Key:{SECRET}", SECRET])
def test_what_is_no_pair_is_not_quoted(typed: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A value whose equals sign is missing is refused without it."""
    done = omegac(write(tmp_path), *DEPLOY, "--param", typed)
    assert (done.code, endpoint.calls) == (2, [])
    assert MARK not in shown(done)
