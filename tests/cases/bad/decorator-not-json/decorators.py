def leaves(template):
    """Leaves a set."""
    template["Metadata"] = {"tags": {"a"}}
