"""What an ONNX classifier calls its classes."""

from collections.abc import Generator
from typing import Any

import numpy as np

#: Attributes of classifiers and of ZipMap that hold them.
LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


def class_labels(onnx: Any, model: Any, initial: dict[str, Any]) -> list[Any] | None:
    """The classes in the order of the output's units; None where the model does not say.

    Parameters
    ----------
    onnx : module
    model : onnx.ModelProto
    initial : dict
        Constants by name.
    """
    found = list(_found(onnx, model, initial))
    # A model of several classifiers does not say which of them its output is of.
    return found[0] if found and all(labels == found[0] for labels in found) else None


def _found(onnx: Any, model: Any, initial: dict[str, Any]) -> Generator[list[Any]]:
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name in LABELS:
                values = onnx.helper.get_attribute_value(attribute)
                if values:
                    yield [v.decode() if isinstance(v, bytes) else v for v in values]
        # How exporters look up the label of the largest probability.
        if node.op_type == "ArrayFeatureExtractor" and node.input[0] in initial:
            labels = np.ravel(initial[node.input[0]]).tolist()
            if len(labels) > 1:
                yield [v.decode() if isinstance(v, bytes) else v for v in labels]
