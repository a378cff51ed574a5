"""animate: films along the layers and along the training."""

from unknot.views.films.animate import animate
from unknot.views.films.encode import encoders

__all__ = ["animate", "encoders"]
