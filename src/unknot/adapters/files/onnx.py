"""An ONNX file with its weights, which may lie in files beside it, and nowhere else."""

import math
from collections.abc import Generator
from pathlib import Path
from typing import Any

from unknot.adapters.files.archives import FLOOR, TIMES, damaged, hostile, reading
from unknot.datasets.labels import shown
from unknot.errors import UsageError

KIND = "ONNX file"
DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
#: Operations that onnxruntime has under these names, and that open a file.
ELSEWHERE = ("EPContext",)
#: Of the graph once functions are written out, which may call each other many times.
NODES = 1_000_000
LARGEST = (2 << 30) - (1 << 20)
INSIDE = "Save it with its weights inside: onnx.save_model(model, path)."


def load(onnx: Any, path: Path) -> Any:
    """The ``ModelProto``, with all its weights in it.

    Raises
    ------
    UsageError
        When the file is not whole, or reads what is not its own.
    """
    with reading(path, KIND):
        _check_size(path, path.stat().st_size)
        model = onnx.load(path, load_external_data=False)
        if not model.graph.node:
            raise damaged(path, "it has no operations", KIND)
        _check_operations(model, path)
        tensors = list(parts(model, "TensorProto"))
        _read_elsewhere(tensors, path)
        for tensor in tensors:
            array(onnx, tensor)
        for sparse in parts(model, "SparseTensorProto"):
            if math.prod(map(abs, sparse.dims)) > FLOOR + TIMES * path.stat().st_size:
                raise ValueError(f"{sparse.values.name[:80]} has dimensions {list(sparse.dims)}")
    return model


def parts(message: Any, kind: str) -> Generator[Any]:
    """Every message of a kind in a message, wherever it is: graphs nest, functions have graphs."""
    if message.DESCRIPTOR.name == kind:
        yield message
    if message.DESCRIPTOR.name == "TensorProto":
        return  # nothing but numbers, which would be copied
    for field, value in message.ListFields():
        if field.message_type is not None:
            several = not hasattr(value, "DESCRIPTOR")
            for inner in value if several else [value]:
                yield from parts(inner, kind)


def array(onnx: Any, tensor: Any) -> Any:
    """A tensor's values.

    Raises
    ------
    ValueError
        When its dimensions are not those of its values.
    """
    if any(size < 0 for size in tensor.dims):
        raise ValueError(f"{tensor.name[:80]} has dimensions {list(tensor.dims)}")
    try:
        return onnx.numpy_helper.to_array(tensor)
    except Exception as error:
        raise ValueError(
            f"{tensor.name[:80]} has dimensions {list(tensor.dims)[:8]} and other values"
        ) from error


def _check_size(path: Path, size: int) -> None:
    """A model is given to onnxruntime as one message, which has a largest size."""
    if size >= LARGEST:
        raise UsageError(
            f"{path.name} has {size / 2**30:.1f} GB of weights; unknot runs ONNX models of up to "
            "2 GB.\nTrace the model in the framework that it was exported from."
        )


def _check_operations(model: Any, path: Path) -> None:
    functions = {(f.domain, f.name, f.overload): f for f in model.functions}
    for node in parts(model, "NodeProto"):
        # What onnxruntime has itself it may take before a function of that name in the file.
        known = node.domain in DOMAINS and node.op_type not in ELSEWHERE
        own = node.domain not in DOMAINS and _key(node) in functions
        if not known and not own:
            raise hostile(
                path,
                f"needs the code of {shown([node.domain])} ({shown([node.op_type])})",
                "Export it with the operations of ONNX itself.",
            )
    sizes: dict[Any, int | None] = {}

    def written_out(graph: Any) -> int:
        total = 0
        for node in parts(graph, "NodeProto"):
            key = _key(node)
            total += 1
            if key in functions:
                if key not in sizes:
                    sizes[key] = None
                    sizes[key] = written_out(functions[key])
                inner = sizes[key]
                if inner is None:
                    raise ValueError(f"the function {node.op_type[:80]} calls itself")
                total += inner
            if total > NODES:
                raise ValueError(f"it has more than {NODES:,} operations")
        return total

    written_out(model.graph)


def _key(node: Any) -> tuple[str, str, str]:
    """Of the function that an operation calls, where there is one."""
    return node.domain, node.op_type, node.overload


def _read_elsewhere(tensors: list[Any], path: Path) -> None:
    """Weights in files beside the model, each within its file and all within their sizes."""
    folder = path.parent.resolve()
    files: dict[Path, int] = {}
    taken = 0
    for tensor in tensors:
        about = {entry.key: entry.value for entry in tensor.external_data}
        if tensor.data_location != tensor.EXTERNAL and not about:
            continue
        place = (folder / about.get("location", "")).resolve()
        if not place.is_relative_to(folder):
            what = f"takes weights from outside its folder ({about['location'][:100]})"
            raise hostile(path, what, INSIDE)
        if not place.is_file():
            raise ValueError(f"{about.get('location', '')[:80]!r} is no file beside it")
        files[place] = place.stat().st_size
        start = int(about.get("offset", 0))
        length = int(about.get("length", files[place] - start))
        taken += length
        if start < 0 or length < 0 or start + length > files[place]:
            raise ValueError(f"{tensor.name[:80]} is not within {about['location'][:80]}")
        if taken > FLOOR + TIMES * sum(files.values()):
            raise ValueError("its weights are more than the files beside it")
        _check_size(path, taken)
        with place.open("rb") as file:
            file.seek(start)
            tensor.raw_data = file.read(length)
        tensor.data_location = tensor.DEFAULT
        del tensor.external_data[:]
