"""What happens when, in words."""

from dataclasses import dataclass

import numpy as np

from unknot.motion.along_map import AlongAffine, two_digits
from unknot.motion.rotation import pad_rows
from unknot.motion.transitions import Beat, Clouds, Matrix, Transition
from unknot.network.factors import sampled
from unknot.network.maps import Activation, Map

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


#: A beat whose picture moves by less than this share of its radius is not seen, and a cloud that
#: moves by less has not changed.
UNSEEN = 2e-3
#: Products of a decomposition in double precision are exact to this share of what is far out.
EXACT = 1e-9


def scene_beat(
    beat: Beat, map_: Map, transition: Transition, clouds: Clouds, is_visible: bool
) -> SceneBeat:
    """A transition's beat in the time of the whole scene, with its sentence.

    Each sentence is held to the clouds before it is said.

    Parameters
    ----------
    beat : Beat
    map_ : Map
    transition : Transition
    clouds : sequence of (n_points, n_units) arrays
        Of all representations.
    is_visible : bool
        Whether the picture changes.
    """
    k = transition.k
    if beat.kind == "look":
        sentence = LOOKS[is_visible]
    elif isinstance(transition, AlongAffine):
        sentence = _affine_sentence(beat.kind, transition, sampled(clouds[k + 1]))
    else:
        sentence = _straight_sentence(beat.kind, map_, *map(sampled, clouds[k : k + 2]))
    return SceneBeat(beat.kind, k + beat.start, k + beat.stop, map_.name, sentence, is_visible)


LOOKS = {
    True: "only the view turns; the points stand still",
    False: "the view stays as it is; the points stand still",
}
NOTHING = "nothing changes"
LITTLE = "no point moves by more than 0.2% of the cloud's radius"


def _straight_sentence(kind: str, map_: Map, before: Matrix, after: Matrix) -> str:
    if kind == "softmax":
        return "softmax turns scores (logits) into probabilities, drawn straight"
    if kind != "activation" or not isinstance(map_, Activation):
        return "filled in between start and end, not the network's own path"
    return _still(after - before, max(radius(before), radius(after)), NOTHING) or (
        map_.sentence_for(before)
    )


def _affine_sentence(kind: str, path: AlongAffine, after: Matrix) -> str:
    if kind == "stretch":
        return _stretch_sentence(path)
    if kind == "turn":
        return _turn_sentence(path)
    if path.leading is not None:
        return "all points move by the bias, and by what the directions followed leave out"
    still = _still(path.map.bias[None].astype(np.float64), radius(after), "no shift: the bias is 0")
    return still or "all points move the same way (the bias)"


def _stretch_sentence(path: AlongAffine) -> str:
    own = path.factors
    scales = own.scales[own.filled]
    pressed = own.n_pressed if path.leading is None else 0
    if not len(scales):
        return "everything is squashed to one point" if pressed else "all points are one already"
    low, high = (two_digits(scales[i]) for i in (-1, 0))
    if np.abs(scales - 1).max() <= UNSEEN:
        stretched = "no direction is stretched"
    elif len(scales) == 1:
        stretched = f"stretched ×{high} in one direction"
    else:
        same = "in every direction" if not pressed else "in the others"
        stretched = (
            f"stretched ×{low} to ×{high} by direction"
            if low != high
            else (f"stretched ×{high} {same}")
        )
    return stretched + (
        f"; {pressed} direction{'s' * (pressed > 1)} pressed flat" if pressed else ""
    )


def _turn_sentence(path: AlongAffine) -> str:
    n_in, n_out = path.map.shape
    own = path.factors
    cloud = own.cloud
    if cloud is not None:
        n = max(n_in, n_out)
        stretched = cloud @ own.source * own.scales
        turned = stretched @ (pad_rows(own.target, n) - pad_rows(own.source, n)).T
        rounding = EXACT * float(np.sqrt(np.square(stretched).sum(axis=1).max(initial=0)))
        still = _still(turned, radius(stretched), "no turn: every direction stays", rounding)
        if still:
            return still
    if path.is_turned_over and own.is_spanned:
        return "turned over like a card: the layer mirrors the cloud"
    into = f" into the space of {n_out} units" if n_out > n_in else ""
    return f"turned as a whole{into}; no distance changes"


def _still(moved: Matrix, size: float, unmoved: str, rounding: float = 0.0) -> str | None:
    """What is said where no point moves by more than is seen; None where one does."""
    farthest = float(np.sqrt(np.square(moved).sum(axis=1).max(initial=0)))
    if farthest <= rounding:
        return unmoved
    return LITTLE if farthest <= UNSEEN * size else None


def radius(cloud: Matrix) -> float:
    """Root of the mean squared distance from the centre."""
    if not len(cloud):
        return 0.0
    return float(np.sqrt(np.square(cloud - cloud.mean(axis=0)).sum(axis=1).mean()))
