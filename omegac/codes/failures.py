"""62xx: why a deployment failed."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM6201": Code(
        "a resource could not be created, changed or deleted",
        explanation="""\
CloudFormation carries a change out resource by resource, and the service behind this one refused it or failed. What
was under way beside it was cancelled, and all that was done before is undone, unless `--no-rollback` was given; of the
long list of failures that CloudFormation reports, this is the first one that has a reason of its own. It is shown at
the line that the resource comes from, in the files as they were deployed.

The service's own words say what is wrong; where they are known, the way out stands beside the line. Correct the spec,
or what it is deployed into, and deploy again. `omegac events` lists everything that happened.
""",
        bad="""\
# stack: absent
# fails: HelloFunctionRole: Role with name hello already exists.
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6202": Code(
        "CloudFormation refused the template before it changed anything",
        explanation="""\
When a change set is made, CloudFormation looks at the template as a whole and at each resource: whether its properties
have the form that its type asks for, whether its name is taken, whether a bucket that is to go is empty. One of these
checks failed, so that there is nothing to execute; the stack is as it was.

Correct the line that is shown. Where CloudFormation says no more than that a validation failed, whoever deploys lacks
the right to `cloudformation:DescribeEvents`, by which it tells the rest.
""",
        bad="""\
# stack: absent
# refuses: HelloFunctionRole: Resource of type 'AWS::IAM::Role' with identifier 'hello' already exists.
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6203": Code(
        "an instance has not said that it is up",
        explanation="""\
CloudFormation waits until each new instance has sent a signal, which its script does as its last act, once the service
answers. It did not come in time, or said that the script failed. The old instances stay, and the new ones are removed.

The console output of the instance shows the line that the script ended with, and so does
`/var/log/cloud-init-output.log` on it. Where that shows nothing wrong, the instance may need longer than its time-out,
or it cannot reach CloudFormation: in a private subnet it needs a NAT gateway or an endpoint. With
`--no-rollback` a failed instance is kept to look at.
""",
        bad="""\
# stack: absent
# fails: HelloFunction: Received 0 SUCCESS signal(s) out of 1.
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6204": Code(
        "a deployment ended badly, and no resource is the cause",
        explanation="""\
The stack itself says why: somebody cancelled the deployment, an alarm went off that watches it, it took longer than it
was given, or CloudFormation lost the right to go on. What was done has been undone, unless `--no-rollback` was given.

Where nothing is said, `omegac events` lists all that happened, and `omegac status` tells what can be done from here.
""",
        bad="""\
# stack: absent
# ends: Stack creation time exceeded the specified timeout. Rollback requested by user.
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6205": Code(
        "an operation that was lost sight of",
        explanation="""\
The operation has begun, and goes on in CloudFormation whatever becomes of omegac; but it could not be looked at any
longer: the credentials have run out, a permission is missing, or nothing was heard of AWS for ten minutes.

Log in again, then take it up where it is with `omegac events --stack NAME --follow`. A new `omegac deploy` waits for
the end of it as well, and goes on from there.
""",
        bad="""\
# stack: absent
# lost: yes
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6206": Code(
        "a rollback that is blocked",
        explanation="""\
An update has failed, and what it had changed could not be changed back, mostly because somebody has altered or deleted
the resource outside of CloudFormation. The rollback was continued, and has failed at the same place.

Mend what the reasons name and deploy again. Or leave the resource as it is with `--skip NAME`: CloudFormation then
takes it for rolled back, and is wrong about it until a later deployment has set it right.
""",
        bad="""\
# stack: UPDATE_ROLLBACK_FAILED
# blocked: HelloFunction: the function was deleted
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: UPDATE_ROLLBACK_FAILED
# blocked: HelloFunction: the function was deleted
$ omegac deploy --stack shop --yes --skip HelloFunction
""",
    ),
}
