"""Names of representations, the same for every framework."""

from collections import Counter
from collections.abc import Sequence

from unknot.adapters.settling import Part
from unknot.maps import Activation, Affine, Opaque

HEADS = ("sigmoid", "softmax")


def name_representations(parts: Sequence[Part]) -> list[str]:
    """The input's name and one a map.

    An activation's image bears the name of the layer whose units it acts on, and what that layer
    made before is its pre-activation; a last sigmoid or softmax makes the probability, out of
    the logit.
    """
    names = ["input"]
    layer = ""
    for k, part in enumerate(parts):
        following = parts[k + 1].map if k + 1 < len(parts) else None
        if isinstance(part.map, Affine):
            layer = part.name
        if following is not None and k + 2 == len(parts) and is_head(following):
            name = "logit"
        elif following is None and is_head(part.map):
            name = "probability"
        elif isinstance(part.map, Affine) and isinstance(following, Activation):
            name = f"{part.name} pre-activation"
        elif isinstance(part.map, Activation) and k and isinstance(parts[k - 1].map, Affine):
            name = layer
        else:
            name = part.name
        names.append(name)
    return _unique(names)


def is_head(map_: object) -> bool:
    """Whether a map makes probabilities of logits."""
    return isinstance(map_, Activation | Opaque) and map_.name in HEADS


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
