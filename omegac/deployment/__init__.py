"""What there is to know of a stack and its deployment, computed from plain data: nothing here calls AWS or prints."""
