def fails(template):
    """Looks for what is not there."""
    return template["Resources"]["Nowhere"]
