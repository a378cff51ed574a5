"""ONNX: every intermediate output by onnxruntime, weights from the graph."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from unknot.adapters.calls import logits_note
from unknot.adapters.files.onnx import array
from unknot.adapters.frameworks import need
from unknot.adapters.graph import SOURCE, Node, is_aside, layer_name, main_chain
from unknot.adapters.inputs import (
    GIVE_ALL,
    by_name,
    check_names,
    in_order,
    is_several,
    ways,
)
from unknot.adapters.network import (
    Array,
    Network,
    Places,
    Route,
    several_inputs,
    several_outputs,
    wrong_features,
)
from unknot.adapters.onnx.maps import Operation, node_maps
from unknot.errors import UsageError
from unknot.network.maps import Opaque

#: Attributes of classifiers and of ZipMap that hold them.
LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


#: Operations whose result is about the array, not of it.
ABOUT = ("Shape", "Size")
#: NumPy's types for ONNX's numbers of them.
TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}

TAKES_SEVERAL = True

Session = Callable[[Array, Places], list[Any]]


def takes_double(model: Any) -> bool:
    """Whether the model was exported in double precision."""
    return any(TYPES.get(v.type.tensor_type.elem_type) is np.float64 for v in model.graph.input)


@contextmanager
def opened(model: Any, sample: Array, path: Route) -> Generator[Network]:
    """An ``onnx.ModelProto``."""
    onnx = need("onnx", "onnx", "An ONNX model")
    if model.functions:
        model = need("onnx.inliner", "onnx", "An ONNX model").inline_local_functions(model)
    initial = _initial(onnx, model)
    sources = _sources(model, initial, sample)
    given = _given(sample, sources)
    shapes = {name: _shape(source, given[name]) for name, source in sources.items()}
    names = [
        name
        for node in model.graph.node
        if node.op_type not in ("ZipMap", "SequenceConstruct", "SplitToSequence")
        for name in node.output
        if name
    ]
    try:
        outputs = _session(model, sources, names, shapes)(sample, [None] * len(names))
    except UsageError:
        raise
    except Exception as error:
        error.add_note(
            f"unknot: onnxruntime raised this for points of shape {sample.shape}, dtype "
            f"{sample.dtype}."
        )
        raise
    values = initial | dict(zip(names, outputs, strict=True))
    values |= given
    entrances = given
    if is_several(sample):
        which = ways(sample)
        pairs = zip(given.items(), sample.dtype.names or (), strict=True)
        entrances = {name: x for (name, x), own in pairs if own in which}
    nodes, renamed = _nodes(onnx, model, entrances, values, len(sample))
    output, said = _output(model, values, nodes, renamed, path, len(sample))
    chain = main_chain(nodes, output, path, "ONNX")
    keys = [str(key) for key in chain.keys]
    run = _session(model, sources, keys, shapes)
    yield Network(
        "ONNX",
        chain.steps,
        lambda batch, known, places: run(
            batch,
            [
                place if np.ndim(values[key]) == 2 else None
                for key, place in zip(keys, places, strict=True)
            ],
        ),
        notes=(*said, *chain.notes),
        outputs=[values[key] for key in keys],
        gives_probabilities="proba" in str(output),
        takes_whole_numbers=any(_is_whole(_dtype(source)) for source in sources.values()),
        classes=_classes(onnx, model, initial),
    )


def _initial(onnx: Any, model: Any) -> dict[str, Any]:
    try:
        return {tensor.name: array(onnx, tensor) for tensor in model.graph.initializer}
    except ValueError as error:
        raise UsageError(
            f"The ONNX model is not whole: {error}.\nExport it again, or load it with its weights."
        ) from error


def _sources(model: Any, initial: dict[str, Any], sample: Array) -> dict[str, Any]:
    """The inputs by name; checked against what there is."""
    inputs = {value.name: value for value in model.graph.input if value.name not in initial}
    if not is_several(sample):
        if len(inputs) != 1:
            raise several_inputs("ONNX", list(inputs), GIVE_ALL)
        return inputs
    check_names("ONNX", list(inputs), sample)
    return inputs


def _given(batch: Array, sources: Mapping[str, Any]) -> dict[str, Array]:
    """A batch as arrays by the names of the inputs."""
    if not is_several(batch):
        return dict.fromkeys(sources, batch)
    arrays = by_name(batch)
    return dict(zip(sources, arrays.values(), strict=True)) if in_order(batch) else arrays


def _shape(source: Any, sample: Array) -> tuple[int | None, ...]:
    """Of the input, None where any number goes; checked against the points."""
    dims = source.type.tensor_type.shape.dim
    shape = tuple(
        d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in dims
    )
    one = [n for n in shape[1:] if n is not None]
    is_fixed = one and len(one) == len(shape) - 1
    if is_fixed and int(np.prod(one)) != int(np.prod(sample.shape[1:])):
        raise wrong_features("ONNX", one, sample.shape[1:])
    return shape


def _dtype(source: Any) -> Any:
    return TYPES.get(source.type.tensor_type.elem_type, np.float32)


def _session(
    model: Any,
    sources: Mapping[str, Any],
    names: Sequence[str],
    shapes: Mapping[str, tuple[int | None, ...]],
) -> Session:
    """The model as a function of a batch that gives these of its values."""
    onnx = need("onnx", "onnx", "An ONNX model")
    runtime = need("onnxruntime", "onnx", "Running an ONNX model")
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    del opened.graph.output[:]
    opened.graph.output.extend(onnx.ValueInfoProto(name=name) for name in dict.fromkeys(names))
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(
        opened.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    size = next((shape[0] for shape in shapes.values() if shape and shape[0]), None)

    def run(batch: Array, places: Places) -> list[Any]:
        given = _given(batch, sources)
        feeds = {name: _as_taken(given[name], sources[name], shapes[name]) for name in sources}
        if size is not None:
            return _in_pieces(lambda rows: _call(session, rows, names), feeds, size)
        if any(place is not None for place in places):
            return _call_into(session, feeds, names, places)
        return _call(session, feeds, names)

    return run


def _as_taken(batch: Array, source: Any, shape: tuple[int | None, ...]) -> Array:
    """In the type and the shape of an input."""
    dtype, one = _dtype(source), shape[1:]
    _check_whole(batch, dtype)
    x = np.ascontiguousarray(batch, dtype)
    return x.reshape(-1, *one) if one and None not in one else x


def _check_whole(batch: Array, dtype: Any) -> None:
    if _is_whole(dtype) and batch.dtype.kind == "f" and not np.array_equal(batch, np.rint(batch)):
        raise UsageError(
            f"The ONNX model takes whole numbers ({np.dtype(dtype).name}); the points have "
            "fractions.\nGive points of whole numbers, or export the model for float32."
        )


def _is_whole(dtype: Any) -> bool:
    return np.dtype(dtype).kind in "iub"


def _call(session: Any, feeds: dict[str, Array], names: Sequence[str]) -> list[Any]:
    unique = list(dict.fromkeys(names))
    outputs = dict(zip(unique, session.run(unique, feeds), strict=True))
    return [outputs[name] for name in names]


def _call_into(
    session: Any, feeds: dict[str, Array], names: Sequence[str], places: Places
) -> list[Any]:
    """The same, where outputs of single precision are written to their places at once."""
    binding = session.io_binding()
    for name, x in feeds.items():
        binding.bind_cpu_input(name, x)
    types = {output.name: output.type for output in session.get_outputs()}
    outputs: dict[str, Any] = dict(zip(names, places, strict=True))
    for name, place in outputs.items():
        if place is not None and types[name] == "tensor(float)":
            binding.bind_output(name, "cpu", 0, np.float32, place.shape, place.ctypes.data)
        else:
            binding.bind_output(name, "cpu")
            outputs[name] = None
    session.run_with_iobinding(binding)
    for name, output in zip(outputs, binding.get_outputs(), strict=True):
        if outputs[name] is None:
            outputs[name] = output.numpy()
    return [outputs[name] for name in names]


def _in_pieces(
    call: Callable[[dict[str, Array]], list[Any]], feeds: dict[str, Array], size: int
) -> list[Any]:
    """A model that takes just so many rows at once gets them."""
    pieces: list[list[Any]] = []
    n = len(next(iter(feeds.values())))
    for start in range(0, n, size):
        padded = {
            name: np.resize(x[start : start + size], (size, *x.shape[1:]))
            for name, x in feeds.items()
        }
        n_rows = min(size, n - start)
        pieces.append([_head(value, size, n_rows) for value in call(padded)])
    return [
        np.concatenate(values) if all(np.ndim(v) and len(v) for v in values) else values[0]
        for values in zip(*pieces, strict=True)
    ]


def _head(value: Any, size: int, n: int) -> Any:
    is_full = isinstance(value, np.ndarray) and value.ndim and len(value) == size
    return value[:n] if is_full else value


def _nodes(
    onnx: Any, model: Any, entrances: dict[str, Array], values: dict[str, Any], n: int
) -> tuple[list[Node], dict[str, str]]:
    """Every operation that depends on the points; `entrances` are what they come in by."""
    keys: dict[str, Any] = dict.fromkeys(entrances, SOURCE)
    nodes: list[Node] = []
    renamed: dict[str, str] = {}
    values = values | entrances
    for i, node in enumerate(model.graph.node):
        inputs = [name for name in node.input if name in keys]
        if not inputs or node.op_type in ABOUT:
            continue
        if node.op_type == "ZipMap":
            renamed[node.output[0]] = inputs[0]
            continue
        outputs = [name for name in node.output if name]
        clouds = [name for name in outputs if _is_cloud(values.get(name), n)]
        sources = tuple(dict.fromkeys(keys[name] for name in inputs))
        title = _name(node, i, values, inputs)
        for name in outputs:
            keys[name] = name
            if name not in clouds:
                opaque = (Opaque(node.op_type),)
                nodes.append(Node(name, name, node.op_type, sources, opaque, is_hidden=True))
                continue
            operation = Operation(onnx, node, inputs, values, values.get(inputs[0]), values[name])
            is_main = name == clouds[0]
            maps, bias = node_maps(operation) if is_main else ((Opaque(node.op_type),), None)
            before = (values.get(other) for other in inputs)
            before = [value if _is_cloud(value, n) else None for value in before]
            aside = is_aside(values[name].dtype, values[name], before)
            nodes.append(Node(name, title, node.op_type, sources, maps, bias, is_aside=aside))
    return nodes, renamed


def _is_cloud(value: Any, n: int) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.ndim >= 1
        and len(value) == n
        and value.dtype.kind in "fiub"
    )


def _name(node: Any, i: int, values: dict[str, Any], inputs: list[str]) -> str:
    """The place of the weights, where the exporter kept it, or the node's own name."""
    for name in node.input:
        if name not in inputs and name.endswith(".weight"):
            return layer_name(name.removesuffix(".weight"))
    return str(node.name).strip("/") or f"{node.op_type} {i}"


def _output(
    model: Any,
    values: dict[str, Any],
    nodes: list[Node],
    renamed: dict[str, str],
    path: Route,
    n: int,
) -> tuple[str, tuple[str, ...]]:
    """The value to end with, and a note on which it is."""
    names = [str(renamed.get(value.name, value.name)) for value in model.graph.output]
    clouds = [name for name in names if _is_cloud(values.get(name), n)]
    numbers = [name for name in clouds if values[name].dtype.kind == "f"] or clouds
    if len(numbers) == 1:
        return numbers[0], ()
    ends = [str(node.key) for node in nodes if path and node.name == path[-1]]
    if ends:
        return ends[-1], ()
    if "logits" in clouds:
        return "logits", logits_note(names)
    raise several_outputs("ONNX", names, names)


def _classes(onnx: Any, model: Any, initial: dict[str, Any]) -> list[Any] | None:
    """The classes in the order of the output's units; None where the model does not say."""
    every: list[list[Any]] = []
    for node in model.graph.node:
        values = [
            onnx.helper.get_attribute_value(attribute)
            for attribute in node.attribute
            if attribute.name in LABELS
        ]
        # How exporters look up the label of the largest probability.
        if node.op_type == "ArrayFeatureExtractor" and node.input[0] in initial:
            labels = np.ravel(initial[node.input[0]]).tolist()
            values.append(labels if len(labels) > 1 else ())
        every += [[v.decode() if isinstance(v, bytes) else v for v in labels] for labels in values]
    every = [labels for labels in every if labels]
    # A model of several classifiers does not say which of them its output is of.
    return every[0] if every and all(labels == every[0] for labels in every) else None
