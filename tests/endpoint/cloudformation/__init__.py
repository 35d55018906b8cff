"""CloudFormation: stacks that move through their statuses a tick at a time, as a test has scripted them."""
