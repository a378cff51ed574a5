"""Which of scikit-learn's types are loaded, and what a file may unpack to."""

import zipfile

import numpy as np
import pytest
from model_archives import error_of

import unknot as uk


def test_skops(tmp_path):
    skops = pytest.importorskip("skops.io")
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score, make_scorer
    from sklearn.model_selection import GridSearchCV, KFold

    data = uk.datasets.moons(100)
    path = tmp_path / "m.skops"
    for more in ({}, {"scoring": "accuracy", "cv": KFold(3)}, {"scoring": make_scorer(f1_score)}):
        search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, **more).fit(data.x, data.y)
        skops.dump(search, path)
        assert uk.trace(path, data).n_points == 100
    skops.dump(RandomForestClassifier(2).fit(data.x, data.y), path)
    assert error_of(path) == (
        "m.skops holds types that skops does not know to be safe (sklearn.tree._tree.Tree), so "
        "unknot does not load it.\n"
        "If you trust it, load it in Python with skops.io.load and trace the model."
    )
    partial = LogisticRegression().fit(data.x, data.y)
    del partial.solver
    skops.dump(partial, path)
    assert error_of(path).startswith("m.skops is not a whole .skops file: ")
    skops.dump(LogisticRegression().fit(data.x, data.y), path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", np.zeros(10 << 20).tobytes())
    assert error_of(path).startswith("m.skops unpacks to 80 MB, from 0.")
