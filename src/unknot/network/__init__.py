"""What a network is made of: activations, the maps between layers, and the dense network."""
