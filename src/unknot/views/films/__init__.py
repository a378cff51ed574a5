"""animate: films along the layers and along the training."""

from unknot.views.encode import Film, check_suffix
from unknot.views.films.making import animate

__all__ = ["Film", "animate", "check_suffix"]
