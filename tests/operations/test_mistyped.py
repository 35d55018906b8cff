"""What is mistyped, or comes from an empty variable of a script, is refused before anything is done."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from omegac.template import Compilation
from tests.endpoint import Endpoint
from tests.operations.scene import Witness, deployed, site
from tests.operations.shell import Done, omegac

Compilations = Mapping[str, Compilation]


@pytest.mark.parametrize(
    "option", ["--stack", "--stage", "--region", "--profile", "--bucket", "--role-arn", "--change-set"]
)
@pytest.mark.parametrize("given", ["", " "])
def test_an_empty_option_is_none(option: str, given: str, endpoint: Endpoint, compilations: Compilations) -> None:
    """A variable that was never set chooses nothing, and least of all what there is without the option."""
    words = [] if option == "--stack" else ["--stack", "shop"]
    done = omegac(compilations["alone"].spec.folder, "deploy", "--yes", *words, option, given)
    assert (done.code, endpoint.calls) == (2, [])
    assert option in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--out", ""], "'--out': it is empty"),
        (["deploy", "--params-file", " "], "'--params-file': it is empty"),
        (["sandbox", "--state", ""], "'--state': it is empty"),
        (["sandbox", "--", ""], "the command to run is empty"),
    ],
)
def test_an_empty_path_is_not_the_folder_one_is_in(
    words: list[str], said: str, endpoint: Endpoint, compilations: Compilations
) -> None:
    """Nothing is written there, and nothing read."""
    folder = compilations["alone"].spec.folder
    before = set(folder.iterdir())
    done = omegac(folder, *words)
    assert (done.code, done.out, endpoint.calls) == (2, "", [])
    assert said in done.err
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize("option", ["--stack", "--stage", "--region", "--profile", "--event"])
def test_an_empty_option_of_invoke_is_none(option: str, endpoint: Endpoint, compilations: Compilations) -> None:
    """A function that is to be asked where it is deployed is not run here in its place."""
    done = omegac(compilations["alone"].spec.folder, "invoke", "hello", option, "")
    assert (done.code, done.out, endpoint.calls) == (2, "", [])
    assert option in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stack", "bad_name"], "'bad_name' is no name: letters, digits and hyphens, a letter first"),
        (["--stack", "a" * 129], "is no name"),
        (["--stack", "arn:aws:s3:::bucket"], "is no name"),
        (["--tag", "aws:cost=1"], "--tag takes no name that begins with aws:, such as aws:cost"),
        (["--tag", "omegac:service=other"], "--tag takes no name that begins with omegac:"),
        (["--param", "Team=a", "--param", "Team=b"], "--param gives Team twice"),
        (["--param", "Team=a", "--param", "Key:hidden"], "--param takes NAME=VALUE: number 2 has no equals sign"),
        (["--param", "=hidden"], "--param takes NAME=VALUE: number 1 has no name"),
    ],
)
def test_an_option_that_makes_no_sense(
    words: list[str], said: str, endpoint: Endpoint, compilations: Compilations
) -> None:
    """Each is told with what it takes, and nothing of a value that may be a secret."""
    done = omegac(compilations["alone"].spec.folder, "deploy", "--yes", *words)
    assert (done.code, endpoint.calls) == (2, [])
    assert said in " ".join(done.err.split())
    assert "hidden" not in done.err


def test_an_id_is_as_good_as_a_name(endpoint: Endpoint, compilations: Compilations) -> None:
    """What the console of AWS shows as a stack's id can be pasted."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    id_ = endpoint.find("shop").id
    done = omegac(compilations["alone"].spec.folder, "outputs", "--stack", id_)
    assert (done.code, "HelloFunctionArn=" in done.out) == (0, True)


def test_the_bucket_of_the_artifact_is_no_parameter(endpoint: Endpoint, compilations: Compilations) -> None:
    """Given by hand, it would be a bucket without the artifact in it."""
    words = ["--stack", "shop", "--yes", "--param", "ArtifactBucket=other"]
    done = omegac(compilations["alone"].spec.folder, "deploy", *words)
    assert (done.code, endpoint.calls) == (1, [])
    assert "OM6003" in done.err
    assert "--bucket" in done.err


def deletion(compilation: Compilation, *words: str) -> Done:
    """A deletion that agrees to all loss."""
    return omegac(compilation.spec.folder, "delete", "--stack", "shop", "--yes", "--accept-loss", "shop", *words)


def test_only_what_could_not_be_deleted_is_left_behind(endpoint: Endpoint, compilations: Compilations) -> None:
    """--retain is refused before anybody is asked where CloudFormation would not take it."""
    table = compilations["table"]
    deployed(table, site(Witness(), yes=True))
    done = deletion(table, "--retain", "Orders")
    assert (done.code, "--retain is for a stack whose deletion has failed" in done.err) == (1, True)
    endpoint.fail("Orders", during="delete", reason="somebody uses it")
    assert deletion(table).code == 4
    done = deletion(table, "--retain", "HelloFunction")
    assert (done.code, "HelloFunction: it is not among what shop failed to delete, Orders" in done.err) == (1, True)
    assert len(endpoint.called("DeleteStack")) == 1
    assert deletion(table, "--retain", "Orders").code == 0


def test_only_what_blocks_a_rollback_is_skipped(endpoint: Endpoint, compilations: Compilations) -> None:
    """--skip with a name that blocks nothing is refused, and what does block is said."""
    alone = compilations["alone"]
    endpoint.stack(
        "shop",
        "UPDATE_ROLLBACK_FAILED",
        template=alone.template,
        tags={"omegac:service": "shop"},
        resources={"HelloFunction": "UPDATE_FAILED"},
    )
    done = omegac(alone.spec.folder, "deploy", "--stack", "shop", "--yes", "--skip", "Hello")
    assert (done.code, endpoint.writes) == (1, [])
    assert "Hello does not block the rollback of shop" in done.err
    assert "--skip HelloFunction" in done.err


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_DEFAULT_REGION": ""}, "no region is set"),
        ({"AWS_DEFAULT_REGION": "no region"}, "a supported format"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "such as http://localhost:4566"),
    ],
)
def test_variables_that_lead_nowhere(
    variables: dict[str, str],
    said: str,
    endpoint: Endpoint,
    compilations: Compilations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty or misspelt variable of AWS's is told as such."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = omegac(compilations["alone"].spec.folder, "status", "--stack", "shop")
    assert (done.code, "OM6001" in done.err, said in done.err) == (1, True, True), done.err
    assert endpoint.calls == []


def test_the_region_is_the_one_that_the_aws_cli_takes(
    endpoint: Endpoint, compilations: Compilations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_REGION goes before AWS_DEFAULT_REGION, and is enough."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    monkeypatch.setenv("AWS_REGION", endpoint.region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "mars-north-1")
    done = omegac(compilations["alone"].spec.folder, "outputs", "--stack", "shop")
    assert done.code == 0, done.err
