"""What runs a service on this machine: its artifact unpacked, a function, a server's command, a local cloud."""
