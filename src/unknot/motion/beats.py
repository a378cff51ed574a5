"""What happens when, in words."""

from dataclasses import dataclass

from unknot.motion.along_map import AlongAffine
from unknot.motion.transitions import Beat, Transition
from unknot.network.maps import Activation, Affine, Map

#: What people read, where that is not the kind itself.
BEAT_NAMES = {"look": "view"}


@dataclass(frozen=True)
class SceneBeat(Beat):
    """A beat in the time of the whole scene: `start` and `stop` are in `t`.

    Attributes
    ----------
    layer : str
        The layer or function at work: ``"hidden 1"``, ``"relu"``.
    sentence : str
        What happens, for a reader who sees it for the first time.
    is_visible : bool
        False when the picture does not change during it.
    """

    layer: str
    sentence: str
    is_visible: bool = True

    @property
    def title(self) -> str:
        """``"hidden 1: stretch"``, ``"hidden 1: view"``, ``"relu"``."""
        if self.kind in ("activation", "softmax"):
            return self.layer
        return f"{self.layer}: {BEAT_NAMES.get(self.kind, self.kind)}"


def scene_beat(
    beat: Beat, map_: Map, transition: Transition, k: int, is_visible: bool
) -> SceneBeat:
    """A transition's beat in the time of the whole scene, with its sentence."""
    return SceneBeat(
        beat.kind,
        k + beat.start,
        k + beat.stop,
        map_.name,
        _sentence(beat.kind, map_, transition),
        is_visible,
    )


def _sentence(kind: str, map_: Map, transition: Transition) -> str:
    if kind == "activation" and isinstance(map_, Activation):
        return map_.sentence
    if kind == "softmax":
        return "softmax turns scores (logits) into probabilities, drawn straight"
    if isinstance(transition, AlongAffine) and isinstance(map_, Affine):
        return _affine_sentence(kind, transition)
    return "filled in between start and end, not the network's own path"


def _affine_sentence(kind: str, path: AlongAffine) -> str:
    n_in, n_out = path.map.shape
    if kind == "look":
        return "only the view turns; the points stand still"
    if kind == "stretch":
        scales = path.scales
        if not len(scales):
            return "everything is squashed to one point"
        factors = f"×{scales[0]:.2g} in one direction"
        if len(scales) > 1:
            factors = f"×{scales[-1]:.2g} to ×{scales[0]:.2g} by direction"
        lost = n_in - len(scales) if path.leading is None else 0
        flat = f"; {lost} direction{'s' * (lost > 1)} pressed flat" if lost else ""
        return f"stretched {factors}{flat}"
    if kind == "turn":
        if path.is_turned_over:
            return "turned over like a card: the layer mirrors the cloud"
        into = f" into the space of {n_out} units" if n_out > n_in else ""
        return f"turned as a whole{into}; no distance changes"
    return "all points move the same way (the bias)"
