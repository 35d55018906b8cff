"""Which properties cannot be changed in place: a small part of what the resource types' own documentation says."""

from __future__ import annotations

ALWAYS = {
    "AWS::AutoScaling::AutoScalingGroup": {"AutoScalingGroupName", "InstanceId"},
    "AWS::DynamoDB::Table": {"KeySchema", "TableName"},
    "AWS::EC2::Instance": {"AvailabilityZone", "ImageId", "KeyName", "SubnetId"},
    "AWS::EC2::LaunchTemplate": {"LaunchTemplateName"},
    "AWS::EC2::SecurityGroup": {"GroupDescription", "GroupName", "VpcId"},
    "AWS::IAM::InstanceProfile": {"InstanceProfileName", "Path"},
    "AWS::IAM::Role": {"Path", "RoleName"},
    "AWS::Lambda::Alias": {"FunctionName", "Name"},
    "AWS::Lambda::Function": {"FunctionName", "PackageType"},
    "AWS::Lambda::Permission": {"Action", "FunctionName", "FunctionUrlAuthType", "Principal", "SourceArn"},
    "AWS::Lambda::Url": {"Qualifier", "TargetFunctionArn"},
    "AWS::Lambda::Version": {"CodeSha256", "Description", "FunctionName"},
    "AWS::Logs::LogGroup": {"LogGroupName"},
    "AWS::RDS::DBInstance": {"DBInstanceIdentifier", "DBName", "Engine", "MasterUsername"},
    "AWS::S3::Bucket": {"BucketName"},
    "AWS::SNS::Topic": {"FifoTopic", "TopicName"},
    "AWS::SQS::Queue": {"FifoQueue", "QueueName"},
    "AWS::SSM::Parameter": {"Name"},
}

CONDITIONALLY = {
    "AWS::EC2::Instance": {"InstanceType", "UserData"},
    "AWS::RDS::DBInstance": {"AvailabilityZone", "Port"},
}


def of(kind: str, name: str) -> str:
    """Whether a change of a property requires another resource: Always, Conditionally or Never."""
    if name in ALWAYS.get(kind, ()):
        return "Always"
    return "Conditionally" if name in CONDITIONALLY.get(kind, ()) else "Never"
