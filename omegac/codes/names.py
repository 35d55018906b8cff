"""12xx: the stages of a spec, and the names in it."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM1201": Code(
        "an unknown stage",
        explanation="""\
`--stage` names one of the keys under `stages`, and the spec has no such stage. Without the refusal a typing error would
build, and deploy, something else than what was meant.

Take one of the stages that the hint lists, or add the stage; an empty one, `prod: {}`, changes nothing but the name.
""",
        bad=r"""$ printf 'stages: {prod: {tags: {Stage: prod}}}\n' >> omega.yaml
$ omegac build --stage prdo
""",
        good=r"""$ printf 'stages: {prod: {tags: {Stage: prod}}}\n' >> omega.yaml
$ omegac build --stage prod
""",
    ),
    "OM1202": Code(
        "two entries with one name",
        explanation="""\
A function and a server share one space of names: by its name an entry is spoken of in commands, in messages and in
names of resources, and each of these must mean one thing.

Rename one of the two. `id` keeps the logical ids of an entry that is already deployed as they are.
""",
        bad="""\
functions:
  web: {runtime: python3.13, handler: hello.handler}
servers:
  web: {command: ./serve, port: 8080, ingress: public}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
servers:
  web: {command: ./serve, port: 8080, ingress: public}
""",
    ),
    "OM1203": Code(
        "two things with one logical id",
        explanation="""\
In a template each resource, parameter and output has a logical id of its own. Those of an entry begin with its name,
each part of it capitalised and without `-` and `_`, so that `send-mail` and `send_mail` come to one; and a resource or
parameter of yours may be called what omegac calls one of its own, such as `HelloFunctionRole` or `ArtifactBucket`. In a
script the same holds for `vars` and the names that omegac defines, such as `Port`.

Rename one of the two, or give the entry another stem by `id`. To change a resource of omegac's, use `overrides`.
""",
        bad="""\
functions:
  send-mail: {runtime: python3.13, handler: hello.mail}
  send_mail: {runtime: python3.13, handler: hello.list}
""",
        good="""\
functions:
  send-mail: {runtime: python3.13, handler: hello.mail}
  send_mail: {runtime: python3.13, handler: hello.list, id: SendList}
""",
    ),
    "OM1204": Code(
        "an override of something that does not exist",
        explanation="""\
`overrides` changes resources that omegac writes, each by its logical id. There is none of this name, so that the change
would get lost. An entry `hello` under `functions` makes `HelloFunction`, `HelloFunctionRole` and so on; `omegac build`
without the override writes them all to `build/template.json`.

Correct the logical id. A resource of your own is not overridden but written, under `resources`.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
overrides:
  HelloFunctoin: {Properties: {Timeout: 60}}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
overrides:
  HelloFunction: {Properties: {Timeout: 60}}
""",
    ),
    "OM1205": Code(
        "a name that stands for nothing in this spec",
        explanation="""\
`!Ref`, `!GetAtt`, `!Sub`, `!If` and their like, `DependsOn` and `Condition` name another part of the template, and
there is no such part, or the resource's type has no such attribute. CloudFormation would refuse the template. A stage's
`parameters` are held against those of the template in the same way.

Correct the name, in its letters' case too. In `!Sub` a text such as `${HOME}` that is meant for a shell is written
`${!HOME}`. Names that only CloudFormation can know, such as outputs of nested stacks, are not questioned.
""",
        bad="""\
environment: {QUEUE_URL: !Ref Jbos}
functions:
  hello: {runtime: python3.13, handler: hello.handler}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
        good="""\
environment: {QUEUE_URL: !Ref Jobs}
functions:
  hello: {runtime: python3.13, handler: hello.handler}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
    ),
}
