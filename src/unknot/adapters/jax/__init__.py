"""What the adapters of JAX's libraries share: a function of a batch, as the program that it is."""
