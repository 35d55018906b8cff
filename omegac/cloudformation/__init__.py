"""What omegac knows of CloudFormation: its intrinsics, what names refer to, the attributes of resource types."""
