"""42xx and 43xx: who may do what, and who may invoke a function."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4201": Code(
        "a right to do everything",
        "warning",
        explanation="""\
A statement allows every action, or every action of a service, on every resource of the account: whoever gets hold of
the role owns all of that.

Name the actions and the resources that are needed.
""",
        bad="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
""",
        good="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: s3:GetObject, Resource: !Sub "arn:${AWS::Partition}:s3:::shop/*"}]
""",
    ),
    "OM4202": Code(
        "a right to do all but some things",
        "warning",
        explanation="""\
NotAction with Allow gives every action that it does not name, of services that are yet to come too; NotResource does
the same for resources.

Allow what is needed by name. To keep something out, write a statement with Deny.
""",
        bad="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, NotAction: "iam:*", Resource: "*"}]
""",
        good="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Deny, NotAction: "s3:*", Resource: "*"}]
""",
    ),
    "OM4203": Code(
        "a role that anyone may become",
        "warning",
        explanation="""\
The principal "*" without a condition is everyone with an account of AWS, whoever's it is.

Name the service or the account that is to become the role.
""",
        bad="""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: "*", Action: sts:AssumeRole}]
""",
        good="""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
""",
    ),
    "OM4204": Code(
        "a queue, topic, bucket, key, secret or repository that is open to everyone",
        "warning",
        explanation="""\
The principal "*" without a condition is everyone, with or without an account of AWS.

Name who is meant. Where a service is to come in for one of your resources, say which in a condition on aws:SourceArn or
aws:SourceAccount.
""",
        bad="""\
Resources:
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: "*", Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn}]
  Queue: {Type: AWS::SQS::Queue}
""",
        good="""\
Resources:
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
            Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
""",
    ),
    "OM4205": Code(
        "a policy without a Version",
        "warning",
        explanation="""\
Without a Version a policy is read in the language of 2008: what that does not have, variables above all, is text in it.
""",
        bad="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{Effect: Allow, Action: s3:ListAllMyBuckets, Resource: "*"}]
""",
        good="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: s3:ListAllMyBuckets, Resource: "*"}]
""",
    ),
    "OM4206": Code(
        "a variable in a policy that cannot have any",
        explanation="""\
Variables such as ${aws:username} came with the language of 2012-10-17. A policy without a Version, or with that of
2008, takes one for plain text, so that the statement holds for nothing.
""",
        bad="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub "arn:${AWS::Partition}:s3:::home/${!aws:username}/*"
""",
        good="""\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub "arn:${AWS::Partition}:s3:::home/${!aws:username}/*"
""",
    ),
    "OM4207": Code(
        "an ARN with the partition written in it",
        "warning",
        explanation="""\
The partition of most regions is aws, that of China aws-cn, that of GovCloud aws-us-gov. An ARN that begins arn:aws:
names nothing in the others. ARNs with a region, an account or a bucket of their own pass: they are of one partition
anyway.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
""",
        good="""\
Resources:
  Group:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"]}
""",
    ),
    "OM4301": Code(
        "a function that a service may invoke for anyone",
        "warning",
        explanation="""\
A permission for a service, without SourceArn or SourceAccount, holds for the buckets, topics and rules of every
account: whoever knows the function's ARN can have the service invoke it.
""",
        bad="""\
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: shop, Principal: sns.amazonaws.com}
""",
        good="""\
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: shop
      Principal: sns.amazonaws.com
      SourceArn: !Ref Topic
  Topic: {Type: AWS::SNS::Topic}
""",
    ),
    "OM4302": Code(
        "a function that everyone may invoke",
        "warning",
        explanation="""\
The principal "*" is every user and role of every account. A public URL needs such a permission, but one that holds for
calls by the URL alone.
""",
        bad="""\
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: shop, Principal: "*"}
""",
        good="""\
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: shop, Principal: "*", InvokedViaFunctionUrl: true}
""",
    ),
}
