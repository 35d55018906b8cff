"""11xx: the keys and values of a spec."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM1101": Code(
        "an unknown key",
        explanation="""\
The language has no such key in this place. A key that is misspelt would otherwise be left out without a word, and the
default would hold instead of what you wrote. The keys of each mapping are listed in docs/language.md; an editor that
knows the schema (`omegac schema`) completes them.

Correct the name. What only CloudFormation knows, such as a property of the function, goes under `properties` or
`overrides`, and a resource of its own under `resources`, in CloudFormation's own spelling.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, memmory: 256}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, memory: 256}
""",
    ),
    "OM1102": Code(
        "a required key is missing",
        explanation="""\
Some values have no default that would be right for everyone, or safe: what a function calls, or who may reach a server.
The hint says what the key means. An image that omegac does not know by name also needs `family` and, unless it is
looked up, `root_device`: they cannot be found out when building, and a wrong root device would add a second, empty
disk.

Write the key.
""",
        bad="""\
functions:
  hello: {runtime: python3.13}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler}
""",
    ),
    "OM1103": Code(
        "a value of the wrong kind",
        explanation="""\
The key takes another kind of value: a number instead of text, a list instead of one value, or the other way round.
Numbers in quotes are text. A key with nothing after it has the value null, which no key takes; only in stages,
`properties` and `overrides` does null mean something: it deletes what is there.

Write a value of the kind that the message names, or leave the key out.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, timeout: "30"}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, timeout: 30}
""",
    ),
    "OM1104": Code(
        "a value that is not one of those allowed",
        explanation="""\
The key takes one of a few values, each of which means something to omegac or to AWS. Case counts. Some of the lists are
AWS's own: CloudWatch Logs keeps events for 30 days or for 60, but not for 31.

Take one of the values that the hint lists; docs/language.md says what each of them means.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, arch: arm}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, arch: arm64}
""",
    ),
    "OM1105": Code(
        "a value out of its bounds",
        explanation="""\
The value is too small or too large, the text or the list is too short or too long, or of `min`, `desired` and `max` one
does not lie where it must. The bounds are those of AWS, such as 128 to 10,240 MB for a function, so that a deployment
would fail; an empty text or list would say nothing.

Choose a value within the bounds that the message names.
""",
        bad="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, memory: 64}
""",
        good="""\
functions:
  hello: {runtime: python3.13, handler: hello.handler, memory: 128}
""",
    ),
    "OM1106": Code(
        "a text of the wrong form",
        explanation="""\
The text, or the name that was chosen for something, does not have the form that is needed: a name of a variable for a
shell, a logical id of letters and digits, a pattern as in .gitignore, a path. What the message shows between `^` and
`$` is a regular expression that the whole text must match. A command must split into words, as a shell splits them, and
is run without one: `&&`, `|`, `>` and `;` would be words like any other.

Some forms keep harm away: a package's name is put into a command that root runs, and so it holds nothing that a shell
would act on. Write the text in the form shown.
""",
        bad="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, packages: [nginx 1.26]}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, packages: [nginx]}
""",
    ),
    "OM1107": Code(
        "a key that this version does not support yet",
        explanation="""\
The key, or this value of it, belongs to the language, but this version of omegac cannot compile it. It is refused, as a
template without it would look right and do less than you asked for.

Leave it out, or write what it stands for in CloudFormation's own terms under `resources`, with `!Ref` to the logical
ids that `omegac build` shows. Those ids do not change from one version to the next.
""",
        bad="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, scaling: {cpu: 60}}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public}
resources:
  WebScaling:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref WebServerGroup
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        PredefinedMetricSpecification: {PredefinedMetricType: ASGAverageCPUUtilization}
        TargetValue: 60
""",
    ),
    "OM1108": Code(
        "an intrinsic where the value must be known when building",
        explanation="""\
omegac decides by this value what it writes: which resources there are, what stands in the script, which of two forms a
property has. An intrinsic has its value only when the stack is deployed, and then it is too late.

Write the value itself. What differs from one deployment to the next goes under `stages`, and is compiled into a
template for each. Keys that do take an intrinsic say so in docs/language.md.
""",
        bad="""\
parameters:
  Port: {type: Number, default: 8080}
servers:
  web: {command: ./serve, port: !Ref Port, ingress: public}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public}
stages:
  test: {servers: {web: {port: 8081}}}
""",
    ),
    "OM1109": Code(
        "an intrinsic with the wrong arguments",
        explanation="""\
Each intrinsic takes arguments of its own, as CloudFormation's reference of intrinsic functions has them: `Fn::GetAtt` a
logical id and an attribute, `Fn::Join` a delimiter and a list, `Fn::If` a condition's name and two values. Some of them
must be written out: a delimiter cannot be computed. A condition, such as `Fn::Equals`, is no value: its place is under
`conditions`. And an intrinsic is the only key of its mapping.

Write the arguments as the message says. Where the spec has a `transform`, this is left to it, as a macro may allow
more.
""",
        bad="""\
environment: {QUEUE_ARN: !GetAtt Jobs}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
        good="""\
environment: {QUEUE_ARN: !GetAtt Jobs.Arn}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
    ),
    "OM1110": Code(
        "keys that exclude, or need, each other",
        explanation="""\
Each of the keys is right by itself, but not together: an instance type of one processor with an image of another, a
role that is not omegac's with permissions for one that is, public subnets without their VPC, a finished zip file with
patterns of what to leave out of it, or of two sources of one thing both. One of them would have no effect, or the
deployment would fail.

Add the key that is missing, or take away the one that is too much. Instance types whose generation is followed by a
`g`, such as t4g or c7gn, are of arm64.
""",
        bad="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, instance_type: t4g.small}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, instance_type: t4g.small, arch: arm64}
""",
    ),
    "OM1111": Code(
        "an instance type that omegac does not know",
        "warning",
        explanation="""\
None of the instance types that EC2 offered in any region, when this version of omegac was released, has this name. It
may be misspelt, and the deployment would then fail once the first instance is to be launched. It may also be newer than
omegac, as EC2 brings new ones each month.

Correct the name. Of one that is new, name this code under `lint`, with the reason.
""",
        bad="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, instance_type: t3.mirco}
""",
        good="""\
servers:
  web: {command: ./serve, port: 8080, ingress: public, instance_type: t3.micro}
""",
    ),
}
