"""Recording any framework's model while it is trained."""
