"""animate: films along the layers and along the training."""

from unknot.views.films.animate import animate
from unknot.views.films.encode import check_suffix

__all__ = ["animate", "check_suffix"]
