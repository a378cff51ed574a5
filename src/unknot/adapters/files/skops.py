"""A ``.skops`` file: scikit-learn's own types, as far as skops or unknot knows them to be safe."""

import inspect
import zipfile
from pathlib import Path
from typing import Any

from unknot.adapters.files.archives import entries, hostile, reading
from unknot.adapters.frameworks import need

KIND = ".skops file"
#: Plain objects of scikit-learn's that skops does not list: optimisers of the perceptron, what
#: a search over parameters keeps, and a dictionary with attributes.
TRUSTED = (
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.utils._bunch.Bunch",
)


def load(skops: Any, path: Path) -> Any:
    """The estimator.

    Raises
    ------
    UsageError
        When the file is not whole, or holds a type that may run code.
    """
    with reading(path, KIND):
        with zipfile.ZipFile(path) as archive:
            entries(archive, path, KIND)
        content = path.read_bytes()
        untrusted = set(skops.get_untrusted_types(data=content))
        trusted = sorted(filter(_is_trusted, untrusted))
        strangers = sorted(untrusted - set(trusted))
        if strangers:
            raise hostile(
                path,
                f"holds types that skops does not know to be safe ({', '.join(strangers)[:150]})",
                "If you trust it, load it in Python with skops.io.load and trace the model.",
            )
        model = skops.loads(content, trusted=trusted)
        if hasattr(model, "get_params"):
            model.get_params()  # each estimator in it has all its settings, or this raises
        return model


def _is_trusted(name: str) -> bool:
    """One of the above, a way to split data, or a measure that scikit-learn makes public."""
    module, _, last = name.rpartition(".")
    if name in TRUSTED:
        return True
    if module == "sklearn.model_selection._split":
        kind = getattr(need("sklearn.model_selection", "skops", "A .skops file"), last, None)
        return inspect.isclass(kind) and kind.__module__ == module
    if module.startswith("sklearn.metrics."):
        metrics = need("sklearn.metrics", "skops", "A .skops file")
        measure = getattr(metrics, last, None) if last in metrics.__all__ else None
        return inspect.isfunction(measure) and measure.__module__ == module
    return False
