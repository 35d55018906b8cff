"""The pass that makes the artifact: which files it takes, the bytes it makes of them, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omegac.artifact import Artifact
from omegac.diagnostics import Diagnostic, Rejected
from omegac.pack import HELD_IN_MEMORY, UNZIPPED_LIMIT, pack
from omegac.source import Origin, Origins, Source, Span, Traced
from omegac.zipping import NEVER_PACKED, Unfit, chunks, store, survey

Tree: TypeAlias = "dict[str, str | bytes | Tree]"

TREE: Tree = {"hello.py": "print('hello')\n", "lib": {"a.txt": "", "b": {"c.bin": bytes(range(256))}}, "é": "e"}
NOBODY = 65534
TREE_SHA256 = "fdc721235056bf8949b2fd29a8fab7684af0f2de3d927b2daa976e40c9018b10"


def grow(folder: Path, tree: Tree) -> None:
    """Writes a tree of files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tree.items():
        if isinstance(content, dict):
            grow(folder / name, content)
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def origin(name: str) -> Origin:
    """An origin that tells by its source which value it is of."""
    return Origin(Span(Source(name, name), 0, len(name)))


def described(**keys: Any) -> Traced:
    """A spec's `artifact`, of the path `app` unless another is given, with an origin for each key and pattern."""
    keys = {"path": "app", **keys}
    within: dict[str | int, Origins] = {key: Origins(origin(key)) for key in keys}
    if "ignore" in keys:
        within["ignore"] = Origins(
            origin("ignore"), {i: Origins(origin(f"ignore {i}")) for i in range(len(keys["ignore"]))}
        )
    return Traced(keys, Origins(origin("artifact"), within))


@contextmanager
def packed(folder: Path, *, for_function: bool = True, **keys: Any) -> Iterator[Artifact]:
    """An artifact whose content is closed in the end."""
    artifact = pack(described(**keys), folder, for_function=for_function)
    with artifact.content:
        yield artifact


def names(folder: Path, **keys: Any) -> list[str]:
    """The names in an artifact, in its order."""
    with packed(folder, **keys) as artifact, zipfile.ZipFile(artifact.content) as archive:
        return archive.namelist()


def refused(folder: Path, **keys: Any) -> list[Diagnostic]:
    """What packing is refused for."""
    with pytest.raises(Rejected) as caught, packed(folder, **keys):
        pass
    return list(caught.value.diagnostics)


def fault(folder: Path, **keys: Any) -> tuple[str, str, str]:
    """Code, message and place of the one fault that packing is refused for, which has a way out."""
    (diagnostic,) = refused(folder, **keys)
    assert diagnostic.span
    assert diagnostic.hint
    return diagnostic.code, diagnostic.message, diagnostic.span.source.name


def run(program: str, environment: dict[str, str]) -> str:
    """What a program prints that is run by a Python of its own."""
    command, root = [sys.executable, "-c", program], Path(__file__).parent.parent
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder, and no right to read what is forbidden in it, even if the tests are run by root."""
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        if user == 0:
            os.chown(name, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(user)


# The bytes


def test_equal_trees_give_equal_bytes(tmp_path: Path) -> None:
    """The zip depends on names and contents alone: not on order, times, modes, or where the folder lies."""
    grow(tmp_path / "one" / "app", TREE)
    umask = os.umask(0o077)
    try:
        grow(tmp_path / "two" / "app", dict(reversed(TREE.items())))
    finally:
        os.umask(umask)
    for path in (tmp_path / "two").rglob("*"):
        os.utime(path, (2**30, 2**30))
    (tmp_path / "one" / "app" / "hello.py").chmod(0o444)
    with packed(tmp_path / "one") as one, packed(tmp_path / "two") as two:
        assert one.content.read() == two.content.read()
        assert one.sha256 == two.sha256


def test_the_bytes_are_the_same_everywhere(tmp_path: Path) -> None:
    """A fixed tree has a fixed digest, on every machine and in every Python."""
    grow(tmp_path / "app", TREE)
    with packed(tmp_path) as artifact:
        assert artifact.sha256 == TREE_SHA256


def test_the_locale_has_no_say(tmp_path: Path) -> None:
    """Names are UTF-8 even where Python takes file names for ASCII."""
    grow(tmp_path / "app", TREE)
    program = f"""
from pathlib import Path
from omegac.pack import pack
from omegac.source import Origins, Traced
artifact = pack(Traced({{"path": "app"}}, Origins(None)), Path({str(tmp_path)!r}), for_function=True)
artifact.content.close()
print(artifact.sha256)
"""
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert run(program, ascii_only) == f"{TREE_SHA256}\n"


def test_every_entry_is_settled(tmp_path: Path) -> None:
    """Each entry is stored, so that no zlib has a say, of one time, mode and system, and without extra fields."""
    grow(tmp_path / "app", TREE)
    (tmp_path / "app" / "hello.py").chmod(0o600)
    with packed(tmp_path) as artifact, zipfile.ZipFile(artifact.content) as archive:
        assert archive.infolist()
        for info in archive.infolist():
            assert (info.compress_type, info.compress_size) == (zipfile.ZIP_STORED, info.file_size)
            assert (info.date_time, info.external_attr) == ((1980, 1, 1, 0, 0, 0), 0o100755 << 16)
            assert (info.create_system, info.extra, info.comment) == (3, b"", b"")


def test_names_are_sorted_by_their_bytes(tmp_path: Path) -> None:
    """Entries are in the order of their names' UTF-8 bytes; folders have none of their own."""
    tree: Tree = {"\U0001f600": "", "\uff5e": "", "é": "", "a": {"b-c": "", "b": ""}, "a.b": "", "a-b": "", "Z": ""}
    grow(tmp_path / "app", {**tree, "empty": {}})
    assert names(tmp_path) == ["Z", "a-b", "a.b", "a/b", "a/b-c", "é", "\uff5e", "\U0001f600"]
    assert names(tmp_path) == sorted(names(tmp_path), key=str.encode)


def test_an_artifact_knows_its_digest_and_sizes(tmp_path: Path) -> None:
    """Digest and sizes are those of the bytes, which are at their start; the origin is that of `artifact`."""
    grow(tmp_path / "app", {"a": "four", "b": "fourteen"})
    spec = described()
    artifact = pack(spec, tmp_path, for_function=True)
    with artifact.content as content:
        whole = content.read()
    digest = hashlib.sha256(whole)
    assert (artifact.sha256, artifact.key_name) == (digest.hexdigest(), f"{digest.hexdigest()}.zip")
    assert base64.b64decode(artifact.code_sha256) == digest.digest()
    assert (artifact.size, artifact.unzipped_size) == (len(whole), 12)
    assert artifact.origin is spec.origin


SEGMENTS = (
    st.text(st.characters(exclude_categories=["Cc", "Cn", "Cs"], exclude_characters="/\\"), min_size=1, max_size=12)
    .map(lambda name: normalize("NFC", name))
    .filter(lambda name: name not in {".", "..", ".omegacignore", *NEVER_PACKED} and not name.endswith(".pyc"))
)
TREES = st.recursive(
    st.dictionaries(SEGMENTS, st.binary(max_size=64), max_size=4),
    lambda trees: st.dictionaries(SEGMENTS, st.binary(max_size=64) | trees, max_size=4),
    max_leaves=8,
)


def flat(tree: Tree, above: str = "") -> dict[str, bytes]:
    """The files of a tree by path."""
    files: dict[str, bytes] = {}
    for name, content in tree.items():
        if isinstance(content, dict):
            files |= flat(content, f"{above}{name}/")
        else:
            files[above + name] = content.encode() if isinstance(content, str) else content
    return files


@given(TREES)
@settings(deadline=None, max_examples=60)
def test_every_tree_comes_out_as_it_went_in(tree: Tree) -> None:
    """Whatever the names and contents, unzipping gives the files that were packed."""
    files = flat({**tree, "there is always one": b""})
    with tempfile.TemporaryDirectory() as folder:
        grow(Path(folder) / "app", {**tree, "there is always one": b""})
        with packed(Path(folder)) as artifact, zipfile.ZipFile(artifact.content) as archive:
            assert archive.testzip() is None
            assert {name: archive.read(name) for name in archive.namelist()} == files
            assert artifact.unzipped_size == sum(map(len, files.values()))


def test_large_files_are_not_held_in_memory(tmp_path: Path) -> None:
    """A folder and a zip of 60 MB are packed in a small part of that memory."""
    grow(tmp_path / "app", {"small": "x"})
    os.truncate(tmp_path / "app" / "small", 60_000_000)
    tracemalloc.start()
    try:
        with packed(tmp_path) as artifact, (tmp_path / "app.zip").open("wb") as file:
            shutil.copyfileobj(artifact.content, file)
        with packed(tmp_path, path="app.zip") as again:
            assert again.sha256 == artifact.sha256
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_nothing_costly_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    """Importing the pass imports neither zip nor subprocess; packing without patterns never imports pathspec."""
    grow(tmp_path / "app", {"a": ""})
    program = f"""
import sys
from pathlib import Path
from omegac.pack import pack
from omegac.source import Origins, Traced
print(*{{"zipfile", "subprocess", "tempfile", "pathspec"}} & set(sys.modules))
pack(Traced({{"path": "app", "ignore": []}}, Origins(None)), Path({str(tmp_path)!r}), for_function=True).content.close()
print("pathspec" in sys.modules)
"""
    assert run(program, {**os.environ}) == "\nFalse\n"


# Which files


def test_what_differs_between_checkouts_stays_out(tmp_path: Path) -> None:
    """Bytecode, git's data, Finder's and the ignore file itself are left out at any depth, whatever patterns say."""
    junk: Tree = {"__pycache__": {"a": ""}, "a.pyc": "", ".git": {"config": ""}, ".DS_Store": "", "kept.py": ""}
    grow(tmp_path / "app", {**junk, "sub": {**junk, ".git": "gitdir: elsewhere"}, ".omegacignore": "!*\n"})
    assert names(tmp_path, ignore=["!*", "!**/__pycache__/**", "!.omegacignore"]) == ["kept.py", "sub/kept.py"]


def test_the_ignore_file_and_then_the_spec_leave_files_out(tmp_path: Path) -> None:
    """Patterns are gitignore's; those of the spec come after those of the file, and the last that matches decides."""
    lines = "\ufeff*.log\r\n# comment\r\n\r\n/only-here\n!keep.log\nfolder/\ntrailing\\ \n"
    files: Tree = {"a.log": "", "keep.log": "", "only-here": "", "folder": {"x": ""}, "x.txt": "", "trailing ": ""}
    sub: Tree = {"only-here": "", "b.log": "", "folder": "a file", "c.txt": ""}
    grow(tmp_path / "app", {**files, "sub": sub, ".omegacignore": lines})
    assert names(tmp_path) == ["keep.log", "sub/c.txt", "sub/folder", "sub/only-here", "x.txt"]
    spec = ["*.txt", "!a.log", "# no pattern", "", "sub/folder"]
    assert names(tmp_path, ignore=spec) == ["a.log", "keep.log", "sub/only-here"]


def test_nothing_below_an_excluded_folder_comes_back(tmp_path: Path) -> None:
    """As in git, a folder left out is not looked into: its files neither return nor are found at fault."""
    grow(tmp_path / "app", {"out": {"in.txt": "", "b\\ad": ""}, "kept.txt": "", "part": {"x": "", "y": ""}})
    (tmp_path / "app" / "out" / "link").symlink_to("nowhere")
    assert names(tmp_path, ignore=["out/", "!out/in.txt", "part/*", "!part/y"]) == ["kept.txt", "part/y"]


GIT_FOLDERS = ("", "a/", "b/", "a/b/", "a/a/", "b/a/b/")
GIT_PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.sampled_from(["a", "b", "*", "**", "*.py", "?", "[!a]", "c.*"]), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "/"]),
)


@pytest.fixture(scope="module")
def git_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with files in folders, named alike at each depth."""
    if not shutil.which("git"):
        pytest.skip("needs git to compare with")
    folder = tmp_path_factory.mktemp("git")
    for inner in GIT_FOLDERS:
        grow(folder / "app" / inner, {"c.py": "", "d.txt": ""})
    subprocess.run(["git", "init", "--quiet", folder / "app"], check=True)
    return folder


@given(st.lists(GIT_PATTERNS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_patterns_mean_what_they_mean_to_git(git_folder: Path, patterns: list[str]) -> None:
    """What the patterns leave in is what git would track with the same patterns as its only excludes."""
    excludes = "\n".join([*patterns, "!/c.py"])
    (git_folder / "excludes").write_text(excludes)
    listing = ["git", "ls-files", "--others", "--exclude-from", "../excludes"]
    listed = subprocess.run(listing, cwd=git_folder / "app", capture_output=True, text=True, check=True)
    assert names(git_folder, ignore=excludes.splitlines()) == sorted(listed.stdout.splitlines())


def test_bad_patterns_are_refused_where_they_stand(tmp_path: Path) -> None:
    """All patterns that match nothing are refused at once, each at its line of the file or its place in the spec."""
    grow(tmp_path / "app", {"a": "", ".omegacignore": "fine\n[a\n!\n"})
    diagnostics = refused(tmp_path, ignore=["fine", "[z-a]", "[[:alpha:]]", "/", "end\\"])
    assert {d.code for d in diagnostics} == {"OM1106"}
    places = [(d.span.source.name, d.span.line, d.span.end - d.span.start) for d in diagnostics if d.span]
    assert places[:2] == [("app/.omegacignore", 2, 2), ("app/.omegacignore", 3, 1)]
    assert [name for name, *_ in places[2:]] == ["ignore 1", "ignore 2", "ignore 3", "ignore 4"]
    assert all(d.hint for d in diagnostics)


def test_an_ignore_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """An ignore file that is not UTF-8 is refused, and not read as something else."""
    grow(tmp_path / "app", {"a": "", ".omegacignore": b"caf\xe9\n"})
    assert fault(tmp_path) == ("OM1302", '".omegacignore" cannot be read: it is not UTF-8 text', "path")


# Names


def test_names_are_normalised(tmp_path: Path) -> None:
    """A name is stored in normal form C, and patterns of either form match it."""
    grow(tmp_path / "app", {"cafe\u0301": {"e\u0301": ""}, "u\u0308": "", "x": ""})
    assert names(tmp_path) == ["caf\u00e9/\u00e9", "x", "\u00fc"]
    assert names(tmp_path, ignore=["\u00fc"]) == names(tmp_path, ignore=["u\u0308"]) == ["caf\u00e9/\u00e9", "x"]


@pytest.mark.parametrize("twin", ["a file", {"x": "in a folder"}])
def test_names_of_one_normal_form_are_refused(tmp_path: Path, twin: str | Tree) -> None:
    """Two names that normalise to one are refused together, be they files or folders."""
    grow(tmp_path / "app", {"\u00e9": "one", "e\u0301": twin})
    code, message, _ = fault(tmp_path)
    assert code == "OM1304"
    assert "'\\xe9'" in message
    assert "'e\\u0301'" in message


@pytest.mark.parametrize(
    ("name", "shown", "flaw"),
    [
        (b"a\\b", "a\\\\b", "a backslash"),
        (b"a\nb", "a\\nb", "a control character"),
        (b"\x7f", "\\x7f", "a control character"),
        (b"caf\xe9", "caf\\udce9", "bytes that are not UTF-8"),
        ("\uffff".encode(), "\\uffff", "a character unknown to Unicode"),
        (b"\x01\\", "\\x01\\\\", "a backslash and a control character"),
    ],
)
def test_names_that_not_every_zip_can_carry_are_refused(tmp_path: Path, name: bytes, shown: str, flaw: str) -> None:
    """Names that unpackers read in different ways are refused, and shown with escapes."""
    grow(tmp_path / "app" / os.fsdecode(name), {"below": ""})
    assert fault(tmp_path) == ("OM1304", f'"{shown}" holds {flaw}', "path")


# Links


def test_links_inside_are_followed(tmp_path: Path) -> None:
    """Links to files and folders of the artifact are stored as what they lead to, even twice or by a full path."""
    app = tmp_path / "app"
    grow(app, {"real": {"x": "content"}})
    (app / "file").symlink_to("real/x")
    (app / "folder").symlink_to("real")
    (app / "full").symlink_to(app / "real")
    (app / "chain").symlink_to("folder/x")
    with packed(tmp_path) as artifact, zipfile.ZipFile(artifact.content) as archive:
        assert archive.namelist() == ["chain", "file", "folder/x", "full/x", "real/x"]
        assert {archive.read(name) for name in archive.namelist()} == {b"content"}
        assert {info.external_attr for info in archive.infolist()} == {0o100755 << 16}
    assert names(tmp_path, ignore=["folder/", "full"]) == ["chain", "file", "real/x"]
    (tmp_path / "alias").symlink_to("app")
    assert names(tmp_path, path="alias") == names(tmp_path)


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("../secret", "out of the artifact"),
        ("/", "out of the artifact"),
        ("../app-too/x", "out of the artifact"),
        ("nothing", "to nothing"),
        ("x/nothing", "to nothing"),
        ("link", "in a circle"),
    ],
)
def test_links_that_lead_elsewhere_are_refused(tmp_path: Path, target: str, where: str) -> None:
    """A link out of the folder, to nothing or to itself is refused, and shown with what is written in it."""
    grow(tmp_path, {"app": {"x": ""}, "app-too": {"x": ""}, "secret": ""})
    (tmp_path / "app" / "link").symlink_to(target)
    assert fault(tmp_path) == ("OM1303", f'the link "link" leads {where}: "{target}"', "path")


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    """A link to a folder that it is reached through, by itself or by other links, is refused."""
    grow(tmp_path / "app", {"a": {"x": ""}, "b": {"y": ""}})
    (tmp_path / "app" / "a" / "up").symlink_to("..")
    assert fault(tmp_path) == ("OM1303", 'the link "a/up" leads in a circle', "path")
    (tmp_path / "app" / "a" / "up").unlink()
    (tmp_path / "app" / "a" / "over").symlink_to("../b")
    (tmp_path / "app" / "b" / "back").symlink_to("../a")
    messages = ['the link "a/over/back" leads in a circle', 'the link "b/back/over" leads in a circle']
    assert [(d.code, d.message) for d in refused(tmp_path)] == [("OM1303", message) for message in messages]


# What cannot be read


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO and a socket are refused without being opened, which could wait for ever."""
    grow(tmp_path / "app", {"x": ""})
    monkeypatch.chdir(tmp_path / "app")
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        diagnostics = refused(tmp_path)
    assert [(d.code, d.message) for d in diagnostics] == [
        ("OM1302", f'"{name}" is a FIFO, a socket or a device') for name in ("fifo", "socket")
    ]


def test_what_is_forbidden_is_refused() -> None:
    """Files, folders and ignore files that may not be read are refused, and so are a folder or a zip as a whole."""
    with unprivileged() as folder:
        grow(folder, {"app": {"file": "", "folder": {"x": ""}, "x": ""}, "app.zip": ""})
        (folder / "app" / "file").chmod(0)
        (folder / "app" / "folder").chmod(0)
        (folder / "app" / "link").symlink_to("folder/x")
        messages = [f'"{name}" cannot be read: Permission denied' for name in ("file", "folder/", "link")]
        assert [(d.code, d.message) for d in refused(folder)] == [("OM1302", message) for message in messages]
        (folder / "app").chmod(0)
        assert fault(folder) == ("OM1302", '"." cannot be read: Permission denied', "path")
        (folder / "app.zip").chmod(0)
        assert fault(folder, path="app.zip") == ("OM1302", '"app.zip" cannot be read: Permission denied', "path")
        grow(folder / "other", {".omegacignore": ""})
        (folder / "other" / ".omegacignore").chmod(0)
        assert fault(folder, path="other") == ("OM1302", '".omegacignore" cannot be read: Permission denied', "path")


def test_files_that_change_between_listing_and_reading_are_refused(tmp_path: Path) -> None:
    """A file that grew, shrank or vanished since it was listed is refused; the others are still read."""
    grow(tmp_path, {"grows": "123", "same": "123", "shrinks": "123", "vanishes": "123"})
    members, unfit = survey(str(tmp_path), lambda _name, _is_folder: False)
    assert unfit == []
    (tmp_path / "grows").write_text("1234")
    (tmp_path / "shrinks").write_text("12")
    (tmp_path / "vanishes").unlink()
    with tempfile.TemporaryFile() as file:
        assert [(problem.name, problem.code, problem.message) for problem in store(members, file)] == [
            ("grows", "OM1302", '"grows" changed while it was read'),
            ("shrinks", "OM1302", '"shrinks" changed while it was read'),
            ("vanishes", "OM1302", '"vanishes" cannot be read: No such file or directory'),
        ]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """A file that is written to while it is read is refused, even if its size stays the same."""
    grow(tmp_path, {"log": bytes(3 << 20)})
    ((member,), _) = survey(str(tmp_path), lambda _name, _is_folder: False)
    reading = chunks(member)
    next(reading)
    (tmp_path / "log").write_bytes(b"x" * member.size)
    os.utime(tmp_path / "log", (0, 0))
    with pytest.raises(Unfit, match="changed while it was read"):
        list(reading)


def test_a_file_that_grows_without_end_is_not_read_without_end(tmp_path: Path) -> None:
    """Reading stops soon after the size that was listed."""
    grow(tmp_path, {"log": "123"})
    ((member,), _) = survey(str(tmp_path), lambda _name, _is_folder: False)
    os.truncate(tmp_path / "log", 50 << 20)
    read: list[bytes] = []
    with pytest.raises(Unfit, match="changed while it was read"):
        read.extend(chunks(member))
    assert sum(map(len, read)) < 2 << 20


@pytest.mark.skipif(not os.path.exists("/proc/sys/kernel/random/boot_id"), reason="needs a file larger than it says")
def test_a_file_that_is_not_as_large_as_it_says_is_refused() -> None:
    """What turns out only when it is read is refused by the pass as well."""
    diagnostics = refused(Path("/proc/sys/kernel"), path="random", ignore=["*", "!boot_id", "!uuid"])
    assert [(d.code, d.message) for d in diagnostics] == [
        ("OM1302", f'"{name}" changed while it was read') for name in ("boot_id", "uuid")
    ]


def test_all_faults_are_shown_sorted(tmp_path: Path) -> None:
    """Whatever their kind, all faults come at once, in the order of the names."""
    grow(tmp_path / "app", {"z\\": "", "b": {"d\\": ""}, "ok": "", "k\\": {"x": ""}})
    for name in ("a", "b/c", "y"):
        (tmp_path / "app" / name).symlink_to("/")
    os.mkfifo(tmp_path / "app" / "m")
    codes = ["OM1303", "OM1303", "OM1304", "OM1304", "OM1302", "OM1303", "OM1304"]
    assert [d.code for d in refused(tmp_path)] == codes


# The artifact as a whole


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing", '"missing" does not exist'),
        ("missing.zip", '"missing.zip" does not exist'),
        ("app/../text", '"text" is neither a folder nor a .zip file'),
        ("empty", "the artifact has no files"),
        ("nul\0", '"nul\\x00" does not exist'),
        ("/app", '"/app" is not inside the spec\'s folder'),
        ("..", '".." is not inside the spec\'s folder'),
        ("app/../../app", '"app/../../app" is not inside the spec\'s folder'),
    ],
)
def test_what_is_no_artifact_is_refused(tmp_path: Path, path: str, message: str) -> None:
    """A path that is missing, empty, of the wrong kind or outside of the spec's folder is refused."""
    grow(tmp_path, {"app": {"x": ""}, "text": "", "empty": {"folder": {}}})
    assert fault(tmp_path, path=path) == ("OM1301", message, "path")


def test_an_artifact_with_all_files_left_out_is_refused(tmp_path: Path) -> None:
    """Patterns that leave nothing in are refused like an empty folder."""
    grow(tmp_path / "app", {"x": "", "y": {"z": ""}})
    assert fault(tmp_path, ignore=["*"]) == ("OM1301", "the artifact has no files", "path")


@pytest.mark.parametrize("path", ["..app", "./app/", "app/../app"])
def test_paths_inside_the_folder_are_taken(tmp_path: Path, path: str) -> None:
    """Names that begin with dots, and detours within the spec's folder, are taken."""
    grow(tmp_path, {"app": {"x": ""}, "..app": {"x": ""}})
    assert names(tmp_path, path=path)[-1].endswith("x")


def test_an_artifact_too_large_for_a_function_is_refused(tmp_path: Path) -> None:
    """Over Lambda's limit the five largest files are named, before anything is zipped."""
    grow(tmp_path / "app", {str(number): "" for number in range(7)})
    sizes = [UNZIPPED_LIMIT - 20, *range(1, 7)]
    for number, size in enumerate(sizes):
        os.truncate(tmp_path / "app" / str(number), size)
    (diagnostic,) = refused(tmp_path)
    assert diagnostic.code == "OM1305"
    assert diagnostic.message == "the artifact has 262,144,001 bytes unzipped; a function takes 262,144,000 at most"
    assert diagnostic.hint
    assert diagnostic.hint.endswith('"0" (262,143,980), "6" (6), "5" (5), "4" (4), "3" (3)')


def test_the_limit_is_for_functions_alone(tmp_path: Path) -> None:
    """A function takes an artifact of just the limit; a server takes one that is larger."""
    finished(tmp_path, *"abcd", content="x" * (UNZIPPED_LIMIT // 4))
    with packed(tmp_path, path="app.zip") as artifact:
        assert artifact.unzipped_size == UNZIPPED_LIMIT
    with zipfile.ZipFile(tmp_path / "app.zip", "a") as archive:
        archive.writestr("one more", "x")
    with packed(tmp_path, path="app.zip", for_function=False) as artifact:
        assert artifact.unzipped_size == UNZIPPED_LIMIT + 1
    assert fault(tmp_path, path="app.zip")[0] == "OM1305"


# A finished zip


def finished(folder: Path, *entries: str, content: str = "content " * 20, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip made elsewhere."""
    with zipfile.ZipFile(folder / "app.zip", "w", method) as archive:
        for name in entries:
            archive.writestr(zipfile.ZipInfo(name), "" if name.endswith("/") else content, method, 1)
    return folder / "app.zip"


def test_a_finished_zip_is_taken_byte_for_byte(tmp_path: Path) -> None:
    """A .zip file is the artifact as it is; its unzipped size is that of its files."""
    whole = finished(tmp_path, "b", "a/", "a/x").read_bytes()
    with packed(tmp_path, path="app.zip", ignore=[]) as artifact:
        assert artifact.content.read() == whole
        assert artifact.sha256 == hashlib.sha256(whole).hexdigest()
        assert (artifact.size, artifact.unzipped_size) == (len(whole), 320)


def test_a_folder_named_like_a_zip_is_a_folder(tmp_path: Path) -> None:
    """What a path is decides, and not its name."""
    grow(tmp_path / "app.zip", {"x": ""})
    assert names(tmp_path, path="app.zip") == ["x"]


@pytest.mark.parametrize("length", [0, 1, 30, -1])
def test_a_truncated_zip_is_refused(tmp_path: Path, length: int) -> None:
    """A zip that was not copied to its end is refused."""
    path = finished(tmp_path, "a")
    path.write_bytes(path.read_bytes()[:length])
    assert fault(tmp_path, path="app.zip") == ("OM1307", "the artifact is no zip file, or a damaged one", "path")


def test_damaged_entries_are_refused(tmp_path: Path) -> None:
    """Every entry whose content is not what its checksum says is refused."""
    path = finished(tmp_path, "a", "b", "c", method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"content", b"CONTENT", 30))
    diagnostics = refused(tmp_path, path="app.zip")
    shown = "is damaged, encrypted, or neither stored nor deflated"
    assert [(d.code, d.message) for d in diagnostics] == [("OM1307", f'the entry "{name}" {shown}') for name in "ab"]


@pytest.mark.parametrize("offset", [2**32, 2**62, 2**63, 2**64 - 1])
@pytest.mark.parametrize("ahead", [0, HELD_IN_MEMORY])
def test_entries_that_lie_nowhere_are_refused(tmp_path: Path, offset: int, ahead: int) -> None:
    """An entry that the directory finds far outside of the zip is refused, be the zip in memory or on disk."""
    info = zipfile.ZipInfo("a")
    info.extra = struct.pack("<HHQ", 1, 8, offset)  # zip64's, which holds what the directory has no room for
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr(info, "content")
    content = bytearray((tmp_path / "app.zip").read_bytes())
    place = content.index(b"PK\1\2") + 42  # the entry's offset in the directory
    content[place : place + 4] = b"\xff" * 4
    (tmp_path / "app.zip").write_bytes(bytes(ahead) + content)
    assert fault(tmp_path, path="app.zip")[0] == "OM1307"


def test_entries_with_less_than_they_promise_are_refused(tmp_path: Path) -> None:
    """An entry whose content ends before its size, as the directory has it, is refused."""
    path = finished(tmp_path, "a", method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\1\2") + 20  # the entry's two sizes in the directory
    content[place : place + 8] = struct.pack("<LL", 10**6, 10**6)
    path.write_bytes(content)
    assert fault(tmp_path, path="app.zip")[0] == "OM1307"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_entries_that_lambda_cannot_unpack_are_refused(tmp_path: Path, method: int) -> None:
    """Entries that are neither stored nor deflated are refused."""
    finished(tmp_path, "a", method=method)
    assert fault(tmp_path, path="app.zip")[0] == "OM1307"


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    """Entries that need a password are refused."""
    path = finished(tmp_path, "a")
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag, in the entry's own header
    content[content.index(b"PK\1\2") + 8] |= 1  # and in the directory
    path.write_bytes(content)
    assert fault(tmp_path, path="app.zip")[0] == "OM1307"


def test_entries_with_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    """Absolute names, those with `..` and those of a drive are refused, all at once; `..` in a name is not."""
    bad = ["../up", "/full", "C:/drive", "\\back", "a/../../up", "a\\..\\..\\up"]
    finished(tmp_path, *bad, "a..b", "..c/d", "e:f")
    diagnostics = refused(tmp_path, path="app.zip")
    assert {d.code for d in diagnostics} == {"OM1304"}
    shown = [repr(name)[1:-1] for name in sorted(bad)]
    assert [d.message for d in diagnostics] == [f'the entry "{name}" leads out of the zip' for name in shown]


def test_entries_without_a_name_are_refused(tmp_path: Path) -> None:
    """An entry whose name ends before it begins, at a zero byte, is refused."""
    path = finished(tmp_path, "a")
    content = bytearray(path.read_bytes())
    content[30] = 0  # the name, in the entry's own header
    content[content.index(b"PK\1\2") + 46] = 0  # and in the directory
    path.write_bytes(content)
    assert fault(tmp_path, path="app.zip") == ("OM1304", "an entry of the zip has no name", "path")


def test_entries_that_no_file_system_takes_are_refused(tmp_path: Path) -> None:
    """A file within a file is refused, and a name of which a part is too long; a folder of its own is not."""
    finished(tmp_path, "a", "a/b", "a/b/c", "d/", "d/e", f"f/{'ä' * 128}", f"{'g' * 255}/h")
    messages = [diagnostic.message for diagnostic in refused(tmp_path, path="app.zip")]
    assert messages == [
        'the entry "a/b" lies in "a", which is a file',
        'the entry "a/b/c" lies in "a", which is a file',
        f'the entry "f/{"ä" * 128}" has a part of more than 255 bytes',
    ]


def test_entries_with_one_name_are_refused(tmp_path: Path) -> None:
    """A name that is there twice is refused, as unpackers differ in which they keep."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        finished(tmp_path, "a", "a")
    assert fault(tmp_path, path="app.zip") == ("OM1304", 'the entry "a" is there twice', "path")


@pytest.mark.parametrize("entries", [[], ["folder/"]])
def test_a_zip_without_files_is_refused(tmp_path: Path, entries: list[str]) -> None:
    """A zip that holds nothing, or folders alone, is refused like an empty folder."""
    finished(tmp_path, *entries)
    assert fault(tmp_path, path="app.zip") == ("OM1301", "the artifact has no files", "path")


@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_damaged_zip_never_crashes_the_pass(damage: list[tuple[int, int]], spilled: bool) -> None:  # noqa: FBT001
    """Whatever bytes of a zip are changed, it is taken or refused, be it held in memory or on disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = bytearray(finished(folder, "é", "b").read_bytes())
        for place, byte in damage:
            content[place % len(content)] = byte
        (folder / "app.zip").write_bytes(bytes(9_000_000 if spilled else 0) + content)
        codes = set()
        try:
            with packed(folder, path="app.zip") as artifact:
                size = artifact.size
        except Rejected as rejected:
            codes = {d.code for d in rejected.diagnostics}
        assert codes <= {"OM1301", "OM1304", "OM1305", "OM1307"}
        assert codes or size == (folder / "app.zip").stat().st_size


# The build command


@pytest.mark.parametrize("build", ["mkdir -p 'app/a b'", ["mkdir", "-p", "app/a b"]])
def test_a_build_runs_first_in_the_specs_folder(tmp_path: Path, build: str | list[str]) -> None:
    """A command, in words or as a string split as a shell splits it, makes the folder that is packed."""
    assert fault(tmp_path, build=build) == ("OM1301", "the artifact has no files", "path")
    assert (tmp_path / "app" / "a b").is_dir()


def test_a_build_may_be_a_script_beside_the_spec(tmp_path: Path) -> None:
    """A relative command is found from the spec's folder, and its files are in the artifact."""
    script = "#!/bin/sh\nmkdir app\necho made > app/file\n"
    grow(tmp_path, {"make.sh": script})
    (tmp_path / "make.sh").chmod(0o700)
    assert names(tmp_path, build="./make.sh") == ["file"]


def test_a_build_prints_to_stderr_and_reads_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a build prints goes to stderr, whichever way it prints it; what it reads is empty."""
    grow(tmp_path, {"app": {"x": ""}, "typed": "this is for omegac\n"})
    stdin = os.dup(0)
    with (tmp_path / "typed").open() as typed:
        os.dup2(typed.fileno(), 0)
    try:
        with packed(tmp_path, build=["sh", "-c", "echo out; echo err >&2; printf 'raw \\377'; cat"]):
            pass
    finally:
        os.dup2(stdin, 0)
        os.close(stdin)
    assert capfd.readouterr() == ("", "out\nerr\nraw \ufffd")


def test_a_build_is_not_waited_for_by_what_it_leaves(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What it leaves in the background may hold its output, or print to it for ever."""
    grow(tmp_path / "app", {"x": ""})
    for left in ("while sleep 1; do :; done", "while echo on; do sleep 0.01; done"):
        with packed(tmp_path, build=["sh", "-c", f"({left}) & echo $! > left; echo built"]):
            pass
        os.kill(int((tmp_path / "left").read_text()), signal.SIGKILL)
        assert "built\n" in capfd.readouterr().err


def test_a_build_is_heard_to_its_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What it prints by way of another program may come a little after its end, and the error on a line of its own."""
    grow(tmp_path / "app", {"x": ""})
    (diagnostic,) = refused(tmp_path, build=["sh", "-c", "(sleep 0.1; printf late) & echo on; exit 3"])
    assert diagnostic.hint == "it printed last:\non\nlate"
    assert capfd.readouterr().err == "on\nlate\n"


def test_only_the_end_of_what_a_build_prints_is_kept(tmp_path: Path) -> None:
    """A line without an end is repeated by its end alone."""
    grow(tmp_path / "app", {"x": ""})
    (diagnostic,) = refused(tmp_path, build=["sh", "-c", "head -c 9000000 /dev/zero | tr '\\0' x; echo; exit 3"])
    assert diagnostic.hint
    assert diagnostic.hint.startswith("it printed last:\n…xxx")
    assert len(diagnostic.hint) < 11_000


def test_a_build_has_no_shell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing in a command is expanded."""
    grow(tmp_path / "app", {"x": ""})
    with packed(tmp_path, build="echo $HOME * 'a;b' http://x?a=1&b=2 -> s|a|b| \\\n '&&' \\;\n"):
        pass
    assert capfd.readouterr().err == "$HOME * a;b http://x?a=1&b=2 -> s|a|b| && ;\n"


@pytest.mark.parametrize(
    ("between", "operator"),
    [
        (" && ", "&&"),
        (" &&", "&&"),
        ("&& ", "&&"),
        ("&&", "&&"),
        (" || ", "||"),
        (" | ", "|"),
        (" |", "|"),
        ("; ", ";"),
        (" ;", ";"),
        (";", ";"),
        (" & ", "&"),
        ("& ", "&"),
        (" > ", ">"),
        (" 2>&1 ", ">&"),
        (" &> ", "&>"),
        (" < ", "<"),
        ("| ", "|"),
        (" # ", "#"),
        ("\n", "a new line"),
        (" \\\\\n", "a new line"),
    ],
)
def test_a_build_for_a_shell_is_not_run(tmp_path: Path, between: str, operator: str) -> None:
    """What removes one thing and then makes another would remove both."""
    grow(tmp_path, {"app": {"x": ""}, "src": "kept"})
    code, message, place = fault(tmp_path, build=f"rm -rf app{between}cp src app")
    assert (code, place) == ("OM1106", "build")
    assert message == f"the build command is run without a shell, which {operator} is for"
    assert (tmp_path / "src").read_text() == "kept"


def test_a_failed_build_is_refused_with_its_last_lines(tmp_path: Path) -> None:
    """A build that fails is refused with its exit code and the end of what it printed, and nothing is packed."""
    grow(tmp_path / "app", {"x": ""})
    build = ["sh", "-c", "for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 3"]
    (diagnostic,) = refused(tmp_path, build=build)
    assert diagnostic.code == "OM1306"
    assert diagnostic.message.startswith("the build command \"sh -c 'for i in")
    assert diagnostic.message.endswith("exited with 3")
    assert diagnostic.hint == "\n".join(["it printed last:", *(f"line {number}" for number in range(3, 8))])
    assert diagnostic.span
    assert diagnostic.span.source.name == "build"


@pytest.mark.parametrize(
    ("build", "code", "message"),
    [
        ("false", "OM1306", 'the build command "false" exited with 1'),
        (["sh", "-c", "kill -9 $$"], "OM1306", "the build command \"sh -c 'kill -9 $$'\" was ended by signal 9"),
        ("./none x", "OM1306", 'the build command "./none" cannot be run: No such file or directory'),
        ("./app", "OM1306", 'the build command "./app" cannot be run: Permission denied'),
        (["a\0"], "OM1306", 'the build command "a\\x00" cannot be run: embedded null byte'),
        ("'open", "OM1106", "the build command does not split into words: no closing quotation"),
        ("  ", "OM1106", "the build command has no words"),
    ],
)
def test_a_build_that_cannot_be_run_is_refused(tmp_path: Path, build: str | list[str], code: str, message: str) -> None:
    """A command that fails in silence, is killed, not found or no command is refused at `build`."""
    grow(tmp_path / "app", {"x": ""})
    assert fault(tmp_path, build=build) == (code, message, "build")


def test_a_path_is_refused_before_the_build_runs(tmp_path: Path) -> None:
    """A path that can never be right is refused without running anything."""
    assert fault(tmp_path, path="../app", build="mkdir ran")[0] == "OM1301"
    assert not (tmp_path / "ran").exists()


def test_the_folder_of_the_spec_is_no_artifact(tmp_path: Path) -> None:
    """The spec's own folder would hold what each build writes, so that no two builds were the same."""
    grow(tmp_path / "app", TREE)
    for path in (".", "./", "app/.."):
        code, message, _ = fault(tmp_path, path=path)
        assert code == "OM1301"
        assert "the spec's own folder" in message


def test_patterns_beside_a_finished_zip_are_refused(tmp_path: Path) -> None:
    """`ignore` chooses nothing in a finished zip, and is not ignored itself."""
    (tmp_path / "app.zip").write_bytes(b"")
    assert fault(tmp_path, path="app.zip", ignore=["*.md"])[0] == "OM1110"
