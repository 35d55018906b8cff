"""60xx: where a stack is deployed, and with what."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM6001": Code(
        "nothing that says who calls AWS, or where",
        explanation="""\
omegac calls AWS as the AWS CLI does: with the credentials and the region of the environment, of `~/.aws/config` or of
the machine that it runs on. There are none, they hold no longer, or they are not AWS's.

Set `AWS_REGION`, or name the region with `--region` or in the stage. For credentials, name a profile with `--profile`
or `AWS_PROFILE`, and log in to it with `aws sso login` or as your company has it; `aws sts get-caller-identity` shows
whose they are.
""",
        bad="""\
$ env -u AWS_DEFAULT_REGION -u AWS_REGION omegac outputs --stack shop
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac outputs --stack shop
""",
    ),
    "OM6002": Code(
        "another account or region than the stage's",
        explanation="""\
A stage that names its `account` or `region` is deployed there and nowhere else, so that the right command with the
wrong credentials does no harm. Both are checked before anything is written.

Choose the profile of that account, or the stage that is meant. What is wrong in the spec is mended there.
""",
        bad="""\
# stack: absent
$ printf 'stages: {prod: {account: "999999999999"}}\\n' >> omega.yaml
$ omegac deploy --stage prod --yes
""",
        good="""\
# stack: absent
$ printf 'stages: {prod: {account: "123456789012"}}\\n' >> omega.yaml
$ omegac deploy --stage prod --yes
""",
    ),
    "OM6003": Code(
        "a value for a parameter that the template does not have",
        explanation="""\
Values are given by `--param`, in a file by `--params-file`, and under `parameters` of a stage. Each is for a parameter
of the template: one that the spec declares under `parameters`, or one that omegac adds, such as `ArtifactBucket`.
CloudFormation refuses any other, and what was meant would be deployed with another value.

Take the name that the hint proposes, declare the parameter in the spec, or leave the value out. Each stack has a file
of its own: values for another stack are refused as well.
""",
        bad="""\
# stack: absent
$ printf 'parameters: {Level: {default: low}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes --param Lvel=high
""",
        good="""\
# stack: absent
$ printf 'parameters: {Level: {default: low}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes --param Level=high
""",
    ),
    "OM6004": Code(
        "a value that a parameter does not take",
        explanation="""\
The declaration of a parameter says which values it takes: by its type, and by `allowed_values`, `pattern`, a length or
a range of numbers. CloudFormation asks the same when it is called; asked before, nothing has been uploaded and every
fault is told at once. Where a pattern is one of Java's that is not known here, it is left to CloudFormation.

Give another value. Where the value is that of the previous deployment, the new template no longer takes what the stack
has: give one that it takes, or mend the declaration. The value of a parameter with `no_echo` is never shown.
""",
        bad="""\
# stack: absent
$ printf 'parameters: {Level: {default: low, allowed_values: [low, high]}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes --param Level=hihg
""",
        good="""\
# stack: absent
$ printf 'parameters: {Level: {default: low, allowed_values: [low, high]}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes --param Level=high
""",
    ),
    "OM6005": Code(
        "a parameter without a value",
        explanation="""\
A parameter without a default needs a value when the stack is created, and when a later template adds it. After that,
the stack keeps the value until another is given. On a terminal omegac asks for what is missing; elsewhere nobody is
there to answer.

Give the value by `--param NAME=VALUE`, in a file by `--params-file`, or under `parameters` of the stage that is
deployed; or give the parameter a default.
""",
        bad="""\
# stack: absent
$ printf 'parameters: {Level: {type: String}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ printf 'parameters: {Level: {type: String}}\\n' >> omega.yaml
$ omegac deploy --stack shop --yes --param Level=high
""",
    ),
    "OM6006": Code(
        "a file of parameters in no form that is known",
        explanation="""\
`--params-file` takes YAML or JSON in one of three forms: a mapping of names to values; the list that the AWS CLI takes,
of entries with `ParameterKey` and either `ParameterValue` or `UsePreviousValue: true`; or `Parameters` with such a
mapping below it, as CodePipeline has it. A value is text, a number, true or false, or a list of these, which becomes
one text with commas.

Mend the place that is shown. Whatever else such a file has, `Tags` for instance, is refused instead of passed over.
""",
        bad="""\
# stack: absent
$ printf 'parameters: {Level: {default: low}}\\n' >> omega.yaml
$ printf '[{"ParameterKey": "Level", "Value": "high"}]\\n' > params.json
$ omegac deploy --stack shop --yes --params-file params.json
""",
        good="""\
# stack: absent
$ printf 'parameters: {Level: {default: low}}\\n' >> omega.yaml
$ printf '[{"ParameterKey": "Level", "ParameterValue": "high"}]\\n' > params.json
$ omegac deploy --stack shop --yes --params-file params.json
""",
    ),
    "OM6007": Code(
        "a bucket that cannot be used",
        explanation="""\
Artifacts, large templates and maps go to a bucket in the region of the stack, as Lambda takes its code from nowhere
else. It has to belong to the account that deploys, or to the one that is named as its owner: S3 is asked to refuse
every other, so that nothing can be sent to somebody who has taken the name of a bucket that is gone. What was sent is
compared with what is there by size and SHA-256.

Name a bucket with `--bucket` that is there, or leave the option out: omegac then makes one for the account and region,
after asking. Where a permission is missing, the message says which and on what. It takes `s3:ListBucket` on the bucket,
and `s3:GetObject` and `s3:PutObject` on what is in it.
""",
        bad="""\
# stack: absent
$ omegac publish --yes --bucket a-bucket-of-nobody
""",
        good="""\
# stack: absent
$ omegac publish --yes
""",
    ),
    "OM6008": Code(
        "a call that AWS refused",
        explanation="""\
AWS has answered, and says no: a permission is missing, a limit is reached, or what it was asked for is wrong. The
message is AWS's own, after the name of the call.

Where a permission is missing, the message says which and on what: it is given by a policy of whoever deploys. The
operation stops there; `omegac status` shows how the stack stands.
""",
        bad="""\
# stack: UPDATE_COMPLETE
# denied: DescribeStacks
$ omegac outputs --stack shop
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac outputs --stack shop
""",
    ),
    "OM6009": Code(
        "no answer from AWS",
        explanation="""\
AWS could not be reached, or answered only that it should be asked again later, however often it was. Whether the last
call took effect is open.

Look at the network and at `AWS_ENDPOINT_URL`, then run the command again: a deployment goes on from however the stack
stands, and sends nothing twice.
""",
        bad="""\
$ env AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL=http://127.0.0.1:9 omegac outputs --stack shop
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac outputs --stack shop
""",
    ),
    "OM6010": Code(
        "nothing that says which stack",
        explanation="""\
A stack is named by `--stack`, or by a stage: its `stack`, or else the service's name and the stage's with a hyphen
between them.

Give one of the two. A spec without stages has no stack of its own.
""",
        bad="""\
# stack: absent
$ omegac deploy --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
}
