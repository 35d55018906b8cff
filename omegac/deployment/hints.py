"""What is known of the reasons that AWS gives for a failure: the way out of each."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Known(NamedTuple):
    """A kind of reason that is known by its words."""

    pattern: str
    way_out: str
    """`{name}` stands for what the group of that name matches."""
    said: tuple[str, ...]
    """What AWS has said, in the words that users of CloudFormation report; services differ, and change theirs."""


_RETRY = "one that has just been made may not be known everywhere yet: deploy again"
_RIGHT = "whoever deploys, or the role given by `--role-arn`, needs the right to {action}"

SIGNALS = (
    Known(
        r"Received 0 SUCCESS signal\(s\)|Failed to receive \d+ resource signal\(s\)|WaitCondition timed out",
        "no instance has said that it is up: its script failed, which its console output and "
        "/var/log/cloud-init-output.log show, or takes longer than it is given, or cannot reach CloudFormation, as in "
        "a subnet without a way out; `--no-rollback` keeps it to look at",
        (
            "Received 0 SUCCESS signal(s) out of 1.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            "Failed to receive 1 resource signal(s) within the specified duration",
            "WaitCondition timed out. Received 0 conditions when expecting 1",
        ),
    ),
    Known(
        r"FAILURE signal|\d SUCCESS signal\(s\)",
        "an instance said that its script failed: its console output shows the line, and so does "
        "/var/log/cloud-init-output.log on it; `--no-rollback` keeps it to look at",
        (
            "Received 1 FAILURE signal(s) out of 1.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            "Received FAILURE signal with UniqueId i-0af00866c06dce088",
        ),
    ),
)
"""Where the signals of instances are missing, or say that something failed."""

# The first that matches counts: the more special ones go before.
REASONS = (
    Known(
        r"architecture.*does not match the architecture",
        "correct `architecture`, `instance_type` or the image under `ami`, so that they are of one architecture",
        (
            "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of it",
            "The requested instance type's architecture (x86_64) does not match the architecture in the manifest",
        ),
    ),
    Known(
        r"image id '?\[?(ami-\w+)?\]?'? does not exist|InvalidAMIID|not authorized for images",
        "an image is there in one region alone, and may be withdrawn or not shared with this account: name another "
        "under `ami`, or leave it out for the newest one",
        ("The image id '[ami-0ac019f4fcb7cb7e6]' does not exist (InvalidAMIID.NotFound)",),
    ),
    Known(
        r"S3 Error Code: |Error occurred while GetObject",
        "the artifact has to be in a bucket of the stack's region that whoever deploys may read: run `omegac publish` "
        "with that bucket, then deploy again",
        (
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. The specified key does not exist",
            "Error occurred while GetObject. S3 Error Code: PermanentRedirect.",
        ),
    ),
    Known(
        r"cannot be assumed by",
        f"{_RETRY}; a role of one's own has to name the service in its trust policy",
        ("The role defined for the function cannot be assumed by Lambda.",),
    ),
    Known(
        r"(?i)invalid IAM instance profile|iamInstanceProfile\.(name|arn) is invalid",
        _RETRY,
        (
            "Invalid IAM Instance Profile name",
            "Value (web-Profile-1A2B3C) for parameter iamInstanceProfile.name is invalid.",
        ),
    ),
    Known(
        r"UnreservedConcurrentExecution below its minimum",
        "lower what the functions reserve, or ask under Service Quotas for more concurrent executions of Lambda: an "
        "account keeps some that no function may reserve, and a new one has hardly more than those",
        ("ReservedConcurrentExecutions decreases account's UnreservedConcurrentExecution below its minimum",),
    ),
    Known(
        r"do not have sufficient (?P<type>\S+) capacity",
        "AWS has no {type} left there at the moment: deploy again later, or name another instance type, or subnets in "
        "other zones too",
        ("We currently do not have sufficient m6i.xlarge capacity in the Availability Zone you requested",),
    ),
    Known(
        r"Insufficient\w*Capacity",
        "AWS has none left there at the moment: deploy again later, or name another instance type",
        ("InsufficientInstanceCapacity",),
    ),
    Known(
        r"instance type .*is not supported in your requested Availability Zone|instance configuration .* not supported",
        "the zone does not have that instance type: name another type, or subnets in other zones",
        ("Your requested instance type (a1.large) is not supported in your requested Availability Zone (us-east-1e).",),
    ),
    Known(
        r"current (vCPU|instance) limit|(Vcpu|Instance)LimitExceeded",
        "stop other instances, name a smaller type, or ask for more under Service Quotas, Amazon EC2",
        ("You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket",),
    ),
    Known(
        r"Rate exceeded|Throttl|TooManyRequests|RequestLimitExceeded",
        "too many calls were made in the account at once: deploy again",
        ("Rate exceeded (Throttling)", "TooManyRequestsException"),
    ),
    Known(
        r"(?i)maximum number of .* has been reached|limit ?exceeded|cannot exceed quota|quota ?exceeded"
        r"|exceeds? the (maximum|limit|quota)",
        "remove what is no longer needed, or ask for more under Service Quotas",
        (
            "The maximum number of VPCs has been reached.",
            "The maximum number of addresses has been reached.",
            "Cannot exceed quota for PoliciesPerRole: 10 (LimitExceeded)",
        ),
    ),
    Known(
        r"Encoded authorization failure message",
        "`aws sts decode-authorization-message` tells which right is missing; `omegac events --format json` has all of "
        "the message",
        ("You are not authorized to perform this operation. Encoded authorization failure message: Xy1…",),
    ),
    Known(
        r"(?P<who>arn:\S+) is not authorized to perform:? (?P<action>[\w-]+:\w+)",
        "{who} needs the right to {action}, which a permissions boundary or a policy of the organization may also take "
        "away; with `--role-arn`, CloudFormation deploys as another role",
        ("User: arn:aws:iam::123456789012:user/ada is not authorized to perform: iam:CreateRole on resource: web",),
    ),
    Known(
        r"not authorized to perform:? (?P<action>[\w-]+:\w+)|API: (?P<api>[\w-]+:\w+) Access Denied",
        _RIGHT,
        (
            "API: iam:CreateRole User: AWSCloudFormation is not authorized to perform: iam:CreateRole on resource: web",
            "API: s3:PutBucketPolicy Access Denied",
        ),
    ),
    Known(
        r"(?i)access ?denied|UnauthorizedOperation|not authorized",
        "whoever deploys, or the role given by `--role-arn`, lacks a right that this resource needs",
        ("Access Denied", "You are not authorized to perform this operation."),
    ),
    Known(
        r"Export (?P<export>\S+) cannot be (deleted|updated) as it is in use by (?P<stacks>.+?)\.?$",
        "{export} is imported by {stacks}: take the import away there first",
        ("Export shop-vpc-EcsCluster cannot be deleted as it is in use by shop-events",),
    ),
    Known(
        r"A version for this Lambda function exists",
        "give the function another revision, as with `--param HelloFunctionRevision=100`: that changes it, and Lambda "
        "publishes a version of what has changed",
        ("A version for this Lambda function exists ( 8 ). Modify the function to create a new version.",),
    ),
    Known(
        r"bucket .*is not empty|BucketNotEmpty",
        "empty the bucket, with all versions, or keep it by `DeletionPolicy: Retain`: CloudFormation deletes none that "
        "holds something",
        ("The bucket you tried to delete is not empty (BucketNotEmpty)",),
    ),
    Known(
        r"has a dependent object|DependencyViolation|has dependencies|currently in use|ResourceInUse"
        r"|Cannot delete entity",
        "remove what still uses it outside of the stack, such as a network interface or a rule of a security group; "
        "those of a function in a VPC go by themselves, some of them only after half an hour",
        (
            "resource sg-0123456789abcdef0 has a dependent object (DependencyViolation)",
            "Cannot delete entity, must detach all policies first. (DeleteConflict)",
        ),
    ),
    Known(
        r"(?i)(deletion|termination) ?protection|cannot delete protected",
        "it is protected from deletion: end that in a deployment of its own first",
        ("Cannot delete protected DB Instance, please disable deletion protection and try again.",),
    ),
    Known(
        r"custom-named resource requires replacing",
        "change the name too, or leave it out: the new one is made before the old one goes, and only one can have it",
        ("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename web",),
    ),
    Known(
        r"already exists in stack (?P<stack>[^\s.]+)",
        "a name can be there once, and {stack} has it: leave the name out, or make it depend on the stage",
        ("hello already exists in stack arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1a2b",),
    ),
    Known(
        r"[Ss]ecurity group.*rule.*already exists|InvalidPermission\.Duplicate",
        "the security group has that rule already: leave one of them out",
        ('the specified rule "peer: 0.0.0.0/0, TCP, from port: 80" already exists (InvalidPermission.Duplicate)',),
    ),
    Known(
        r"(?i)already ?exists|BucketAlreadyOwnedByYou|name is already in use",
        "a name can be there once in an account and region, and that of a bucket once in all of AWS: leave the name "
        "out, so that CloudFormation makes one, or remove what has it",
        (
            "Resource of type 'AWS::Logs::LogGroup' with identifier '/aws/lambda/hello' already exists.",
            "EntityAlreadyExists",
        ),
    ),
    Known(
        r"belong to different networks|(not|must be) in the same VPC|different VPCs",
        "correct `network`, so that subnets and security groups are of one VPC",
        ("Security group sg-12ab and subnet subnet-34cd belong to different networks.",),
    ),
    Known(
        r"(?i)(subnet|vpc|security ?group|sg-\w+).* do(es)? not exist"
        r"|Invalid(SubnetID|VpcID|Group(Id)?|SecurityGroupID)\.NotFound|no default VPC",
        "it is not there in this account and region: correct `network`, or the parameter that names it",
        (
            "The subnet ID 'subnet-0123456789abcdef0' does not exist",
            "The vpc ID 'vpc-34cd' does not exist (InvalidVpcID.NotFound)",
            "No default VPC for this user",
        ),
    ),
    Known(
        r"CIDR",
        "correct the addresses: CIDR notation, such as 10.0.0.0/16, inside of the network around, and none twice",
        ("CIDR block 10.0.0.5/33 is malformed", "The CIDR '10.0.1.0/24' conflicts with another subnet"),
    ),
    Known(
        r"did not receive a response from your Custom Resource|Custom Resource failed to stabilize",
        "the function behind it failed before it could answer, or cannot reach S3: its log group has the error",
        (
            "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId",
            "Custom Resource failed to stabilize in expected time.",
        ),
    ),
    Known(
        r"Unable to fetch parameters \[|SSM parameter '[^']*' does not exist",
        "it is not in the Parameter Store of this region, and a local cloud has no image but Amazon Linux 2023's for "
        "x86_64: correct the path, or name an image by its id under `ami`, which a stage can do",
        (
            "Unable to fetch parameters [/aws/service/canonical/ubuntu] from parameter store for this account.",
            "Parameter 'Image' failed to resolve: SSM parameter '/aws/service/canonical/ubuntu' does not exist",
        ),
    ),
    Known(
        r"AWS::EarlyValidation::",
        "CloudFormation's own validation: which property it is about is told to whoever has the right to "
        "cloudformation:DescribeEvents",
        ("The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation].",),
    ),
    Known(
        r"[Hh]ook(\(s\))?(/validation)? failed",
        "a hook that this account has set up refused it: whoever runs the account knows what it asks for",
        ("The following hook(s) failed: [Example::Policy::Hook]",),
    ),
    Known(
        r"runtime parameter of (?P<runtime>\S+) is no longer supported",
        "Lambda makes no function with {runtime} any longer: name a newer `runtime`",
        ("The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions.",),
    ),
    Known(
        r"Unzipped size must be smaller than",
        "leave files out by `artifact.ignore`: Lambda takes 250 MB, unzipped",
        ("Unzipped size must be smaller than 262144000 bytes",),
    ),
    Known(
        r"(?i)certificate.*(not valid|validation|fully-qualified|unsupported)|UnsupportedCertificate",
        "name a certificate of this region that has been issued: one that waits for its validation in DNS will not do",
        ("The certificate must have a fully-qualified domain name, a supported signature, and a supported key size.",),
    ),
    Known(
        r"NotStabilized|did not stabilize|Exceeded attempts to wait|timed out waiting|exceeded the specified timeout",
        "it was not ready in time: the console or the log of its service may tell why",
        ("Exceeded attempts to wait (NotStabilized)", "Resource timed out waiting for creation of physical resource"),
    ),
    Known(
        r"(?i)internal ?(failure|error)|ServiceInternalError|ServiceUnavailable",
        "AWS failed, not the template: deploy again",
        ("Internal Failure", "InternalFailure"),
    ),
)


def way_out(reason: str) -> str | None:
    """What to do about a failure, if its reason is known."""
    return signal_way_out(reason) or _first(REASONS, reason)


def signal_way_out(reason: str) -> str | None:
    """What to look at where signals did not come, or came as failures; None for any other reason."""
    return _first(SIGNALS, reason)


def _first(table: tuple[Known, ...], reason: str) -> str | None:
    for pattern, known in zip(_patterns(table), table, strict=True):
        match = pattern.search(reason)
        if match:
            named = match.groupdict()
            return known.way_out.format_map({**named, "action": named.get("action") or named.get("api")})
    return None


@cache
def _patterns(table: tuple[Known, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(known.pattern) for known in table)
