"""The commands that work on stacks: each asks `cloud`, decides by `deployment`, and tells a `Talk` what it does."""
