"""10xx: the file of a spec, and its YAML."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM1001": Code(
        "the file cannot be read",
        explanation="""\
omegac reads specs, templates and scripts from ordinary files. There is none at this path, or it is a folder, a pipe or
a device, or its permissions do not let you read it. A command that is given no file takes `omega.yaml` of the folder
that it runs in.

Give the path as seen from where the command runs. `omegac userdata -` reads a script from standard input.
""",
        bad="""\
$ omegac build nowhere.yaml
""",
        good="""\
$ omegac build omega.yaml
""",
    ),
    "OM1002": Code(
        "the file is not UTF-8 text",
        explanation="""\
A text in another encoding, such as Latin-1 or UTF-16, would be read with wrong letters in it, and those would end up in
descriptions, tags and scripts without anyone noticing. omegac reads UTF-8, with or without a byte order mark, and does
not guess. The place shown is the first byte that is not UTF-8.

Save the file as UTF-8; `iconv -f latin1 -t utf-8` converts one.
""",
        bad=r"""$ printf 'description: Gr\374ezi\n' >> omega.yaml
$ omegac build
""",
        good=r"""$ printf 'description: Gr\303\274ezi\n' >> omega.yaml
$ omegac build
""",
    ),
    "OM1003": Code(
        "the text is not YAML",
        explanation="""\
The file does not follow YAML's syntax from the place shown, or holds a character that YAML does not allow. Often the
cause is a little before that place: a colon and a space inside of a text, a quote or a bracket that is never closed, a
line indented by a tab, or a text that begins with `%`, `@` or a backquote.

Put the text in quotes, close what is open, and indent by spaces.
""",
        bad="""\
description: Greets: by name and by hour
""",
        good="""\
description: "Greets: by name and by hour"
""",
    ),
    "OM1004": Code(
        "a key is written twice in one mapping",
        explanation="""\
YAML wants the keys of a mapping to be unique, yet most readers keep the last one and say nothing: what was written
first has no effect, which is found out in production. Keys are the same if their texts are, whatever the quotes.

Rename one of the two, or put their contents together. A key that is written beside a merge (`<<`) is no second one: it
goes before what is merged.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
  hello: {runtime: python3.13, handler: hello.goodbye}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
  goodbye: {runtime: python3.13, handler: hello.goodbye}
""",
    ),
    "OM1005": Code(
        "a plain scalar means one thing to one YAML reader and another to the next",
        explanation="""\
YAML 1.1, which CloudFormation and many tools read, and YAML 1.2 differ on what is written without quotes: `on`, `no`
and `off` are booleans to one and text to the other, `010` is eight or ten, `12:30` is 750 or a text. A number such as
`1.10` is the same to both, but loses its last zero on the way, which turns one version into another.

omegac takes none of the two for granted. Put the value in quotes where text is meant, and write the number or the
boolean in the form that both share (`true`, `8`, `1.1`) where that is. In a template that others wrote such a value is
read as text.
""",
        bad="""\
environment: {FEATURE: on, VERSION: 1.10}
""",
        good="""\
environment: {FEATURE: "on", VERSION: "1.10"}
""",
    ),
    "OM1006": Code(
        "nested too deeply",
        explanation="""\
Mappings and lists may stand in each other 100 levels deep. No spec comes near that, and files far beyond it bring
readers of YAML to crash. Such a file is mostly made by a program that went wrong, or made to do harm.

Look at what wrote the file.
""",
        bad="""\
$ python3 -c 'print("metadata: {Deep: ", "[" * 200, "]" * 200, "}")' >> omega.yaml
$ omegac build
""",
        good="""\
$ python3 -c 'print("metadata: {Deep: ", "[" * 20, "]" * 20, "}")' >> omega.yaml
$ omegac build
""",
    ),
    "OM1007": Code(
        "an alias that stands for nothing, contains itself or grows beyond measure",
        explanation="""\
An alias such as `*shared` repeats what an anchor, `&shared`, was put before, so the anchor has to come first, and must
not be around the alias. A few lines of aliases of aliases can stand for billions of values; a document may hold
200,000, each alias counted with all that it stands for. A long document without an alias is held to that number too.

Put the anchor where the text first stands. CloudFormation itself takes no aliases: omegac writes them out.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, environment: *shared}
  goodbye: {runtime: python3.13, handler: hello.goodbye, environment: &shared {LEVEL: info}}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, environment: &shared {LEVEL: info}}
  goodbye: {runtime: python3.13, handler: hello.goodbye, environment: *shared}
""",
    ),
    "OM1008": Code(
        "a tag that is not an intrinsic's",
        explanation="""\
A tag says what the value after it is. In a spec, as in a CloudFormation template, it is the short form of an intrinsic:
`!Ref Name` is `{Ref: Name}`, `!GetAtt Name.Arn` is `{"Fn::GetAtt": [Name, Arn]}`. Tags of other programs and YAML's
own, such as `!!binary` or `!!python/object`, make no sense in JSON, and some of them run code where they are obeyed.

Correct the tag's name, in its letters' case too. Where a text begins with an exclamation mark, put it in quotes.
""",
        bad="""\
environment: {QUEUE_URL: !Reference Jobs}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
        good="""\
environment: {QUEUE_URL: !Ref Jobs}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
    ),
    "OM1009": Code(
        "a key that is not a plain string",
        explanation="""\
Keys become those of JSON, which are strings, and CloudFormation computes none: a list, a mapping, an alias or an
intrinsic cannot be one. A number or `true` can, and is read as the text that is written. The merge key `<<` takes a
mapping, or a list of mappings.

Write the key's text itself. Where a name has to depend on a parameter, make it a value, as tags allow in
CloudFormation's own spelling: `{Key: !Ref Name, Value: shop}`.
""",
        bad="""\
tags:
  !Ref AWS::StackName : shop
""",
        good="""\
tags:
  Team: shop
""",
    ),
    "OM1010": Code(
        "the file is not one document with a mapping at its top",
        explanation="""\
A spec, like a template, is one mapping of keys to values. This file is empty, is a list or a single value, or has a
second document: a line `---` ends the first one. What comes after it would have no effect.

Write one mapping; for services of their own, write files of their own.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
---
functions:
  goodbye: {runtime: python3.13, handler: hello.goodbye}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
  goodbye: {runtime: python3.13, handler: hello.goodbye}
""",
    ),
    "OM1011": Code(
        "the file is too large",
        explanation="""\
omegac reads files of 10 MB at most. CloudFormation takes templates of 1 MB, so that a spec or a template that is larger
is mostly some other file, given by mistake.

Give the file that you mean. Data belongs into the artifact or into a bucket, not into the spec.
""",
        bad="""\
$ yes '# a line of comment' | head -c 10000001 >> omega.yaml
$ omegac build
""",
        good="""\
$ yes '# a line of comment' | head -n 1000 >> omega.yaml
$ omegac build
""",
    ),
}
