"""What is proved about a case, stated no wider than it was proved."""

from collections.abc import Sequence

from unknot.datasets.dataset import Dataset
from unknot.network.maps import as_activation
from unknot.width.result import Statement

#: Data sets in which a class lies inside another: its region has a bounded piece.
ENCLOSED = ("circles", "shells", "interval", "gaussian_quantiles", "discs", "shell_pairs")
#: Concentric spheres: one class in the middle, the other around it.
CONCENTRIC = ("circles", "shells", "interval")

BEISE = "Beise, Dias Da Cruz, Schröder 2021, Neural Networks 140"
OLAH = "Olah 2014, Neural Networks, Manifolds, and Topology"
KIM = "Kim, Min, Park 2024, ICLR"
MINSKY = "Minsky, Papert 1969, Perceptrons"
RUMELHART = "Rumelhart, Hinton, Williams 1986, Nature 323"


def theory(
    data: Dataset, activation: str, depth: int, readout: int | None, widths: Sequence[int]
) -> tuple[Statement, ...]:
    """The statements that apply, the strictest first.

    Parameters
    ----------
    data : Dataset
        What is known of its shape is known by the name of its generator.
    activation : str
    depth : int
        Number of hidden layers, all of one width.
    readout : int or None
    widths : sequence of int
        Those tried.
    """
    function = as_activation(activation)
    # Homeomorphisms of the line onto an interval or the line.
    is_homeomorphic = function.monotone == "strictly"
    is_monotone = function.monotone != "no"
    d = data.n_features
    inputs = "1 input" if d == 1 else f"{d} inputs"
    space = "1 dimension" if d == 1 else f"{d} dimensions"
    name = data.name if data.parameters.get("n") is not None else ""
    statements: list[Statement] = []
    narrow = tuple(w for w in widths if w <= d)
    enclosed = name in ENCLOSED and data.n_classes == 2
    if enclosed and (is_homeomorphic or function.name == "relu") and narrow:
        statements.append(
            Statement(
                f"Where no hidden layer is wider than the {inputs}, every piece of a "
                "decision region reaches out to infinity (relu and strictly monotone activations), "
                "so none can close around the inner class.",
                BEISE,
                narrow,
                forbids=True,
            )
        )
    if name == "circles" and is_homeomorphic:
        statements.append(
            Statement(
                "A disc within a ring is separated without error only if some layer has 3 units "
                "or more (layers that neither tear nor glue: homeomorphisms).",
                OLAH,
                tuple(w for w in widths if w < 3),
            )
        )
    if depth == 1 and is_monotone and 1 in widths and data.n_classes == 2:
        statements.append(
            Statement(
                "One monotone unit is one threshold along one direction: a straight cut.",
                MINSKY,
                (1,),
            )
        )
    if name in CONCENTRIC and data.n_classes == 2 and function.is_smooth:
        statements.append(
            Statement(
                f"{d + 1} smooth units in one layer come as near as one likes to any sphere in "
                f"{space}: with small weights that point to the corners of a simplex (triangle, "
                "tetrahedron, …) they add up to a constant and the squared distance.",
                "Taylor expansion, see docs/width.md",
                tuple(w for w in widths if w >= d + 1),
            )
        )
    if depth == 1 and d == 2 and function.function.is_piecewise_linear and len(function.knots) == 1:
        statements.append(
            Statement(
                "k such units draw k creases; a closed region without dents (convex) has its "
                "corners on creases, two on each at most: a polygon of at most 2k sides.",
                "elementary",
                tuple(widths),
            )
        )
    if name == "xor" and depth == 1 and is_monotone and not function.is_linear:
        statements.append(
            Statement(
                f"{d} units in one layer are enough for the parity of {d} bits.",
                RUMELHART,
                tuple(w for w in widths if w >= d),
            )
        )
    if depth > 1 and function.name == "relu" and narrow and data.n_classes == 2:
        statements.append(
            Statement(
                f"Accuracy is another matter: deep relu networks of width {max(d, 2)} come as near "
                "as one likes to any function on a bounded set, on average (Lᵖ), not everywhere.",
                KIM,
                tuple(w for w in widths if w >= max(d, 2)),
            )
        )
    if not is_monotone:
        statements.append(
            Statement(
                f"{activation} is not monotone: the theorems on closed decision regions do not "
                "cover it.",
                BEISE,
            )
        )
    return tuple(statements)
