"""Points as the data frame that an estimator was fitted on."""

import importlib
import sys
from typing import Any

from unknot.adapters.network import Array


def frame(values: Array, estimator: Any) -> Any:
    """The values with the names of their columns, where the estimator asks for columns by name."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None or len(names) != values.shape[1]:
        return values
    for package in sorted(("pandas", "polars"), key=lambda package: package not in sys.modules):
        try:
            library: Any = importlib.import_module(package)
        except ImportError:
            continue
        if package == "pandas":
            return library.DataFrame(values, columns=list(names))
        return library.DataFrame(values, schema=list(names))
    return values
