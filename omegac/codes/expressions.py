"""21xx: inline expressions, and what a server's script is for."""

from __future__ import annotations

from omegac.codes.code import Code

_SERVER = """\
servers:
  web:
    command: ./serve
    port: 8080
    ingress: public
    userdata:
      script: |
"""

CODES = {
    "OM2101": Code(
        "an inline expression that does not parse",
        explanation="""\
A bracket, then an intrinsic's name in quotes and a colon, opens an expression: `{ "Ref" : "Name" }`, or with `<` and
`>` where braces would be in the way. From there on it has to be one JSON object that closes with the same kind of
bracket. A broken one is refused, not left as text, as the script would then run with the text of the expression in it.

Correct the expression: quotes are double ones, and each bracket is closed. To keep it as text, write a backslash before
the opening bracket.
""",
        bad="""\
#!/bin/bash
REGION={ "Ref" : "AWS::Region"
""",
        good="""\
#!/bin/bash
REGION={ "Ref" : "AWS::Region" }
""",
    ),
    "OM2102": Code(
        "an inline expression with an unknown function",
        explanation="""\
The name in the expression is no intrinsic of CloudFormation, or one that it does not take inside of userdata's
`Fn::Join` (such as `Fn::ToJsonString` or `Fn::Transform`).

Correct the name, in its letters' case too: `Ref` has no prefix, all others begin with `Fn::`. Text that only looks like
an expression has a backslash before its bracket.
""",
        bad="""\
#!/bin/bash
ADDRESS={ "Fn::GetAttr" : [ "Database" , "Endpoint.Address" ] }
""",
        good="""\
#!/bin/bash
ADDRESS={ "Fn::GetAtt" : [ "Database" , "Endpoint.Address" ] }
""",
    ),
    "OM2103": Code(
        "an inline expression with the wrong arguments",
        explanation="""\
Each intrinsic takes arguments of its own, as CloudFormation's reference has them, and the expression gives others: too
few or too many, or of another kind, or computed where they must be written out.

Write the arguments as the message says.
""",
        bad="""\
#!/bin/bash
ADDRESS={ "Fn::GetAtt" : [ "Database" ] }
""",
        good="""\
#!/bin/bash
ADDRESS={ "Fn::GetAtt" : [ "Database" , "Endpoint.Address" ] }
""",
    ),
    "OM2104": Code(
        "a name that stands for nothing in this template",
        explanation="""\
An expression in the script names a resource or a parameter that the template does not have, or an attribute that the
resource's type does not have. CloudFormation would refuse the template. `omegac userdata` looks at names where it is
given a template, with `--template`.

Correct the name, in its letters' case too; the hint has the nearest one there is.
""",
        bad=_SERVER
        + """\
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
        echo 'QUEUE={ "Ref" : "Jbos" }' >> /etc/serve.conf
        {% endblock %}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
        good=_SERVER
        + """\
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
        echo 'QUEUE={ "Ref" : "Jobs" }' >> /etc/serve.conf
        {% endblock %}
resources:
  Jobs: {Type: AWS::SQS::Queue}
""",
    ),
    "OM2105": Code(
        "an inline expression that is not text",
        explanation="""\
The script is joined from texts, and this intrinsic gives a list: CloudFormation refuses it as an item of `Fn::Join`.

Take one of its values with `Fn::Select`, or put them together with an `Fn::Join` of their own, by a delimiter that the
script can split at.
""",
        bad="""\
#!/bin/bash
for zone in { "Fn::GetAZs" : "" }; do echo "$zone"; done
""",
        good="""\
#!/bin/bash
for zone in { "Fn::Join" : [ " " , { "Fn::GetAZs" : "" } ] }; do echo "$zone"; done
""",
    ),
    "OM2106": Code(
        "a server's script never signals",
        "warning",
        explanation="""\
CloudFormation learns by a signal from each instance whether its start went well. A script that sends none makes a
deployment succeed as soon as EC2 has started the instances, be the service broken on all of them, and a rolling update
replaces the last one that works.

Build the script on `omegac/server.sh`, whose exit trap signals success or failure, or call `aws cloudformation
signal-resource` yourself. Where nothing is to be waited for, say so by `signal: "off"`.
""",
        bad=_SERVER
        + """\
        #!/bin/bash
        aws s3 cp s3://{{ S3Bucket }}/{{ S3Key }} /opt/artifact.zip
""",
        good=_SERVER
        + """\
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
        sysctl -w net.core.somaxconn=1024
        {% endblock %}
""",
    ),
    "OM2107": Code(
        "a key beside an intrinsic's own",
        explanation="""\
An expression is a JSON object whose only key is the intrinsic's name, as everywhere in CloudFormation. A second key has
no meaning, and CloudFormation would take the whole for a plain mapping.

Take the other key away. To give a default, use `Fn::If` or the parameter's own `default`.
""",
        bad="""\
#!/bin/bash
LEVEL={ "Ref" : "Level" , "Default" : "info" }
""",
        good="""\
#!/bin/bash
LEVEL={ "Ref" : "Level" }
""",
    ),
}
