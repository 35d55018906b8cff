"""A model of what must hold of every command, walked at random: statuses, consent, faults, and somebody else at work.

OMEGAC_MODEL_EXAMPLES makes it more walks, OMEGAC_MODEL_SEED others (`make model`).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import boto3
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from omegac.cloud import Cloud
from omegac.template import Compilation
from tests.endpoint import Endpoint
from tests.operations.scene import SPEC, TABLE, compiled
from tests.operations.walk import Ground, Walk
from tests.operations.worlds import SERVICES

EXAMPLES = int(os.environ.get("OMEGAC_MODEL_EXAMPLES", "60"))
SEED = os.environ.get("OMEGAC_MODEL_SEED")
STEPS = 20
MORE = {
    "keyed": TABLE.replace("AttributeName: id", "AttributeName: number"),
    "kept": TABLE.replace("Policy: Delete", "Policy: Retain"),
}
"""Beside the services of the other tests, one whose table has another key, and one whose table is kept."""


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, compilations: Mapping[str, Compilation]
) -> Iterator[Mapping[str, Compilation]]:
    """What is deployed on the walks."""
    folder = tmp_path_factory.mktemp("model")
    made = {name: compiled(folder / name, SPEC + text) for name, text in MORE.items()}
    yield {name: {**compilations, **made}[name] for name in SERVICES}
    for compilation in made.values():
        compilation.artifact.content.close()


def test_whatever_happens_nothing_is_lost_and_every_command_ends(
    endpoint: Endpoint, services: Mapping[str, Compilation], record_property: Callable[[str, object], None]
) -> None:
    """On no walk is anything destroyed without consent, left behind unsaid, or said wrongly."""
    ground = Ground(endpoint, Cloud(), boto3.client("cloudformation"), services, Counter())

    class Here(Walk):
        def __init__(self) -> None:
            super().__init__(ground)

    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=SEED is None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here if SEED is None else seed(int(SEED))(Here), settings=chosen)
    record_property("commands", ground.ways.total())
    reached = {way.removeprefix("deploy ") for way in ground.ways if way.startswith("deploy ")}
    assert reached >= {"done", "refused", "unchanged"}, ground.ways
