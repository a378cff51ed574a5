"""What happens when, in words."""

from dataclasses import dataclass

from unknot.motion.along_map import AlongAffine
from unknot.motion.transitions import Beat, Transition
from unknot.network.maps import Activation, Affine, Map


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
        """``"hidden 1: stretch"``, ``"relu"``."""
        return (
            self.layer if self.kind in ("activation", "softmax") else f"{self.layer}: {self.kind}"
        )


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
        return "softmax mixes the units: shown straight from the logits to the probabilities"
    if isinstance(transition, AlongAffine) and isinstance(map_, Affine):
        return _affine_sentence(kind, transition)
    return "drawn between the ends, not the path the network takes"


def _affine_sentence(kind: str, path: AlongAffine) -> str:
    n_in, n_out = path.map.weight.shape
    if kind == "look":
        return "nothing moves but the view: it turns to what the layer reads"
    if kind == "stretch":
        scales = path.scales
        if not len(scales):
            return "everything is squashed to one point"
        factors = f"×{scales[0]:.2g}"
        if len(scales) > 1:
            factors = f"×{scales[-1]:.2g} to {factors}"
        lost = n_in - len(scales)
        killed = f"; {lost} direction{'s' * (lost > 1)} lost" if lost else ""
        return f"stretched {factors} along its own directions{killed}"
    if kind == "turn":
        if path.is_turned_over:
            return "turned over through an extra axis: the map mirrors"
        return "turned, nothing is deformed" + (f", into {n_out} units" if n_out > n_in else "")
    return "the bias moves the cloud as a whole"
