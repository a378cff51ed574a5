"""animate: films along the layers and along the training."""
