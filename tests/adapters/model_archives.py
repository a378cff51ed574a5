"""What the tests of model files share: archives of any entries, and what is said of them."""

import warnings
import zipfile

import pytest

import unknot as uk
from unknot.adapters.files import open_model


def write(path, entries, compression=zipfile.ZIP_STORED):
    """An archive of these entries, by name or as pairs: then a name may come twice."""
    pairs = entries.items() if isinstance(entries, dict) else entries
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", compression) as archive:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in pairs:
            archive.writestr(name, content)
    return path


def error_of(path):
    """The full text of the error for a file that is refused."""
    with pytest.raises(uk.UsageError) as caught:
        open_model(path)
    return str(caught.value)
