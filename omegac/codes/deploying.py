"""56xx: CodeDeploy."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
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
