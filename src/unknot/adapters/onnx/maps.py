"""The maps of ONNX's operators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.claims import flat, known_name
from unknot.adapters.graph import diagonal
from unknot.adapters.network import Array
from unknot.adapters.parameters import activation_of
from unknot.network.maps import Affine, Map, Opaque, Softmax

#: Operators that hand on what they get, in inference and as one row a point.
IDLE = {"Identity", "Dropout", "Flatten", "Reshape", "Cast", "Squeeze", "Unsqueeze"}

#: Maps, and what is added when that is all.
Found = tuple[tuple[Map, ...], Any]


@dataclass(frozen=True)
class Operation:
    """One node of the graph.

    Attributes
    ----------
    onnx : module
    node : onnx.NodeProto
    inputs : list of str
        Those of its inputs that depend on the points.
    values : dict
        Arrays by name, weights among them.
    before, after : arrays
        What the first of them is on the sample, and what becomes of it.
    """

    onnx: Any
    node: Any
    inputs: list[str]
    values: dict[str, Any]
    before: Any
    after: Array

    @property
    def constants(self) -> list[Any]:
        """Its other inputs, in order."""
        return [self.values.get(n) for n in self.node.input if n and n not in self.inputs]

    def parameter(self, name: str) -> Any:
        """An attribute or a constant input by its name in ONNX's schema, or what stands for it."""
        schema: Any = self.onnx.defs.get_schema(self.node.op_type, self.node.domain)
        value = self.attribute(name, None)
        for formal, actual in zip(schema.inputs, self.node.input, strict=False):
            if formal.name == name and actual:
                value = self.values.get(actual)
        default = schema.attributes[name].default_value if name in schema.attributes else None
        if value is None and default is not None and default.type:
            value = self.onnx.helper.get_attribute_value(default)
        return value

    def attribute(self, name: str, default: Any) -> Any:
        """One of the node's attributes."""
        entry = next((a for a in self.node.attribute if a.name == name), None)
        return default if entry is None else self.onnx.helper.get_attribute_value(entry)


def node_maps(operation: Operation) -> Found:
    """What an operation is taken to do."""
    kind = str(operation.node.op_type)
    if kind in IDLE:
        return (), None
    maker = _MAKERS.get(kind)
    is_row = np.ndim(operation.before) == 2 and operation.after.ndim == 2
    known = all(c is not None for c in operation.constants)
    entry = maker(operation) if maker and is_row and known and len(operation.inputs) == 1 else None
    if entry is not None:
        return entry
    if kind in ("Softmax", "LogSoftmax"):
        return (Softmax() if kind == "Softmax" else Opaque("log_softmax"),), None
    return (_activation(operation, kind),), None


def _activation(o: Operation, kind: str) -> Map:
    """A known activation, by the operator's attributes and constant inputs."""
    known = None
    if o.node.domain in ("", "ai.onnx") and len(o.inputs) == 1 and o.node.input[0] == o.inputs[0]:
        known = activation_of("onnx", kind, o.parameter)
    return known or Opaque(f"{kind} (another)" if known_name(kind) else kind)


def _affine(weight: Any, bias: Any, name: str) -> Found:
    weight = flat(weight)
    shift = np.zeros(weight.shape[1], weight.dtype) if bias is None else np.ravel(bias)
    return (Affine(weight, np.broadcast_to(shift, (weight.shape[1],)), name),), None


def _name(operation: Operation) -> str:
    for name in operation.node.input:
        if name not in operation.inputs and name.endswith(".weight"):
            return name.removesuffix(".weight")
    return str(operation.node.name).strip("/") or str(operation.node.op_type)


def _gemm(o: Operation) -> Found | None:
    if o.node.input[0] != o.inputs[0] or o.attribute("transA", 0) or not o.constants:
        return None
    weight = o.constants[0] * o.attribute("alpha", 1.0)
    bias = o.constants[1] * o.attribute("beta", 1.0) if len(o.constants) > 1 else None
    return _affine(weight.T if o.attribute("transB", 0) else weight, bias, _name(o))


def _matmul(o: Operation) -> Found | None:
    if o.node.input[0] != o.inputs[0] or o.constants[0].ndim != 2:
        return None
    return _affine(o.constants[0], None, _name(o))


def _scaled(o: Operation, scale: Any, shift: Any) -> Found | None:
    n = o.after.shape[1]
    scale, shift = (np.asarray(a, np.float64).ravel() for a in (scale, shift))
    if scale.size not in (1, n) or shift.size not in (1, n):
        return None
    return diagonal(np.broadcast_to(scale, n), np.broadcast_to(shift, n), _name(o)), None


def _add(o: Operation) -> Found | None:
    constant = np.asarray(o.constants[0]).ravel()
    n = o.after.shape[1]
    if constant.size not in (1, n) or o.before.shape != o.after.shape:
        return None
    return (), np.broadcast_to(constant, (n,))


def _sub(o: Operation) -> Found | None:
    if o.node.input[0] != o.inputs[0]:
        return _scaled(o, -1, o.constants[0])
    constant = np.asarray(o.constants[0]).ravel()
    return (), np.broadcast_to(-constant, (o.after.shape[1],))


def _div(o: Operation) -> Found | None:
    return None if o.node.input[0] != o.inputs[0] else _scaled(o, 1 / o.constants[0], 0)


def _batch_norm(o: Operation) -> Found | None:
    gamma, beta, mean, variance = (np.asarray(c, np.float64) for c in o.constants)
    scale = gamma / np.sqrt(variance + o.attribute("epsilon", 1e-5))
    return _scaled(o, scale, beta - mean * scale)


def _scaler(o: Operation) -> Found | None:
    scale, offset = np.float64(o.attribute("scale", [1.0])), o.attribute("offset", [0.0])
    return _scaled(o, scale, -np.float64(offset) * scale)


def _regressor(o: Operation) -> Found | None:
    targets = o.attribute("targets", 1)
    weight = np.asarray(o.attribute("coefficients", []), np.float32).reshape(targets, -1).T
    return _affine(weight, o.attribute("intercepts", None), _name(o))


_MAKERS: dict[str, Callable[[Operation], Found | None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "Sub": _sub,
    "Mul": lambda o: _scaled(o, o.constants[0], 0),
    "Div": _div,
    "Neg": lambda o: _scaled(o, -1, 0),
    "BatchNormalization": _batch_norm,
    "Scaler": _scaler,
    "LinearRegressor": _regressor,
}
