"""animate: films along the layers and along the training."""

from unknot.views.animation.making import animate
from unknot.views.encode import Film, check_suffix

__all__ = ["Film", "animate", "check_suffix"]
