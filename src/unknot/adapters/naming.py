"""What the representations of a model are called."""

import re
from collections.abc import Sequence

import numpy as np

from unknot.adapters.claims import Part, known_name
from unknot.adapters.output import is_head
from unknot.network.formulas import plain
from unknot.network.maps import Activation, Affine, Map, Opaque
from unknot.traces.selection import unique

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
        elif _is_dense(part.map) and bends_units(following):
            name = f"{part.name} pre-activation"
        elif bends_units(part.map):
            name = parts[k - 1].name if dense else _activation_name(part)
        else:
            name = part.name
        names.append(name)
    return unique(names)


def _is_dense(map_: Map) -> bool:
    """Whether a map mixes units: batch normalisation and scalers are affine, too."""
    if not isinstance(map_, Affine):
        return False
    n_in, n_out = map_.shape
    if n_in != n_out or n_in == 1:
        return True
    if map_.scale is not None:
        return False
    return bool(np.count_nonzero(map_.weight) > np.count_nonzero(np.diagonal(map_.weight)))


def bends_units(map_: Map | None) -> bool:
    """Also one whose formula is not unknot's, such as hardswish."""
    if not isinstance(map_, Opaque):
        return isinstance(map_, Activation)
    word = plain(map_.name)
    # A dense layer along tokens is opaque, too.
    return word in OTHER_ACTIVATIONS or (word != "linear" and known_name(map_.name))


def _activation_name(part: Part) -> str:
    """``"relu"`` for ``"layer 3"``, ``"re_lu_1"`` and ``"activation"``; a name that says more."""
    word = part.map.name.lower()
    stem = plain(re.sub(r"[ _]?\d+$", "", part.name))
    says_nothing = stem in ("layer", "activation", plain(word), plain(part.kind))
    return word if says_nothing or re.fullmatch(r".*\.\d+", part.name) else part.name
