"""A server's script: rendered (`render`), converted to one expression (`convert`), proved to be the same (`script`)."""
