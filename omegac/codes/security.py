"""4xxx: security. 40xx secrets, 41xx instances, 42xx policies, 43xx functions, 44xx logs."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4001": Code(
        "a secret in userdata",
        explanation="""\
Userdata is clear text to everyone who may describe the instance or its launch template, and to every program on the
instance. A parameter with NoEcho and a reference to Secrets Manager are resolved before they get there.

Let the script fetch the secret when the instance starts, by a right of its role.
""",
        bad="#!/bin/bash\nTOKEN='{% raw %}{{resolve:secretsmanager:shop:SecretString:token}}{% endraw %}'\n",
        good="#!/bin/bash\n"
        "TOKEN=$(aws secretsmanager get-secret-value --secret-id shop --query SecretString --output text)\n",
    ),
    "OM4002": Code(
        "what looks like an access key",
        "warning",
        explanation="""\
A text has the form of a key of AWS, GitHub, Slack or Stripe. Everyone who may see the stack, the repository or the
build's output reads it, and it stays in their histories.

Withdraw the key. What runs on AWS needs none for AWS: its role has credentials that change by themselves. Other keys
belong in Secrets Manager.
""",
        bad="#!/bin/bash\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n",
        good="#!/bin/bash\naws sts get-caller-identity\n",
    ),
    "OM4003": Code(
        "a private key that is written out",
        "warning",
        explanation="""\
Whoever has a private key is who it says. Everyone who may see the stack, the repository or the build's output reads
this one.

Replace it, and let what runs fetch the new one from Secrets Manager.
""",
        bad="""\
Resources:
  Host:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: |
        -----BEGIN PRIVATE KEY-----
        AAAAAAAAAAAAAAAAAAAAAA==
""",
        good="""\
Resources:
  Host:
    Type: AWS::SecretsManager::Secret
    Properties:
      Description: The private key of the host, put in by hand
""",
    ),
    "OM4004": Code(
        "a secret in a function's environment",
        "warning",
        explanation="""\
CloudFormation resolves a parameter with NoEcho, and a reference to Secrets Manager, before it sets the variable:
everyone who may see the function's configuration reads the secret there, and a new one arrives only with the next
deployment.

Give the function the name of the secret, and the right to read it.
""",
        bad="""\
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {PASSWORD: !Ref Password}}
""",
        good="""\
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {PASSWORD_SECRET: shop/password}}
""",
    ),
    "OM4101": Code(
        "a port for administrators, or every port, that is open to the world",
        "warning",
        explanation="""\
SSH and RDP that every address may reach are tried day and night, and a rule for every port opens whatever will ever
listen.

Name the addresses or the security group that need it. Session Manager gives a shell without any open port.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Servers
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
""",
        good="""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Servers
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 192.0.2.0/24}]
""",
    ),
    "OM4102": Code(
        "an instance whose metadata answers without a token",
        "warning",
        explanation="""\
Version 1 of the metadata service answers any request that comes from the instance. A program there that can be made to
fetch an address of somebody's choice gives away the credentials of the instance's role. Version 2 wants a token first,
which such a program cannot be made to get.

Without HttpTokens the image and the account decide which versions there are.
""",
        bad="""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {MetadataOptions: {HttpTokens: optional}}
""",
        good="""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}
""",
    ),
    "OM4103": Code(
        "a volume that is not encrypted",
        "warning",
        explanation="""\
Without `Encrypted: true` a volume is encrypted only in accounts and regions that are set to encrypt by default, or if
its snapshot is. A volume cannot be encrypted later: it has to be replaced.
""",
        bad="""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: !Select [0, !GetAZs ""], Size: 8}
""",
        good="""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: !Select [0, !GetAZs ""], Size: 8, Encrypted: true}
""",
    ),
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
    "OM4401": Code(
        "logs that are kept for ever",
        "warning",
        explanation="""\
Without RetentionInDays a log group keeps what is logged until somebody deletes it, personal data too, and every month
costs more than the one before.
""",
        bad="Resources:\n  Logs: {Type: AWS::Logs::LogGroup}\n",
        good="Resources:\n  Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}\n",
    ),
}
