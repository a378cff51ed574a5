"""Names of representations, the same for every framework."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from unknot.adapters.recognise import known_name
from unknot.adapters.settling import Part
from unknot.network.formulas import plain
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax

#: What makes probabilities of logits, by name.
HEADS: dict[str, Map] = {"sigmoid": Activation("sigmoid"), "softmax": Softmax()}
#: Activations whose formula unknot does not have, as `plain` writes them.
OTHER_ACTIVATIONS = {
    *("hardshrink", "hardsigmoid", "hardsilu", "hardswish", "logsigmoid", "rrelu", "softshrink"),
    *("softsign", "squareplus", "tanhshrink", "threshold", "thresholdedrelu"),
}


def name_representations(parts: Sequence[Part], gives_probabilities: bool = False) -> list[str]:
    """The input's name and one a map.

    What a dense layer makes before its activation is the layer's pre-activation, and what the
    activation makes bears the layer's name; behind another layer it bears its own. A last sigmoid
    or softmax makes the probability, out of the logit.
    """
    names = ["input"]
    for k, part in enumerate(parts):
        following = parts[k + 1].map if k + 1 < len(parts) else None
        dense = k > 0 and _is_dense(parts[k - 1].map)
        if following is not None and k + 2 == len(parts) and is_head(following):
            name = "logit"
        elif following is None and (is_head(part.map) or gives_probabilities):
            name = "probability"
        elif _is_dense(part.map) and _is_activation(following):
            name = f"{part.name} pre-activation"
        elif _is_activation(part.map):
            name = parts[k - 1].name if dense else _activation_name(part)
        else:
            name = part.name
        names.append(name)
    return _unique(names)


def _is_dense(map_: Map) -> bool:
    """Whether a map mixes units: batch normalisation and scalers are affine, too."""
    if not isinstance(map_, Affine):
        return False
    n_in, n_out = map_.weight.shape
    if n_in != n_out or n_in == 1:
        return True
    return bool(np.count_nonzero(map_.weight) > np.count_nonzero(np.diagonal(map_.weight)))


def _is_activation(map_: Map | None) -> bool:
    """Also one whose formula is not unknot's, such as hardswish."""
    if not isinstance(map_, Opaque):
        return isinstance(map_, Activation)
    return plain(map_.name) in OTHER_ACTIVATIONS or known_name(map_.name)


def _activation_name(part: Part) -> str:
    """``"relu"`` for ``"layer 3"``, ``"re_lu_1"`` and ``"activation"``; a name that says more."""
    word = part.map.name.lower()
    given = plain(re.sub(r"[ _]?\d+$", "", part.name))
    says_nothing = given in ("layer", "activation", plain(word), plain(part.kind))
    return word if says_nothing or re.fullmatch(r".*\.\d+", part.name) else part.name


def is_head(map_: Map) -> bool:
    """Whether a map makes probabilities of logits."""
    return map_ in HEADS.values()


def _unique(names: list[str]) -> list[str]:
    """A second layer of a name is ``"name (2)"``: views find representations by name."""
    taken: Counter[str] = Counter()
    given = set(names)
    found: list[str] = []
    for name in names:
        taken[name] += 1
        unique = name
        while unique in found or (taken[name] > 1 and unique in given):
            unique = f"{name} ({taken[name]})"
            if unique in found:
                taken[name] += 1
        found.append(unique)
    return found
