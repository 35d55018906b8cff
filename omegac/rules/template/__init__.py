"""Rules for any CloudFormation template: a file with a function `check` from its body to diagnostics."""
