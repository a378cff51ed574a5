"""What is proved about a case, stated no wider than it was proved, and where it was."""

from collections.abc import Sequence
from dataclasses import dataclass

from unknot.datasets.dataset import Dataset
from unknot.network.maps import Activation, as_activation
from unknot.width.result import Statement

#: Data sets in which a class lies inside another: its region has a bounded piece.
ENCLOSED = ("circles", "shells", "interval", "gaussian_quantiles", "discs", "shell_pairs")
#: Concentric spheres: one class in the middle, the other around it.
CONCENTRIC = ("circles", "shells", "interval")
#: Activations that the papers name.
JOHNSONS, KIMS = ("relu", "sigmoid", "tanh"), ("relu", "gelu", "softplus")

BEISE = "Beise, Dias Da Cruz, Schröder 2021, Neural Networks 140"
OLAH = "Olah 2014, Neural Networks, Manifolds, and Topology"
JOHNSON = "Johnson 2019, ICLR"
HANIN = "Hanin, Sellke 2017, arXiv 1710.11278"
PARK = "Park, Yun, Lee, Shin 2021, ICLR"
KIM = "Kim, Min, Park 2024, ICLR"
MINSKY = "Minsky, Papert 1969, Perceptrons"
RUMELHART = "Rumelhart, Hinton, Williams 1986, Nature 323"
AFFINE = "elementary: affine maps one after another are one affine map"


@dataclass(frozen=True)
class _Case:
    """What the theorems ask about."""

    function: Activation
    depth: int
    d: int
    n_classes: int
    name: str
    widths: tuple[int, ...]
    has_noise: bool

    @property
    def is_monotone(self) -> bool:
        """Monotone and bent: of a linear unit, what is said of monotone ones says too little."""
        return self.function.monotone != "no" and not self.function.is_linear

    @property
    def is_homeomorphic(self) -> bool:
        """Whether it maps the line onto an interval or the line, both ways continuous."""
        return self.function.monotone == "strictly" and not self.function.is_linear

    @property
    def inputs(self) -> str:
        return "1 input" if self.d == 1 else f"{self.d} inputs"

    @property
    def encloses(self) -> bool:
        """Whether one of two classes lies inside the other."""
        return self.name in ENCLOSED and self.n_classes == 2

    @property
    def n_outputs(self) -> int:
        return 1 if self.n_classes == 2 else self.n_classes

    def up_to(self, most: int) -> tuple[int, ...]:
        return tuple(w for w in self.widths if w <= most)

    def from_(self, least: int) -> tuple[int, ...]:
        return tuple(w for w in self.widths if w >= least)


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
    case = _Case(
        function=as_activation(activation),
        depth=depth,
        d=data.n_features,
        n_classes=data.n_classes,
        name=data.name if data.parameters.get("n") is not None else "",
        widths=tuple(widths),
        has_noise=data.parameters.get("noise") != 0,
    )
    parts = (_topology(case), _one_layer(case), _deep(case), _not_covered(case, activation))
    return tuple(statement for part in parts for statement in part)


def _topology(case: _Case) -> list[Statement]:
    """Which decision regions a width cannot have."""
    statements: list[Statement] = []
    if case.function.is_linear:
        cuts = "one straight cut" if case.n_classes == 2 else "straight cuts between classes"
        statements.append(
            Statement(
                f"Linear units, however many, give no more than {cuts}.",
                AFFINE,
                case.widths,
                forbids=case.encloses,
                domain="all inputs, any depth",
            )
        )
    narrow = case.up_to(case.d)
    if case.encloses and narrow and (case.is_homeomorphic or case.function.name == "relu"):
        statements.append(
            Statement(
                f"Where no hidden layer is wider than the {case.inputs}, every piece of a "
                "decision region reaches out to infinity (relu and continuous, strictly monotone "
                "activations), so none can close around the inner class.",
                BEISE,
                narrow,
                forbids=True,
                domain=f"regions in all of ℝ{_power(case.d)}, any depth; nothing on accuracy",
            )
        )
    if case.name == "circles" and case.n_classes == 2 and case.is_homeomorphic:
        statements.append(
            Statement(
                "A disc within a ring is separated without error only if some layer has 3 units "
                "or more (layers that neither tear nor glue: homeomorphisms).",
                OLAH,
                case.up_to(2),
                domain="a disc and a ring with a gap between them in the plane, any depth",
            )
        )
    return statements


def _one_layer(case: _Case) -> list[Statement]:
    """What units do in a layer."""
    statements: list[Statement] = []
    d, function = case.d, case.function
    if case.depth == 1 and case.is_monotone and 1 in case.widths and case.n_classes == 2:
        statements.append(
            Statement(
                "One monotone unit is one threshold along one direction: a straight cut.",
                MINSKY,
                (1,),
                domain="all inputs, one hidden layer",
            )
        )
    if case.name in CONCENTRIC and case.n_classes == 2 and function.is_smooth:
        space = "1 dimension" if d == 1 else f"{d} dimensions"
        statements.append(
            Statement(
                f"{d + 1} smooth units in one layer come as near as one likes to any sphere in "
                f"{space}: with small weights that point to the corners of a simplex (triangle, "
                "tetrahedron, …) they add up to a constant and the squared distance.",
                "Taylor expansion, see docs/width.md",
                case.from_(d + 1),
                domain="bounded sets",
                promises=case.depth == 1,
            )
        )
    is_creased = function.function.is_piecewise_linear and len(function.knots) == 1
    if case.depth == 1 and d == 2 and is_creased:
        statements.append(
            Statement(
                "k such units draw k creases; a closed region without dents (convex) has its "
                "corners on creases, two on each at most: a polygon of at most 2k sides.",
                "elementary",
                case.widths,
                domain="the whole plane, one hidden layer",
            )
        )
    if case.name == "xor" and case.depth == 1 and case.is_monotone:
        statements.append(
            Statement(
                f"{d} units in one layer are enough for the parity of {d} bits.",
                RUMELHART,
                case.from_(d),
                domain="the corners of the cube, without noise",
                promises=not case.has_noise,
            )
        )
    return statements


def _deep(case: _Case) -> list[Statement]:
    """How near networks of a width come to any function, if they may be as deep as they need."""
    if case.depth == 1:
        return []
    statements: list[Statement] = []
    d, outputs, name = case.d, case.n_outputs, case.function.name
    cube = f"[0, 1]{_power(d)}"
    if case.encloses and d > 1 and case.up_to(d) and name in JOHNSONS:
        statements.append(
            Statement(
                f"Networks whose layers are no wider than the {case.inputs} do not come near to "
                "every function, however deep: what level sets they can have is limited.",
                JOHNSON,
                case.up_to(d),
                domain="compact sets, in the largest error (L∞)",
            )
        )
    if name == "relu" and outputs == 1:
        statements.append(
            Statement(
                f"Relu networks come as near as one likes to every continuous function if their "
                f"layers have {d + 1} units, and not if none has more than {d}.",
                HANIN,
                case.widths,
                domain=f"{cube}, in the largest error, as deep as it takes",
            )
        )
    if name == "relu":
        statements.append(
            Statement(
                f"{max(d + 1, outputs)} units a layer are the least with which relu networks come "
                "as near as one likes to every function on unbounded space, on average.",
                PARK,
                case.widths,
                domain=f"ℝ{_power(d)}, in mean (Lᵖ), as deep as it takes",
            )
        )
    if name in KIMS:
        least = max(d, outputs, 2)
        statements.append(
            Statement(
                f"Accuracy is another matter: {least} units a layer are the least with which "
                f"{name} networks come as near as one likes to every function on a cube, on "
                "average, not everywhere.",
                KIM,
                case.from_(least),
                domain=f"{cube}, in mean (Lᵖ), as deep as it takes",
            )
        )
    return statements


def _not_covered(case: _Case, activation: str) -> list[Statement]:
    if case.function.monotone != "no":
        return []
    text = f"{activation} is not monotone: the theorems on closed decision regions do not cover it."
    return [Statement(text, BEISE)]


def _power(d: int) -> str:
    """The exponent of a space."""
    return "" if d == 1 else "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(d))
