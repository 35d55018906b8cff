"""54xx to 56xx: versions and functions of Lambda, cfn-init, CodeDeploy."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM5401": Code(
        "a version that is published once and never again",
        "warning",
        explanation="""\
A version is published when CloudFormation creates the resource, and none of its properties can change afterwards. If
the logical id stays too, new code of the function is never published, and an alias keeps what it had at first.

Put a digest of the code into the logical id, or say CodeSha256: either makes another resource of it when the code
changes. DeletionPolicy: Retain keeps the old versions.
""",
        bad="""\
Resources:
  Version:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: shop}
""",
        good="""\
Resources:
  Version1b413fd62384:
    Type: AWS::Lambda::Version
    DeletionPolicy: Retain
    Properties: {FunctionName: shop}
""",
    ),
    "OM5402": Code(
        "an alias to what is not published",
        "warning",
        explanation="""\
$LATEST is the function as it was last uploaded. An alias to it changes with each upload: it can neither be taken back
nor moved step by step.

Publish a version, and point the alias at it.
""",
        bad="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: shop, FunctionVersion: $LATEST, Name: live}
""",
        good="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: shop, FunctionVersion: !GetAtt Version7.Version, Name: live}
  Version7:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: shop}
""",
    ),
    "OM5403": Code(
        "an alias that Lambda refuses",
        explanation="""\
An alias routes to its own version and to one more at most, which gets a part of the calls from 0 to 1. Both have to be
published, and to be two. Provisioned concurrency wants a published version as well.
""",
        bad="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: shop
      FunctionVersion: "7"
      Name: live
      RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: "8", FunctionWeight: 10}]}
""",
        good="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: shop
      FunctionVersion: "7"
      Name: live
      RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: "8", FunctionWeight: 0.1}]}
""",
    ),
    "OM5404": Code(
        "a public URL that nobody may call",
        "warning",
        explanation="""\
With AuthType NONE Lambda asks nobody who they are, but the function's policy still has to let everyone in, for
lambda:InvokeFunctionUrl and for lambda:InvokeFunction; without either each call is answered with 403. A permission for
the function does not hold for an alias of it, nor the other way round.

Give both permissions, on what the URL is for.
""",
        bad="""\
Resources:
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: !Ref Shop}
  Shop: {Type: AWS::Lambda::Function}
""",
        good="""\
Resources:
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: !Ref Shop}
  UrlPermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunctionUrl
      FunctionName: !Ref Shop
      FunctionUrlAuthType: NONE
      Principal: "*"
  InvokePermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Shop
      InvokedViaFunctionUrl: true
      Principal: "*"
  Shop: {Type: AWS::Lambda::Function}
""",
    ),
    "OM5405": Code(
        "a time that CloudFormation does not wait",
        explanation="""\
ServiceTimeout is how many seconds CloudFormation waits for a custom resource to answer: a whole number from 1 to
14,400, and one hour where there is none.
""",
        bad="""\
Resources:
  Image:
    Type: Custom::Image
    Properties: {ServiceToken: !ImportValue ImageLookup, ServiceTimeout: 0}
""",
        good="""\
Resources:
  Image:
    Type: Custom::Image
    Properties: {ServiceToken: !ImportValue ImageLookup, ServiceTimeout: 60}
""",
    ),
    "OM5501": Code(
        "a config set with what is not there",
        explanation="""\
cfn-init looks up every config and every set that configSets name before it does anything. If one is not there, it
fails, and nothing of the machine is set up.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [instal]}
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [install]}
        install: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5502": Code(
        "a section that cfn-init does not know",
        "warning",
        explanation="""\
A config has the sections packages, groups, users, sources, files, commands and services. cfn-init passes over any other
without a word.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {package: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5503": Code(
        "a command of cfn-init that says none",
        explanation="""\
Each entry under `commands` needs a `command`, unless a script under `defaults` prints one. At an entry without,
cfn-init fails; what comes before it has been done by then.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {commands: {migrate: {cwd: /opt/shop}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {commands: {migrate: {cwd: /opt/shop, command: ./migrate}}}
""",
    ),
    "OM5504": Code(
        "a config set that takes itself in",
        explanation="""\
A set may take in others, but not itself, nor by way of others: cfn-init fails at that before it does anything.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [{ConfigSet: web}], web: [install, {ConfigSet: default}]}
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [{ConfigSet: web}], web: [install]}
        install: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5505": Code(
        "a config that nothing runs",
        "warning",
        explanation="""\
cfn-init runs the configs of a set. Without configSets it runs the one that is named `config`, and no other, without a
word.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5601": Code(
        "a deployment configuration that CodeDeploy does not have",
        explanation="""\
Names that begin with CodeDeployDefault. are those of the configurations that CodeDeploy brings along; nobody can make
another.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, DeploymentConfigName: CodeDeployDefault.LambdaCanary10Percent5Minute}
""",
        good="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, DeploymentConfigName: CodeDeployDefault.LambdaCanary10Percent5Minutes}
""",
    ),
    "OM5602": Code(
        "a deployment configuration for another compute platform",
        explanation="""\
A configuration is for Server, Lambda or ECS, and CodeDeploy takes only those of the platform of the group's
application.
""",
        bad="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Lambda}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: !Ref Shop, DeploymentConfigName: CodeDeployDefault.AllAtOnce}
""",
        good="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Lambda}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: !Ref Shop, DeploymentConfigName: CodeDeployDefault.LambdaAllAtOnce}
""",
    ),
    "OM5603": Code(
        "a deployment style that its platform cannot have",
        explanation="""\
Functions are deployed BLUE_GREEN, WITH_TRAFFIC_CONTROL, and in no other style. On servers WITH_TRAFFIC_CONTROL needs a
load balancer, and BLUE_GREEN needs WITH_TRAFFIC_CONTROL.
""",
        bad="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Server}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref Shop
      DeploymentStyle: {DeploymentType: IN_PLACE, DeploymentOption: WITH_TRAFFIC_CONTROL}
""",
        good="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Server}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref Shop
      DeploymentStyle: {DeploymentType: IN_PLACE, DeploymentOption: WITH_TRAFFIC_CONTROL}
      LoadBalancerInfo: {TargetGroupInfoList: [{Name: shop}]}
""",
    ),
    "OM5604": Code(
        "what a deployment group does not take",
        explanation="""\
Tags of instances are for servers, services of ECS for ECS, and functions are found by their alias. Of a list of tags
and a set of tag lists a group takes one.
""",
        bad="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Lambda}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: !Ref Shop, Ec2TagFilters: [{Type: KEY_ONLY, Key: shop}]}
""",
        good="""\
Resources:
  Shop: {Type: AWS::CodeDeploy::Application, Properties: {ComputePlatform: Lambda}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: !Ref Shop}
""",
    ),
    "OM5605": Code(
        "a safeguard of a deployment that nothing sets off",
        explanation="""\
CodeDeploy takes alarms only if there are any, and a rollback only if it says at which events.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, AutoRollbackConfiguration: {Enabled: true}}
""",
        good="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, AutoRollbackConfiguration: {Enabled: true, Events: [DEPLOYMENT_FAILURE]}}
""",
    ),
    "OM5606": Code(
        "a deployment in the stack beside a rollback",
        "warning",
        explanation="""\
With Deployment a group deploys a revision as soon as it is there. CloudFormation's reference rules out that it has an
AutoRollbackConfiguration too.

Deploy with CreateDeployment once the stack is there, and keep the rollback.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: shop
      AutoRollbackConfiguration: {Enabled: true, Events: [DEPLOYMENT_FAILURE]}
      Deployment: {Revision: {RevisionType: S3, S3Location: {Bucket: shop, Key: shop.zip}}}
""",
        good="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: shop
      AutoRollbackConfiguration: {Enabled: true, Events: [DEPLOYMENT_FAILURE]}
""",
    ),
    "OM5607": Code(
        "a target group's ARN in place of its name",
        explanation="""\
CodeDeploy finds a target group by its name, which has 32 characters at most. Ref gives its ARN; the name is the
attribute TargetGroupName.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, LoadBalancerInfo: {TargetGroupInfoList: [{Name: !Ref Web}]}}
  Web: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
""",
        good="""\
Resources:
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: {ApplicationName: shop, LoadBalancerInfo: {TargetGroupInfoList: [{Name: !GetAtt Web.TargetGroupName}]}}
  Web: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
""",
    ),
}
