"""Why an operation failed: causes among consequences, reasons without noise, the line and the way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from omegac.codes import CODES
from omegac.deployment.causes import causes, cleaned, diagnostics, refusal
from omegac.deployment.events import STACK, Event
from omegac.deployment.hints import REASONS, SIGNALS, Known, signal_way_out, way_out
from omegac.deployment.places import NOWHERE, Places

ROOT = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CANCELLED = "Resource creation cancelled"
GONE = "The following resource(s) failed to create: [Role]. Rollback requested by user."
HANDLED = 'Resource handler returned message: "{}" (RequestToken: 2, HandlerErrorCode: {})'
MAP = """\
{"version": 1, "template": "", "sources": [{"name": "omega.yaml", "sha256": "another"}], "origins": {
  "": {"via": "spec", "at": [0, 1, 1, 9, 1]},
  "/Resources/Hello": {"via": "spec", "at": [0, 5, 3, 5, 20]},
  "/Resources/Hello/Properties/Code": {"via": "spec", "at": [0, 3, 1, 3, 9]},
  "/Resources/Hello/Properties/Code/S3Key": {"via": "spec", "at": [0, 3, 7, 3, 9]},
  "/Resources/Hello/Properties/Timeout": {"via": "spec", "at": [0, 5, 12, 5, 14]},
  "/Resources/Inner": {"via": "spec", "at": [0, 7, 3, 7, 9]}
}}
"""
PLACES = Places(MAP, Path("nowhere"))


class Told(NamedTuple):
    """What is told of a resource, in short; the stack itself is the empty path."""

    path: str
    status: str
    reason: str | None = None
    type: str = "AWS::SQS::Queue"


def events(*told: Told) -> list[Event]:
    """Events, a second from each to the next."""
    return [_event(second, each) for second, each in enumerate(told)]


def _event(second: int, told: Told) -> Event:
    *around, name = told.path.split("/")
    stack_id = "/".join([ROOT, *around])
    owned = not name or name == "."
    return Event(
        id=str(second),
        time=START + timedelta(seconds=second),
        stack_id=stack_id,
        stack_path=tuple(around),
        logical_id="shop" if owned else name,
        physical_id=stack_id if owned else name.lower(),
        type=STACK if owned else told.type,
        status=told.status,
        reason=told.reason,
        token=None,
        detailed_status=None,
    )


def found(*told: Told) -> list[str]:
    """The paths of what is the cause."""
    return ["/".join(event.path) for event in causes(events(*told))]


def test_a_cause_is_told_from_what_follows() -> None:
    """What was cancelled beside a failure, and the stack around it, is not a cause."""
    failed = Told("Role", "CREATE_FAILED", "Role with name web already exists.")
    others = [Told("Jobs", "CREATE_FAILED", CANCELLED), Told("", "ROLLBACK_IN_PROGRESS", GONE)]
    assert found(Told("Role", "CREATE_IN_PROGRESS"), failed, *others, Told("Role", "DELETE_COMPLETE")) == ["Role"]


def test_a_consequence_that_is_told_first_is_none() -> None:
    """The order does not make a cause: what was cancelled may be told before what it was cancelled for."""
    assert found(Told("Jobs", "UPDATE_FAILED", "Resource update cancelled"), Told("Role", "UPDATE_FAILED", "No")) == [
        "Role"
    ]


def test_several_may_fail_at_once() -> None:
    """Failures with reasons of their own are all causes, in the order of time."""
    assert found(
        Told("B", "CREATE_FAILED", "No"), Told("A", "CREATE_FAILED", "No"), Told("", "ROLLBACK_IN_PROGRESS")
    ) == [
        "B",
        "A",
    ]


def test_a_nested_stack_is_no_cause_where_its_own_resource_is() -> None:
    """The failure inside of a nested stack stands for the stack's, however deep; else the stack's own is."""
    inner = Told("Inner/Deep/Jobs", "CREATE_FAILED", "Access Denied")
    deep = Told("Inner/Deep", "CREATE_FAILED", "Embedded stack was not successfully created", STACK)
    outer = Told("Inner", "CREATE_FAILED", "Embedded stack was not successfully created", STACK)
    assert found(inner, Told("Inner/Deep/.", "CREATE_FAILED", GONE), deep, outer) == ["Inner/Deep/Jobs"]
    assert found(outer) == ["Inner"]


def test_a_failed_rollback_comes_after_what_it_was_for() -> None:
    """What keeps a rollback from its end is told too, unless a later attempt has mended it."""
    story = [
        Told("Jobs", "UPDATE_FAILED", "No"),
        Told("", "UPDATE_ROLLBACK_IN_PROGRESS"),
        Told("Mails", "DELETE_FAILED", "Throttling"),
        Told("Mails", "DELETE_COMPLETE"),
        Told("Jobs", "UPDATE_FAILED", "Still no"),
        Told("", "UPDATE_ROLLBACK_FAILED"),
    ]
    assert [event.reason for event in causes(events(*story))] == ["No", "Still no"]


def test_a_resource_that_fails_again_and_again_is_told_once() -> None:
    """CloudFormation tries to delete several times; the first failure stands for all."""
    assert [event.id for event in causes(events(*[Told("Jobs", "DELETE_FAILED", "has a dependent object")] * 3))] == [
        "0"
    ]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            HANDLED.format(
                "The role cannot be assumed. (Service: Lambda, Status Code: 400, Request ID: 1)", "InvalidRequest"
            ),
            "The role cannot be assumed. (InvalidRequest)",
        ),
        (
            HANDLED.format('Not "so" (in quotes) (Service: Ec2, Request ID: 1) (SDK Attempt Count: 1)', "NotFound"),
            'Not "so" (in quotes) (NotFound)',
        ),
        (
            "It is not empty (Service: Amazon S3; Error Code: BucketNotEmpty; Request ID: 2/=; Proxy: null)",
            "It is not empty (BucketNotEmpty)",
        ),
        (
            HANDLED.format("null", "InternalFailure"),
            "no reason is given (InternalFailure)",
        ),
        ("AlreadyExists it is (HandlerErrorCode: AlreadyExists)", "AlreadyExists it is"),
        ("Encoded authorization failure message: Xy1_0123456789abcdefgh", "Encoded authorization failure message: …"),
        ("", "no reason is given"),
        ("Access Denied", "Access Denied"),
    ],
)
def test_a_reason_is_shown_without_noise(reason: str, text: str) -> None:
    """What the clients of AWS add goes, but for the code of the error."""
    assert cleaned(reason) == text


@pytest.mark.parametrize(
    ("reason", "line", "column"),
    [
        ("Model validation failed (#/Code/S3Key: expected type: String, found: JSONArray)", 3, 7),
        ("Properties validation failed for resource Hello with message: #/Timeout: 1000 is not at most 900", 5, 12),
        (
            "Properties validation failed with message: #: extraneous key [Timeout] is not permitted",
            5,
            12,
        ),
        ("Value of property Timeout must be of type Integer", 5, 12),
        ("Encountered unsupported property Colour", 5, 3),
        ("Access Denied", 5, 3),
    ],
)
def test_a_failure_is_shown_where_it_is_written(reason: str, line: int, column: int) -> None:
    """The place is that of the property that the reason names, or else of the resource."""
    (diagnostic,) = diagnostics(events(Told("Hello", "CREATE_FAILED", reason)), PLACES)
    assert diagnostic.code == "OM6201"
    assert diagnostic.message == f"Hello (AWS::SQS::Queue) was not created: {reason}"
    assert diagnostic.span
    assert (diagnostic.span.line, diagnostic.span.column) == (line, column)


def test_a_failure_in_a_nested_stack_is_shown_at_that() -> None:
    """The map is that of the root's template: inside of a nested stack, the place is where the stack is written."""
    (diagnostic,) = diagnostics(events(Told("Inner/Jobs", "UPDATE_FAILED", "#/Timeout: no")), PLACES)
    assert diagnostic.message == "Inner/Jobs (AWS::SQS::Queue) was not updated: #/Timeout: no"
    assert diagnostic.span
    assert diagnostic.span.line == 7


def test_a_failure_of_the_rollback_is_told_apart() -> None:
    """What could not be changed back was updated: it is the way back that failed."""
    story = [
        Told("Hello", "UPDATE_FAILED", "Access Denied"),
        Told("", "UPDATE_ROLLBACK_IN_PROGRESS"),
        Told("Jobs", "UPDATE_FAILED", "locked by someone"),
        Told("", "UPDATE_ROLLBACK_FAILED"),
    ]
    assert [each.message.partition(") ")[2] for each in diagnostics(events(*story), NOWHERE)] == [
        "was not updated: Access Denied",
        "was not rolled back: locked by someone",
    ]


def test_missing_signals_have_a_code_of_their_own() -> None:
    """Where no instance said that it is up, the hint says what to look at."""
    (diagnostic,) = diagnostics(events(Told("Hello", "CREATE_FAILED", SIGNALS[0].said[0])), PLACES)
    assert diagnostic.code == "OM6203"
    assert "/var/log/cloud-init-output.log" in (diagnostic.hint or "")


VALIDATION = {
    "EventType": "VALIDATION_ERROR",
    "LogicalResourceId": "Hello",
    "ResourceType": "AWS::Lambda::Function",
    "ValidationName": "PROPERTY_VALIDATION",
    "ValidationStatus": "FAILED",
    "ValidationFailureMode": "FAIL",
    "ValidationStatusReason": "Required property [S3Key] not found",
}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/Resources/Hello/Properties/Code", (3, 1)),
        ("/Properties/Timeout", (5, 12)),
        ("/Resources/Hello/Properties/", (5, 3)),
        (None, (5, 3)),
    ],
)
def test_a_validation_is_shown_where_it_points(path: str | None, place: tuple[int, int]) -> None:
    """An early validation's path leads to its line, whether it starts at the template or at the resource."""
    (diagnostic,) = diagnostics([], PLACES, [{**VALIDATION, "ValidationPath": path}])
    assert diagnostic.code == "OM6202"
    assert diagnostic.message == (
        "CloudFormation refused Hello (AWS::Lambda::Function) before it changed anything: "
        "Required property [S3Key] not found (PROPERTY_VALIDATION)"
    )
    assert diagnostic.span
    assert (diagnostic.span.line, diagnostic.span.column) == place


@pytest.mark.parametrize("change", [{"ValidationFailureMode": "WARN"}, {"ValidationStatus": "SKIPPED"}])
def test_a_validation_that_refuses_nothing_is_no_failure(change: dict[str, str]) -> None:
    """One that only warns, or was skipped, did not end the operation."""
    assert diagnostics([], PLACES, [{**VALIDATION, **change}, {"EventType": "STACK_EVENT"}]) == ()


def test_the_stack_itself_says_why_where_no_resource_does() -> None:
    """A deployment that was cancelled, or took too long, has its reason from the stack."""
    story = [
        Told("", "UPDATE_IN_PROGRESS", "User Initiated"),
        Told("Jobs", "UPDATE_FAILED", "Resource update cancelled"),
        Told("", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated"),
        Told("", "UPDATE_ROLLBACK_COMPLETE"),
    ]
    (diagnostic,) = diagnostics(events(*story), NOWHERE)
    assert (diagnostic.code, diagnostic.span) == ("OM6204", None)
    assert diagnostic.message == "the stack shop came to UPDATE_ROLLBACK_IN_PROGRESS: User Initiated"
    assert diagnostics(events(Told("", "UPDATE_COMPLETE")), PLACES) == ()


def test_a_change_set_that_failed_says_why() -> None:
    """Without more to go by, the reason of the change set is shown, with what is known of it."""
    diagnostic = refusal("The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation].", PLACES)
    assert diagnostic.code == "OM6202"
    assert diagnostic.severity == CODES["OM6202"].severity == "error"


@pytest.mark.parametrize("known", [*SIGNALS, *REASONS], ids=lambda known: known.said[0][:30])
def test_each_known_reason_has_its_own_way_out(known: Known) -> None:
    """What AWS has said gets the way out that stands beside it, and no other one's."""
    beginning = known.way_out.partition("{")[0]
    for reason in known.said:
        hint = way_out(reason)
        assert hint
        assert hint.startswith(beginning), (reason, hint)
        assert "None" not in hint
        assert (signal_way_out(reason) is not None) == (known in SIGNALS)


def test_a_way_out_names_what_the_reason_does() -> None:
    """Who lacks which right, and which stack has a name or imports a value, is told."""
    refused = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: iam:CreateRole on resource: web"
    assert (way_out(refused) or "").startswith("arn:aws:iam::123456789012:user/ada needs the right to iam:CreateRole,")
    assert "needs the right to s3:PutBucketPolicy" in (way_out("API: s3:PutBucketPolicy Access Denied") or "")
    exported = "Export shop-Url cannot be deleted as it is in use by web and mail."
    assert (way_out(exported) or "").startswith("shop-Url is imported by web and mail:")
    assert way_out("Something that nobody has ever said") is None
