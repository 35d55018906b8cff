"""50xx: the template as a whole, and linting it."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM5001": Code(
        "null in a template",
        explanation="""\
CloudFormation takes no null, wherever it stands. In YAML a key with nothing after it has the value null, and so has
`~`. In a template that omegac writes, null also comes from decorators and from CloudFormation's own sections of the
spec.

Leave the key out. To take a value away depending on a condition, write `!If [Condition, value, !Ref AWS::NoValue]`.
""",
        bad="""\
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: }}
""",
        good="""\
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 0}}
""",
    ),
    "OM5002": Code(
        "functions and servers do not run one artifact",
        explanation="""\
What a service runs on Lambda is what it runs on EC2, to the byte: functions and servers name one key in one bucket,
made from the digest of the artifact, a version verifies the digest, and the script fetches that key. Here an override,
a decorator, `properties` or a script of one's own has put something else in the place of one of them.

Take that change away. A script of one's own names the artifact by `{{ S3Key }}` or `{{ Digest }}`, or extends
`omegac/server.sh`. What is to run other code is a service of its own.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
overrides:
  HelloFunction: {Properties: {Code: {S3Key: another.zip}}}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
overrides:
  HelloFunction: {Properties: {Timeout: 60}}
""",
    ),
    "OM5003": Code(
        "a rolling update takes the last instance away before the new one is up",
        "warning",
        explanation="""\
A rolling update may run as many instances as `max` allows. Where that is one, the old instance has to go before the new
one comes, and the service is away for as long as its start takes, or until the update has been rolled back.

`size: 1` keeps one instance and leaves room for a second one during an update. Where being away does not matter, name
the rule under `lint`, with the reason.
""",
        bad="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, size: {min: 1, max: 1}}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, size: 1}
""",
    ),
    "OM5004": Code(
        "what is written is not what the spec compiles to",
        explanation="""\
`omegac build --check` compares what the spec compiles to with what stands in the build folder, byte by byte, and writes
nothing. The same spec and artifact give the same bytes on every machine, so that a difference says that the spec, the
artifact, a decorator or omegac's version has changed since. A zip that is not kept there is no difference.

Run `omegac build`, look at what has changed, and commit it.
""",
        bad="""\
$ omegac build
$ echo 'description: Greets' >> omega.yaml
$ omegac build --check
""",
        good="""\
$ omegac build
$ echo 'description: Greets' >> omega.yaml
$ omegac build
$ omegac build --check
""",
    ),
    "OM5005": Code(
        "a file that is neither a spec nor a template",
        explanation="""\
`omegac lint` takes a file for a spec by its name (`omega.yaml`, or one that ends in `.omega.yaml`) or by its key
`omega`, and for a CloudFormation template where it has one of the sections `Resources`, `Transform` and
`AWSTemplateFormatVersion`. This file is neither, and nothing of it was checked.

Leave the file out, such as by the patterns of a hook of pre-commit, or give it the missing section.
""",
        bad="""\
$ echo 'Jobs: {Type: AWS::SQS::Queue}' > template.yaml
$ omegac lint template.yaml
""",
        good="""\
$ echo 'Resources: {Jobs: {Type: AWS::SQS::Queue}}' > template.yaml
$ omegac lint template.yaml
""",
    ),
    "OM5006": Code(
        "a rule is ignored that finds nothing",
        "warning",
        explanation="""\
`lint`, in a spec or in a template under `Metadata` and `omegac`, names rules that are not wanted here, each with the
reason. This one finds nothing in the file, in none of its stages: what it was for has gone, or the code is misspelt. An
entry that is left would hide the next finding, for a reason that is no longer true. Errors of omegac's own cannot be
ignored either, as a deployment fails whatever the reason.

Take the entry out; `omegac lint --fix` does, where that leaves others.
""",
        bad="""\
$ echo 'lint: {W2001: the parameter is read from outside}' >> omega.yaml
$ omegac lint
""",
        good="""\
$ echo 'lint: {W2001: the parameter is read from outside}' >> omega.yaml
$ echo 'parameters: {Level: {default: info}}' >> omega.yaml
$ omegac lint
""",
    ),
    "OM5007": Code(
        "a region that cfn-lint does not know",
        "warning",
        explanation="""\
cfn-lint checks a template for a region, as not every resource type is to be had in each. It has no data on this one,
the `region` of the stage or that of `--region`, and checked the template as for us-east-1 instead.

Correct the region's name, or update cfn-lint, if the region is a new one.
""",
        bad="""\
$ omegac lint --region eu-wset-1
""",
        good="""\
$ omegac lint --region eu-west-1
""",
    ),
    "OM5008": Code(
        "cfn-lint did not finish in time",
        explanation="""\
cfn-lint runs in a process of its own, which is ended when a template takes longer than `--time-limit`, 60 seconds where
it is not given. None of its rules has been checked then, so that this is an error; omegac's own have been. Large
templates, nested `Fn::If` and many conditions are what it takes long for.

Give it longer, or split the template.
""",
        bad="""\
$ (echo Resources:; seq -f '  Queue%g: {Type: AWS::SQS::Queue}' 450) > template.yaml
$ omegac lint --no-cache --time-limit 1 template.yaml
""",
        good="""\
$ (echo Resources:; seq -f '  Queue%g: {Type: AWS::SQS::Queue}' 450) > template.yaml
$ omegac lint --time-limit 120 template.yaml
""",
    ),
    "OM5009": Code(
        "cfn-lint's own way to ignore rules, in a spec",
        "warning",
        explanation="""\
cfn-lint itself reads from a template's metadata which rules to ignore, and asks for no reason. In a spec that has no
effect: the rules are checked all the same.

Name the rule under `lint`, with the reason. In a template that omegac did not write, cfn-lint's own way holds as ever.
""",
        bad="""\
$ echo 'parameters: {Level: {default: info}}' >> omega.yaml
$ echo 'metadata: {cfn-lint: {config: {ignore_checks: [W2001]}}}' >> omega.yaml
$ omegac lint
""",
        good="""\
$ echo 'parameters: {Level: {default: info}}' >> omega.yaml
$ echo 'lint: {W2001: the parameter is read from outside}' >> omega.yaml
$ omegac lint
""",
    ),
}
