"""61xx: the state of a stack, and what nobody has agreed to."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM6101": Code(
        "a stack in a state that cannot be deployed to",
        explanation="""\
CloudFormation takes no change set for a stack in this state, and omegac does not get it out of it by itself: something
is left of an earlier failure, which somebody has to look at first. `docs/statuses.md` has every state, and what a
deployment does about it.

Follow the hint. Most often that is `omegac delete`, which shows what would go and names what cannot be deleted.
""",
        bad="""\
# stack: ROLLBACK_FAILED
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: UPDATE_ROLLBACK_COMPLETE
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6102": Code(
        "a stack that is not this service's",
        explanation="""\
A deployment replaces all that is in a stack by what is in the spec. So omegac marks the stacks that it makes with the
tag `omegac:service`, whose value is the spec's `service`, and leaves all others alone: a name that was mistyped, or is
another team's, must not cost anybody a stack.

Choose another name. Where the stack really is to become this service's, `omegac deploy --adopt` takes it over: look at
what that removes with `omegac diff` before. `omegac delete --force` deletes a stack that is not omegac's.
""",
        bad="""\
# stack: UPDATE_COMPLETE
# service: another
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: UPDATE_COMPLETE
# service: another
$ omegac deploy --stack shop --yes --adopt
""",
    ),
    "OM6103": Code(
        "a question, and nobody to ask",
        explanation="""\
Before anything is changed, omegac shows what would be and asks. In a pipeline, and wherever standard input is no
terminal, there is nobody to answer, and no answer is a no.

Agree beforehand with `--yes`; or, to have somebody review the very changes that are then made, plan with `--plan`,
which keeps the change set, and execute it with `--change-set NAME --yes`.
""",
        bad="""\
# stack: absent
$ omegac deploy --stack shop
""",
        good="""\
# stack: absent
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6104": Code(
        "a loss of data that nobody has agreed to by name",
        explanation="""\
A database, a bucket, a table or a volume goes, or is replaced by an empty one, and what it holds goes with it. A yes to
the whole deployment is too little for that: it is given for many changes at once, and in pipelines before anybody has
seen them. At a terminal, omegac asks that the resource's name be typed.

Keep the resource, or keep what is in it with `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`. If it really
may go, agree to this one with `--accept-loss NAME`. A resource of a nested stack is named by its path, as in
`Child/Orders`. Where CloudFormation does not tell what changes within a nested stack that holds data, its own name is
asked for.
""",
        bad="""\
# stack: UPDATE_COMPLETE
# holds: Orders: AWS::DynamoDB::Table
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: UPDATE_COMPLETE
# holds: Orders: AWS::DynamoDB::Table
$ omegac deploy --stack shop --yes --accept-loss Orders
""",
    ),
    "OM6105": Code(
        "a change set that cannot be executed",
        explanation="""\
`--change-set NAME` executes exactly what was reviewed, or nothing. A change set can be executed once, and only as long
as the stack is as it was when the change set was made; after that, CloudFormation calls it obsolete or has removed it.

Plan anew with `omegac deploy --plan`, review that, and execute it by the name that is shown.
""",
        bad="""\
# stack: UPDATE_COMPLETE
$ omegac deploy --stack shop --yes --change-set omegac-of-yesterday
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6106": Code(
        "a stack that is protected from being deleted",
        explanation="""\
Termination protection is on, so CloudFormation refuses to delete the stack, and omegac does not turn it off by itself:
whoever has turned it on wanted a second thought. `protect` of a stage turns it on at each deployment.

If the stack really may go, turn the protection off with the command in the hint, or by `protect: false` and a
deployment; then delete it.
""",
        bad="""\
# stack: UPDATE_COMPLETE
# protected: yes
$ omegac delete --stack shop --yes
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac delete --stack shop --yes --accept-loss shop
""",
    ),
    "OM6107": Code(
        "a stack that others work on all the time",
        explanation="""\
Each time that a change set was to be made or executed, the stack had changed since it was looked at. omegac waits for
others to end and plans anew, but not for ever. Or somebody ended the stack while it was being deployed.

See who works on it with `omegac events --stack NAME`, and deploy once they rest. Two pipelines that deploy the same
stack are best run one after the other.
""",
        bad="""\
# stack: UPDATE_COMPLETE
# busy: yes
$ omegac deploy --stack shop --yes
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac deploy --stack shop --yes
""",
    ),
    "OM6108": Code(
        "no such stack",
        explanation="""\
There is no stack of this name in the region and the account that are asked. A stack that was deleted is known for 90
days by its id, an ARN, but no longer by its name.

Look at the name, at the region (`--region`, the stage's, or the one that AWS is configured for) and at whose
credentials are used (`--profile`).
""",
        bad="""\
# stack: absent
$ omegac outputs --stack shop
""",
        good="""\
# stack: UPDATE_COMPLETE
$ omegac outputs --stack shop
""",
    ),
}
