"""13xx: the artifact."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM1301": Code(
        "the artifact is missing, empty or of the wrong kind",
        explanation="""\
`artifact` names what runs: a folder or a .zip file inside of the spec's folder. Nothing is there, or it holds no file
that is not left out, or it lies outside, where another checkout would not have it. The spec's own folder is refused
too: what one build writes would become part of the next, and so is a build folder (`--out`) inside of the artifact.

Correct the path. Where a command makes the artifact, name it by `artifact: {path: dist, build: make dist}`; omegac runs
it first. An empty artifact is mostly due to `ignore` or to `.omegacignore`.
""",
        bad="""\
artifact: dist
functions:
  hello: {runtime: python3.13, handler: hello.handler}
""",
        good="""\
artifact: app
functions:
  hello: {runtime: python3.13, handler: hello.handler}
""",
    ),
    "OM1302": Code(
        "a file of the artifact cannot be read",
        explanation="""\
The zip holds the bytes of ordinary files. This one cannot be opened, is a pipe, a socket or a device, or changed while
it was being read, so that its bytes are neither those from before nor those from after.

Mend its permissions, end what writes to it, or leave it out, by a pattern under `artifact.ignore` or in
`.omegacignore`.
""",
        bad="""\
$ mkfifo app/queue
$ omegac build
""",
        good="""\
$ mkfifo app/queue
$ echo queue > app/.omegacignore
$ omegac build
""",
    ),
    "OM1303": Code(
        "a link leads out of the artifact, or in a circle",
        explanation="""\
A zip has the content of what a link leads to, as Lambda and Windows keep no links. One that leads out of the artifact
would pack a file of this machine, which another one may not have, or which was never to be published; one that leads to
a folder around itself never ends, and one that leads to nothing has no content.

Copy the file into the artifact, let `build` do so, or leave the link out.
""",
        bad="""\
$ ln -s ../omega.yaml app/spec.yaml
$ omegac build
""",
        good="""\
$ cp omega.yaml app/spec.yaml
$ omegac build
""",
    ),
    "OM1304": Code(
        "a file name that a zip cannot carry the same way everywhere",
        explanation="""\
The same artifact is unpacked by Lambda and by `unzip` on each instance, and is to give the same files. Some names do
not: those with a backslash, which is a folder to one and a character to another, with control characters or with bytes
that are no UTF-8; two names that differ only in how an accent is encoded; and, in a finished zip, names that are there
twice, lead out of it (`../x`), are within a file or too long for a file system.

Rename the file, or leave it out.
""",
        bad=r"""$ touch 'app/static\page.html'
$ omegac build
""",
        good="""\
$ mkdir app/static
$ touch app/static/page.html
$ omegac build
""",
    ),
    "OM1305": Code(
        "the artifact is too large for a function",
        explanation="""\
Lambda takes a function's code up to 262,144,000 bytes unzipped (its quota of 250 MB), together with its layers, whose
size omegac does not know. Functions and servers run one artifact, so that the bound holds as soon as there is a
function; a service of servers alone has none.

Leave out what is not needed when it runs, such as tests and caches; the hint names the largest files. Fetch models and
other data from a bucket at the start.
""",
        bad="""\
$ python3 -c 'open("app/model.bin", "wb").truncate(300_000_000)'
$ omegac build
""",
        good="""\
$ python3 -c 'open("app/model.bin", "wb").truncate(300_000_000)'
$ echo '*.bin' > app/.omegacignore
$ omegac build
""",
    ),
    "OM1306": Code(
        "the artifact's build command failed",
        explanation="""\
`artifact.build` is run before the artifact is read, in the spec's folder and without a shell: its words are those of
the command, and `&&`, `*` or `$HOME` mean nothing to it. It could not be started, or it ended with a code other than 0;
the hint repeats the last lines that it printed.

Run the command by hand in the spec's folder. What takes a shell goes into a script or a Makefile, or is written `[sh,
-c, "…"]`.
""",
        bad="""\
artifact: {path: app, build: cp hello.py app/main.py}
functions:
  hello: {runtime: python3.13, handler: main.handler}
""",
        good="""\
artifact: {path: app, build: cp app/hello.py app/main.py}
functions:
  hello: {runtime: python3.13, handler: main.handler}
""",
    ),
    "OM1307": Code(
        "the artifact is not a readable zip file",
        explanation="""\
A finished zip is taken as it is, once every entry has been read to its end. This one is no zip, is cut off or damaged,
is encrypted, or is packed by a method that not every `unzip` knows: Lambda and instances take entries that are stored
or deflated.

Make the zip again, or name its folder as the artifact and leave the zipping to omegac.
""",
        bad=r"""$ printf 'omega: 1\nservice: Example\nartifact: app.zip\n' > omega.yaml
$ tar -cf app.zip app
$ omegac build
""",
        good=r"""$ printf 'omega: 1\nservice: Example\nartifact: app.zip\n' > omega.yaml
$ python3 -m zipfile -c app.zip app/hello.py
$ omegac build
""",
    ),
}
