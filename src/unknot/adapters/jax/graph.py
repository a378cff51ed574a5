"""A JAX function as the list of operations that it is: the same for Flax, Equinox and bare JAX.

The function is traced to its jaxpr. Where everything passes through one array with one point a
row, the cloud can be seen; between two such places lies a map. An activation is therefore seen
although it is no module, and whatever it is written in.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.claims import activation_by_values, agrees, flat
from unknot.adapters.graph import SOURCE, Chain, Node, diagonal, main_chain
from unknot.adapters.jax.program import Program, Variable, compute, output_path, traced
from unknot.adapters.jax.segments import PROBE, SHAPES, Segment, points_of, probe, segments_of
from unknot.adapters.network import Array, Network, Route, forward_pass, wrong_features
from unknot.errors import UnknotError, UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax

#: What operations are called outside JAX.
WORDS = {
    "conv_general_dilated": "convolution",
    "reduce_window_max": "max pooling",
    "reduce_window_sum": "average pooling",
}


#: Compiling takes longer than sending points through a program of another size: several times
#: through the probe's, or filled up to so many times their number.
MOST_PROBES, MOST_PADDED = 8, 16


def jax_network(
    framework: str,
    function: Callable[[Any], Any],
    sample: Array,
    path: Route,
    leaves: Sequence[tuple[Sequence[Any], Any]],
    width: int | None,
    *,
    is_whole: bool = False,
) -> Network:
    """The network of a function of a batch, for Flax, Equinox and any other library of modules.

    Parameters
    ----------
    framework : str
    function : callable
        Of a batch of points.
    sample, path
        As every adapter's ``opened`` gets them.
    leaves : sequence of (path, array)
        The weights and their places in the model.
    width : int or None
        Features that the first dense layer takes, for a message.
    is_whole : bool
        Whether the sample is the one batch there is, and no rows may be added to it.
    """
    if path:
        raise UsageError(
            f"A way through a {framework} model cannot be asked for: it is seen where all of its "
            "ways meet.\nLeave path= out."
        )
    n_features = int(np.prod(sample.shape[1:]))
    try:
        with forward_pass(framework, sample):
            x = sample if is_whole or len(sample) > PROBE else _padded(sample, PROBE)
            chain, outputs, forward = _follow(
                function, sample, x, _layer_names(leaves), path, framework
            )
    except UnknotError:
        raise
    except Exception as error:
        if type(error).__name__ == "TracerBoolConversionError":
            raise UsageError(
                f"The {framework} model decides by the values of a point what to do with it, which "
                "JAX cannot compile.\nUse jax.numpy.where or jax.lax.cond in its place."
            ) from error
        if width is not None and sample.ndim == 2 and width != n_features:
            raise wrong_features(framework, (width,), (n_features,)) from error
        raise
    return Network(
        framework,
        chain.steps,
        lambda batch, known, places: forward(batch),
        notes=chain.notes,
        outputs=outputs,
    )


def _follow(
    function: Callable[[Any], Any],
    sample: Array,
    x: Array,
    names: dict[int, str],
    path: Route,
    framework: str,
) -> tuple[Chain, list[Array], Callable[[Array], list[Array]]]:
    """The chain of places to show, their values, and the function that gives them.

    Parameters
    ----------
    function : callable
        Of a batch of points.
    sample : (n, …) array
    x : array
        The same, with as many rows as the program is made for.
    names : dict
        The layer of each weight, by the weight's ``id``.
    path : Route or None
        Which layers are seen.
    framework : str
        For messages.
    """
    n = len(sample)
    program, constants = traced(function, x, framework)
    segments = segments_of(program)
    clouds = _clouds(program, constants, x, segments)
    layers = _layers_of(program, constants, names)
    nodes = _nodes(program, constants, segments, clouds, layers)
    chain = main_chain(nodes, nodes[-1].key if nodes else SOURCE, path, framework)
    ends = {segment.place: segment.end for segment in segments}
    outputs = [clouds[ends[place]][:n] for place in chain.keys]
    seen = [segment.place for segment in segments]
    forward = _forward(function, program, constants, seen, framework)
    wanted = [seen.index(place) for place in chain.keys]

    def along_chain(batch: Array) -> list[Array]:
        values = forward(batch)
        return [values[i] for i in wanted]

    return chain, outputs, along_chain


def _padded(x: Array, size: int) -> Array:
    """As many rows as the program takes."""
    return x if len(x) == size else np.resize(x, (size, *x.shape[1:])).astype(x.dtype, copy=False)


def _forward(
    function: Callable[[Any], Any],
    program: Program,
    constants: list[Any],
    places: Sequence[int],
    framework: str,
) -> Callable[[Array], list[Array]]:
    """The function that gives the values of these places, in programs of few sizes."""

    def forward(batch: Array) -> list[Array]:
        n = len(batch)
        if program.n_points != PROBE and n <= program.n_points:
            return call(program, batch, program.n_points)
        size = min((m for m in program.sizes if n <= m <= MOST_PADDED * n), default=n)
        if n <= PROBE or (size == n and n <= MOST_PROBES * PROBE):
            pieces = [call(program, batch[i : i + PROBE], PROBE) for i in range(0, n, PROBE)]
            return [np.concatenate(values) for values in zip(*pieces, strict=True)]
        if size not in program.sizes:
            program.sizes[size] = traced(function, _padded(batch, size), framework)[0]
        return call(program.sizes[size], batch, size)

    def call(sized: Program, batch: Array, size: int) -> list[Array]:
        wanted = [sized.equations[place].outputs[0] for place in places]
        values = compute(sized, constants, _padded(batch, size), wanted)
        return [np.asarray(value)[: len(batch)] for value in values]

    return forward


def _clouds(
    program: Program, constants: list[Any], x: Array, segments: list[Segment]
) -> dict[Variable, Array]:
    """Values of the points at the end of every segment."""
    ends = [segment.end for segment in segments]
    values = compute(program, constants, x, ends)
    return {program.input: x} | {
        end: np.asarray(value) for end, value in zip(ends, values, strict=True)
    }


def _nodes(
    program: Program,
    constants: list[Any],
    segments: list[Segment],
    clouds: dict[Variable, Array],
    layers: dict[Variable, str],
) -> list[Node]:
    nodes: list[Node] = []
    probes = probe(program, constants, segments)
    for segment, images in zip(segments, probes, strict=True):
        maps, bias, kind = _classify(segment, images)
        is_function = any(not isinstance(m, Affine) for m in maps)
        name = _layer_of(segment, layers) or (kind if is_function else f"{kind} {len(nodes) + 1}")
        maps = tuple(Affine(m.numbers, m.bias, name) if isinstance(m, Affine) else m for m in maps)
        source = nodes[-1].key if nodes else SOURCE
        node = Node(segment.place, name, kind, (source,), maps, bias)
        if nodes and _is_rest(nodes[-1], node):
            node = replace(nodes.pop(), key=node.key)
        nodes.append(node)
    ends: dict[Any, Array] = {SOURCE: flat(clouds[program.input])}
    ends |= {segment.place: flat(clouds[segment.end]) for segment in segments}
    return _merged(nodes, ends)


def _is_rest(before: Node, node: Node) -> bool:
    """Whether a node only scales and shifts what its own layer made: the end of a layer norm."""
    if before.name != node.name or not any(isinstance(map_, Opaque) for map_ in before.maps):
        return False
    maps = [map_ for map_ in node.maps if isinstance(map_, Affine)]
    return node.bias is not None or any(
        map_.scale is not None
        or np.count_nonzero(map_.weight) == np.count_nonzero(np.diagonal(map_.weight))
        for map_ in maps
    )


def _merged(nodes: list[Node], ends: dict[Any, Array]) -> list[Node]:
    """Functions written in several operations, softmax among them, as one."""
    result: list[Node] = []
    while nodes:
        n, known = next(
            (
                (n, known)
                for n in (4, 3, 2)
                if len(nodes) >= n and any(isinstance(m, Opaque) for w in nodes[:n] for m in w.maps)
                for known in [_by_values(ends[nodes[0].inputs[0]], ends[nodes[n - 1].key])]
                if known is not None
            ),
            (1, None),
        )
        merged = nodes[n - 1]
        if known is not None:
            name, inputs = known.name, nodes[0].inputs
            merged = replace(
                merged,
                kind=name,
                name=name,
                inputs=inputs,
                maps=(known,),
                bias=None,
                is_guess=isinstance(known, Activation),
            )
        result.append(merged)
        nodes = nodes[n:]
    return result


def _by_values(before: Array, after: Array) -> Map | None:
    """An activation, softmax or its logarithm, where the values tell."""
    if before.shape != after.shape:
        return None
    softmax = Softmax()
    image = softmax(before)
    if before.shape[1] > 1 and agrees(softmax, before, image, after):
        return softmax
    with np.errstate(divide="ignore"):
        if before.shape[1] > 1 and np.allclose(np.log(image), after, atol=1e-4):
            return Opaque("log_softmax")
    return activation_by_values(before, after)


def _classify(segment: Segment, images: Array | None) -> tuple[tuple[Map, ...], Any, str]:
    """Maps, or a bias, and what to call it, by what the segment makes of its points."""
    if not segment.operations:
        return (), None, "reshape"
    if segment.is_product and images is not None:
        return (Affine(images, np.zeros(images.shape[1], np.float32)),), None, "dot_general"
    if segment.is_unitwise and images is not None:
        bias, scale = images[0], images[1] - images[0]
        if set(segment.operations) <= {"add", "sub"} and np.allclose(scale, 1, atol=1e-6):
            return (), bias, "shift"
        return diagonal(scale, bias, "scale"), None, "scale"
    points = points_of(segment)
    known = None if points is None or images is None else _by_values(points, images)
    if known is not None:
        return (known,), None, known.name
    name = _kind_of(segment)
    return (Opaque(name),), None, name


def _kind_of(segment: Segment) -> str:
    """What a segment is in the field's words, as far as the names of its operations tell."""
    word = next((word for name, word in WORDS.items() if name in segment.kinds), None)
    if word is not None:
        return word
    centres = "reduce_sum" in segment.kinds and bool({"rsqrt", "sqrt"} & segment.kinds)
    if centres and "dot_general" not in segment.kinds:
        return "normalisation"
    return segment.operations[0] if len(segment.operations) == 1 else "function"


def _layer_names(leaves: Sequence[tuple[Sequence[Any], Any]]) -> dict[int, str]:
    """``layers.0`` of the weight ``.layers[0].weight``, by the ``id`` of the array."""
    names: dict[int, str] = {}
    for path, leaf in leaves:
        place = output_path(path)
        if hasattr(leaf, "shape") and place:
            names[id(leaf)] = place.rpartition(".")[0] or place
    return names


def _layers_of(
    program: Program, constants: list[Any], names: dict[int, str]
) -> dict[Variable, str]:
    """The layer of every weight, also of one that was only arranged."""
    layers = {
        variable: names[id(value)]
        for variable, value in zip(program.constants, constants, strict=True)
        if id(value) in names
    }
    for equation in program.arrangements:
        if len(equation.variables) == 1 and equation.name in SHAPES:
            (source,) = equation.variables
            if source in layers:
                layers[equation.outputs[0]] = layers[source]
    return layers


def _layer_of(segment: Segment, layers: dict[Variable, str]) -> str | None:
    """The layer whose weights a segment uses."""
    used = (variable for equation in segment.equations for variable in equation.variables)
    return next((layers[variable] for variable in used if variable in layers), None)
