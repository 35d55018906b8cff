"""Consoles: what an operation says, on a terminal, in a log and to a program, and what it asks."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from omegac.console import talk
from omegac.console.json_lines import JsonLines
from omegac.console.lines import Lines, Streams
from omegac.console.secrets import Secrets
from omegac.console.sentences import amount, duration, ending
from omegac.console.terminal import Terminal
from omegac.console.tree import Tree
from omegac.deployment.changes import Change, Changes
from omegac.deployment.events import STACK, Event
from omegac.deployment.talk import (
    Choice,
    Described,
    Found,
    Happened,
    Note,
    Outcome,
    Outputs,
    Planned,
    Record,
    Result,
    Standing,
    Upload,
)
from omegac.diagnostics import fault
from omegac.source import Source, Span

GOLDEN = Path(__file__).parent / "console"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ROOT = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"
CHANGES = Changes((Change("add", "Jobs", "AWS::SQS::Queue"),))
REFUSED = (
    'Resource handler returned message: "Role with name web\x1b[2J already exists." (HandlerErrorCode: AlreadyExists)'
)


def happened(
    seconds: int, path: str, status: str, reason: str | None = None, kind: str = "AWS::SQS::Queue"
) -> Happened:
    """Something that happened to a resource; to the stack itself, where the path is empty."""
    *around, name = path.split("/")
    stack_id = "/".join([ROOT, *around])
    own = ("shop", ROOT, STACK) if not path else (name, name.lower(), kind)
    time = START + timedelta(seconds=seconds)
    return Happened(
        Event(f"{seconds} {path} {status}", time, stack_id, tuple(around), *own, status, reason, None, None)
    )


STORY = [
    happened(0, "", "UPDATE_IN_PROGRESS", "User Initiated"),
    happened(1, "Role", "UPDATE_IN_PROGRESS", kind="AWS::IAM::Role"),
    happened(2, "Inner", "CREATE_IN_PROGRESS", kind=STACK),
    happened(3, "Inner/Jobs", "CREATE_IN_PROGRESS"),
    happened(4, "Inner/Mails", "CREATE_IN_PROGRESS"),
    happened(9, "Inner/Jobs", "CREATE_COMPLETE"),
    happened(10, "Table", "CREATE_IN_PROGRESS", kind="AWS::DynamoDB::Table"),
    happened(71, "Role", "UPDATE_FAILED", REFUSED, "AWS::IAM::Role"),
    happened(72, "Table", "CREATE_FAILED", "Resource creation cancelled", "AWS::DynamoDB::Table"),
    happened(73, "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Role]."),
    happened(74, "Role", "UPDATE_IN_PROGRESS", kind="AWS::IAM::Role"),
    happened(80, "Role", "UPDATE_COMPLETE", kind="AWS::IAM::Role"),
    happened(81, "Table", "DELETE_COMPLETE", kind="AWS::DynamoDB::Table"),
    happened(82, "Inner/Mails", "DELETE_IN_PROGRESS"),
    happened(90, "Inner/Mails", "DELETE_FAILED", "has a dependent object"),
    happened(99, "Inner/Mails", "DELETE_COMPLETE"),
    happened(100, "Inner/Jobs", "DELETE_COMPLETE"),
    happened(101, "Inner", "DELETE_COMPLETE", kind=STACK),
    happened(3700, "", "UPDATE_ROLLBACK_COMPLETE"),
]
FAILED = Result("deploy", "shop", "failed", "UPDATE_ROLLBACK_COMPLETE")


def golden(name: str, text: str) -> None:
    """Compares a text with the file that holds it."""
    path = GOLDEN / name
    if REWRITE:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


class Moment(NamedTuple):
    """When a tree is looked at, and how much room there is."""

    name: str
    seconds: int
    columns: int = 100
    most: int | None = None


@pytest.mark.parametrize(
    "moment",
    [
        Moment("begun", 1),
        Moment("under-way", 70),
        Moment("failing", 72),
        Moment("rolling-back", 90),
        Moment("ended", 4000),
        Moment("narrow", 72, 40),
        Moment("low", 72, 100, 5),
        Moment("tiny", 72, 9, 2),
    ],
    ids=lambda moment: moment.name,
)
def test_a_tree_at_a_moment(moment: Moment) -> None:
    """The tree of a deployment that fails and is rolled back, at several moments and in little room."""
    tree, now = Tree(), START + timedelta(seconds=moment.seconds)
    for record in STORY:
        if record.event.time <= now:
            tree.see(record.event)
    lines = tree.lines(now, moment.columns, moment.most)
    assert len(lines) <= (moment.most or 100)
    assert all(len(line.text) <= moment.columns for line in lines)
    golden(f"{moment.name}.txt", "".join(f"{line.text.rstrip()}\n" for line in lines))


@pytest.mark.parametrize("columns", range(4))
@pytest.mark.parametrize("most", range(4))
def test_a_tree_in_no_room(columns: int, most: int) -> None:
    """However small a terminal is, the tree takes no more than there is."""
    tree = Tree()
    for record in STORY:
        tree.see(record.event)
    lines = tree.lines(START, columns, most)
    assert len(lines) <= most
    assert all(len(line.text) <= columns for line in lines)


def test_a_status_is_shown_before_its_event_has_come() -> None:
    """The stack's own line has the status that was seen last, and no time as long as none is known."""
    tree = Tree()
    assert tree.is_empty
    tree.stand("shop", "CREATE_IN_PROGRESS")
    assert [line.text for line in tree.lines(START, 80)] == ["shop  CREATE_IN_PROGRESS"]


def spoken(console: str, *records: Record, **streams: Any) -> tuple[str, str]:
    """What a console writes to standard output, and to standard error."""
    stdout, stderr = io.StringIO(), io.StringIO()
    speaker = JsonLines(stdout) if console == "json" else Lines(Streams(None, stdout, stderr, **streams))
    for record in records:
        speaker.say(record)
    return stdout.getvalue(), stderr.getvalue()


SAID: list[Record] = [
    Note("the artifact is new"),
    Upload("app.zip", 0, 2_500_000),
    Upload("app.zip", 2_500_000, 2_500_000),
    Planned("shop", "omegac-1", CHANGES),
    Standing("shop", "UPDATE_IN_PROGRESS"),
    Standing("shop", "UPDATE_IN_PROGRESS"),
    *STORY[:3],
    STORY[7],
    Found(fault("OM6201", "Role (AWS::IAM::Role) was not updated", hint="leave the name out")),
    Outputs("shop", {"Url": "https://example.org/", "Arn": "arn:aws:sqs:1"}),
    Described(
        "shop", {"status": "UPDATE_COMPLETE", "protected": True, "updated": START, "parameters": {"Level": "info"}}
    ),
    FAILED,
]


def test_a_log_has_a_line_for_each_event() -> None:
    """In a log each event has its line; what is asked for goes to standard output, all else to standard error."""
    stdout, stderr = spoken("text", *SAID, clock=lambda: START)
    golden("lines.out", stdout)
    golden("lines.err", stderr)


def test_programs_get_an_object_a_line() -> None:
    """Each record is a JSON object in a line of its own, a status where it has changed, and one result, the last."""
    stdout, stderr = spoken("json", *SAID, FAILED, Note("too late"))
    golden("records.jsonl", stdout)
    types = [json.loads(line)["type"] for line in stdout.splitlines()]
    assert (types.count("status"), types.count("result"), types[-1], stderr) == (1, 1, "result", "")


def test_a_log_does_not_fall_silent() -> None:
    """After a minute without anything new, a line says that it goes on."""
    times = iter([START, *[START + timedelta(seconds=second) for second in (30, 61, 62, 100)], *[START] * 9])
    _, stderr = spoken("text", *[Standing("shop", "UPDATE_IN_PROGRESS")] * 4, clock=lambda: next(times))
    assert stderr == "shop is still UPDATE_IN_PROGRESS after 1m 01s\n"


@pytest.mark.parametrize("console", ["text", "json"])
def test_a_secret_never_leaves(console: str) -> None:
    """A text that is hidden shows in no record, in whatever part of it, however it is escaped."""
    hidden = 'p"ss\tword'
    said: list[Record] = [
        Note(f"it is {hidden}!"),
        happened(0, "Jobs", "CREATE_FAILED", f"{hidden} is too short"),
        Found(fault("OM6201", hidden, hint=f"not {hidden}")),
        Outputs("shop", {"Key": hidden}),
        Described("shop", {"parameters": {"Password": hidden, "More": [hidden]}}),
    ]
    stdout, stderr = io.StringIO(), io.StringIO()
    speaker = JsonLines(stdout) if console == "json" else Lines(Streams(None, stdout, stderr))
    speaker.hide(hidden)
    for record in said:
        speaker.say(record)
    text = stdout.getvalue() + stderr.getvalue()
    assert text.count("****") == 7
    assert not re.search("ss.{1,2}word", text.replace("Password", ""))


def test_secrets_within_each_other_are_hidden_whole() -> None:
    """Where one secret is a part of another, nothing of either is left; an empty one hides nothing."""
    secrets = Secrets()
    for text in ("keys", "", "monkeys"):
        secrets.add(text)
    assert secrets.hidden_in("monkeys and keys") == "**** and ****"


@pytest.mark.parametrize(
    ("secret", "text", "hidden"),
    [
        ("a", "a banana, 'a': a-b a.b a/b, and a.", "**** banana, '****': a-b a.b a/b, and ****."),
        ("abcd", "abcdabcd-xabcdx", "********-x****x"),
        ("!!", "Hello!! !!", "Hello!! !!"),
        (" \n", "a b\n \n", "a b\n \n"),
        ("  padded  ", "it is padded", "it is ****"),
        ("short,longer-one", "short and longer-one", "short and ****"),
        ("top secret", "dG9wIHNlY3JldA== or top+secret or top%20secret", "**** or **** or ****"),
        ('a"\u00e4\n', r"a\"\u00e4\n", "****\\n"),
        ("\udcff-secret", "\udcff-secret", "****"),
    ],
)
def test_a_secret_is_found_in_what_is_made_of_it(secret: str, text: str, hidden: str) -> None:
    """Its lines and items, and what JSON, addresses and Fn::Base64 make of it, are hidden; common words are not."""
    secrets = Secrets()
    secrets.add(secret)
    assert secrets.hidden_in(text) == hidden


def test_the_terms_of_a_record_are_no_secrets() -> None:
    """Keys, and what programs tell records apart by, stay where a secret is the same word; what AWS says does not."""
    secrets = Secrets()
    for each in ("deploy", "failed", "ROLLBACK_COMPLETE", "Table", "add", "Jobs", "AWS::SQS::Queue", "Told"):
        secrets.add(each)
    result = Result("deploy", "the Table", "failed", "UPDATE_ROLLBACK_COMPLETE")
    assert secrets.hidden(result) == result._replace(stack="the ****")
    assert secrets.hidden(CHANGES) == CHANGES
    assert secrets.hidden(Outputs("shop", {"Told": "Told"})) == Outputs("shop", {"Told": "****"})


@pytest.mark.parametrize("column", range(60, 120, 7))
def test_a_line_is_cut_after_its_secrets_are_hidden(column: int) -> None:
    """Of a secret that stands at the edge of what is shown of a line, no part is shown."""
    line = f"{'x' * column}{'s3cr3t' * 4}{'x' * 100}"
    source = Source("omega.yaml", f"{line}\n")
    stderr = io.StringIO()
    speaker = Lines(Streams(None, io.StringIO(), stderr))
    speaker.hide("s3cr3t" * 4)
    speaker.say(Found(fault("OM6002", "wrong", Span(source, 10, 12))))
    assert "omega.yaml:1:11" in stderr.getvalue()
    assert "s3" not in stderr.getvalue()


@pytest.mark.parametrize("console", ["text", "json"])
def test_a_reader_that_goes_away_ends_nothing(console: str) -> None:
    """A broken pipe is nobody's business but the reader's: saying goes on, to nobody."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        speaker = JsonLines(stream) if console == "json" else Lines(Streams(None, stream, stream))
        for record in SAID:
            speaker.say(record)


def asked(typed: str) -> Lines:
    """A console with somebody who types this, and then leaves."""
    return Lines(Streams(io.StringIO(typed), io.StringIO(), io.StringIO()))


CHOICE = Choice("What now?", ("detach", "cancel", "go on"))


def test_nobody_gives_the_safe_answers() -> None:
    """Where nobody is to be asked, or somebody has left, nothing is agreed to."""
    for speaker in (JsonLines(io.StringIO()), Lines(Streams(None, io.StringIO(), io.StringIO())), asked("")):
        assert not speaker.confirm("Go on?")
        assert not speaker.name("All is lost.", "Table")
        assert speaker.choose(CHOICE) == "detach"
        assert speaker.value("Level", "", secret=False) is None
    assert not JsonLines(io.StringIO()).answers
    assert asked("").answers


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("Yes \n", True), ("\n", False), ("yep\n", False)])
def test_only_a_yes_is_a_yes(typed: str, agreed: bool) -> None:  # noqa: FBT001 (pytest gives it by name)
    """Anything but a clear yes is a no."""
    assert asked(typed).confirm("Go on?") == agreed


def test_a_name_is_typed_in_full() -> None:
    """What cannot be undone is agreed to by its name, to the letter."""
    assert asked("Table\n").name("All of it is lost.", "Table")
    assert not asked("table\n").name("All of it is lost.", "Table")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("c\n", "cancel"), ("GO\n", "go on"), ("\n", "detach"), ("x\nc\n", "cancel"), ("x\n" * 5, "detach")],
)
def test_the_first_letter_of_an_answer_is_enough(typed: str, answer: str) -> None:
    """An answer that is none is asked for again, and not for ever."""
    assert asked(typed).choose(CHOICE) == answer


def test_changes_are_seen_by_whoever_is_asked_about_them() -> None:
    """Where standard output goes elsewhere, somebody at the terminal still sees what is to be confirmed."""
    stdout, stderr = io.StringIO(), io.StringIO()
    Lines(Streams(io.StringIO(), stdout, stderr)).say(Planned("shop", None, CHANGES))
    assert "Jobs" in stdout.getvalue()
    assert stderr.getvalue() == stdout.getvalue()


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_each_outcome_has_its_sentence(outcome: Outcome) -> None:
    """Each way to end is told apart from the others, with what is to be done from there."""
    golden(f"outcome-{outcome}.txt", ending(Result("deploy", "shop", outcome, "UPDATE_COMPLETE", "omegac-1")) + "\n")


def test_amounts_are_told_in_round_numbers() -> None:
    """Times and sizes are told as people say them; a clock that is behind gives no time below nothing."""
    times = [duration(timedelta(seconds=each)) for each in (-5, 59.9, 61, 3_600, 90_061)]
    assert times == ["0s", "59s", "1m 01s", "1h 00m", "25h 01m"]
    assert [amount(each) for each in (0, 999, 2_500, 27_100_000)] == ["0 bytes", "999 bytes", "2.5 kB", "27.1 MB"]


class Screen:
    """A terminal as a person sees it, by the few controls that a console uses."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self.row = 0

    def feed(self, text: str) -> None:
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif part.endswith("A") and part[0] == "\x1b":
                self.row -= int(part[2:-1])
                assert self.row >= 0, "above the top"
            elif part == "\x1b[J":
                self.lines = [*self.lines[: self.row], ""]
            elif part != "\r" and part[0] != "\x1b":
                self.lines[self.row] += part


class Sat(NamedTuple):
    """A terminal, and the console that somebody sits at."""

    console: Terminal
    keyboard: int
    """Where what is typed goes in, and what is shown comes out."""
    line: int

    def shown(self) -> str:
        """What has been written since the last time."""
        os.set_blocking(self.keyboard, False)
        text = b""
        try:
            while True:
                text += os.read(self.keyboard, 65536)
        except BlockingIOError:
            return text.decode().replace("\r\n", "\n")


@pytest.fixture
def sat() -> Iterator[Sat]:
    """Somebody at a terminal of 100 columns and 24 lines."""
    keyboard, line = pty.openpty()
    resize(line, 100, 24)
    with open(line, encoding="utf-8", closefd=False) as stdin, open(line, "w", encoding="utf-8", closefd=False) as out:
        environ = {"TERM": "xterm", "NO_COLOR": "1"}
        console = talk("text", (stdin, out, out), environ, (Planned, Outputs, Described))
        assert isinstance(console, Terminal)
        console.clock = lambda: START + timedelta(seconds=90)
        yield Sat(console, keyboard, line)
    os.close(keyboard)
    os.close(line)


def resize(line: int, columns: int, rows: int) -> None:
    ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def test_a_terminal_keeps_only_what_was_said_for_good(sat: Sat) -> None:
    """The tree is drawn in its place; in the end the screen has the notes, the whole tree once, and the result."""
    screen = Screen()
    told: list[Record] = [Note("uploading"), Upload("app.zip", 1_000, 2_000)]
    told += [*STORY[:10], Note("halfway"), *STORY[10:], FAILED]
    for record in told:
        sat.console.say(Standing("shop", "UPDATE_IN_PROGRESS"))
        sat.console.say(record)
        screen.feed(sat.shown())
    golden("screen.txt", "".join(f"{line.rstrip()}\n" for line in screen.lines))


def test_times_are_by_the_clock_of_events(sat: Sat) -> None:
    """What goes on is timed by AWS's clock, wherever this machine's stands."""
    sat.console.say(Standing("shop", "UPDATE_IN_PROGRESS", timedelta(hours=2)))
    sat.console.say(STORY[0])
    assert "shop  UPDATE_IN_PROGRESS  2h " in sat.shown()


def test_an_upload_has_a_bar(sat: Sat) -> None:
    """How much has been sent is drawn in place, and told once it is all."""
    screen = Screen()
    sat.console.say(Upload("app.zip", 500_000, 2_000_000))
    screen.feed(sat.shown())
    assert screen.lines == ["█████░░░░░░░░░░░░░░░ 500.0 kB of 2.0 MB  app.zip", ""]
    sat.console.say(Upload("app.zip", 2_000_000, 2_000_000))
    screen.feed(sat.shown())
    assert screen.lines == ["uploaded app.zip (2.0 MB)", ""]


def test_a_terminal_may_become_too_small(sat: Sat) -> None:
    """On a terminal that is resized to next to nothing, an operation goes on, and the block stays within the screen."""
    for columns, rows in [(100, 24), (7, 3), (1, 1), (0, 0), (100, 24)]:
        resize(sat.line, columns, rows)
        for record in STORY:
            sat.console.say(record)
        written = sat.shown()
        blocks = re.split(r"\x1b\[\d+A\r\x1b\[J", written)
        assert all(block.count("\n") <= max((rows or 24) - 1, 0) for block in blocks)


def test_no_control_character_reaches_the_terminal(sat: Sat) -> None:
    """A reason that would clear the screen is shown with a sign in the place of what is no text."""
    told: list[Record] = [STORY[7], FAILED]
    for record in told:
        sat.console.say(record)
    assert "\x1b[2J" not in sat.shown()


def test_a_secret_is_typed_unseen(sat: Sat) -> None:
    """A secret value is not shown while it is typed, nor afterwards; the terminal echoes again once it is there."""
    os.write(sat.keyboard, b"plain\n")
    assert sat.console.value("Level", "how much is logged", secret=False) == "plain"
    sat.shown()
    before = termios.tcgetattr(sat.line)
    # What is typed ahead is thrown away, so that it is not taken for the secret.
    os.write(sat.keyboard, b"ahead\n")
    typist = os.fork()
    if not typist:
        while termios.tcgetattr(sat.line)[3] & termios.ECHO:
            pass
        os.write(sat.keyboard, b"hunter2\n")
        os._exit(0)
    assert sat.console.value("Password", "", secret=True) == "hunter2"
    os.waitpid(typist, 0)
    assert termios.tcgetattr(sat.line) == before
    sat.console.say(Note("the password is hunter2"))
    shown = sat.shown()
    assert "hunter2" not in shown
    assert "Password: " in shown
    assert "the password is ****" in shown


def test_a_secret_that_is_pasted_at_the_question_is_unseen(sat: Sat) -> None:
    """The terminal has stopped showing what is typed by the time that it shows what is to be typed."""
    typist = os.fork()
    if not typist:
        shown = b""
        while not shown.endswith(b"Password: "):
            shown += os.read(sat.keyboard, 1)
        echoes = bool(termios.tcgetattr(sat.line)[3] & termios.ECHO)
        os.write(sat.keyboard, b"hunter2\n")
        os._exit(echoes)
    assert sat.console.value("Password", "", secret=True) == "hunter2"
    assert os.waitstatus_to_exitcode(os.waitpid(typist, 0)[1]) == 0
    assert sat.shown() == "\n"


def test_a_question_takes_the_place_of_the_tree(sat: Sat) -> None:
    """A question is asked where the tree was, which is drawn again below it afterwards."""
    screen = Screen()
    sat.console.say(STORY[0])
    threading.Timer(0.2, os.write, (sat.keyboard, b"c\n")).start()
    assert sat.console.choose(CHOICE) == "cancel"
    sat.console.say(Standing("shop", "UPDATE_IN_PROGRESS"))
    screen.feed(sat.shown())
    assert [line for line in screen.lines if line] == [
        "What now? [detach/cancel/go on] c",
        "shop  UPDATE_IN_PROGRESS  1m 30s",
    ]


@pytest.mark.parametrize(
    ("environ", "kind", "answers"),
    [
        ({"TERM": "xterm"}, Terminal, True),
        ({"TERM": "dumb"}, Lines, True),
        ({"TERM": "xterm", "CI": "true"}, Lines, False),
    ],
)
def test_who_is_talked_to(sat: Sat, environ: dict[str, str], kind: type, answers: bool) -> None:  # noqa: FBT001 (pytest gives it by name)
    """A tree needs a terminal that can move its cursor, and a question somebody who is there."""
    stream = sat.console.speech.stream
    with open(sat.line, encoding="utf-8", closefd=False) as stdin:
        console = talk("text", (stdin, stream, stream), environ, (Planned,))
        assert (type(console), console.answers) == (kind, answers)
        assert not talk("json", (stdin, stream, stream), environ, (Planned,)).answers
