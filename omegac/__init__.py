"""omegac compiles a declarative service spec to a CloudFormation template for Lambda and EC2."""

__version__ = "0.1.0"
