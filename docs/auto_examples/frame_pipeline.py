"""
A data frame with words through a pipeline
==========================================

Texts, towns, areas and years with gaps go into a scikit-learn pipeline and its network as they
are; the input that is shown is the first place where all of it is numbers.

``python examples/frame_pipeline.py [PICTURE]``
"""

import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/frame_pipeline.png"

# Advertisements of flats in three groups of price: no column tells the group alone.
rng = np.random.default_rng(0)
n = 1_500
price = rng.integers(3, size=n)
PHRASES = [
    ["needs some work", "ground floor", "near the station", "shared bathroom", "small kitchen"],
    ["quiet street", "new kitchen", "near the station", "small balcony", "second floor"],
    ["large terrace", "view of the park", "new kitchen", "quiet street", "oak floors"],
]
TOWNS = np.array(["Ulm", "Kiel", "Bonn", "Jena"])
SHARES = [[0.4, 0.3, 0.2, 0.1], [0.2, 0.3, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4]]
frame = pd.DataFrame(
    {
        "text": [", ".join(rng.choice(PHRASES[p], 2, replace=False)) for p in price],
        "town": pd.Categorical([rng.choice(TOWNS, p=SHARES[p]) for p in price]),
        "area": rng.normal(45 + 14 * price, 9).round(),
        "year": rng.normal(1968 + 9 * price, 16).round(),
    }
)
frame.loc[rng.random(n) < 0.1, "year"] = np.nan
labels = np.array(["cheap", "usual", "dear"])[price]

numbers = make_pipeline(SimpleImputer(), StandardScaler())
columns = ColumnTransformer(
    [
        ("text", TfidfVectorizer(), "text"),
        ("town", OneHotEncoder(), ["town"]),
        ("numbers", numbers, ["area", "year"]),
    ],
    sparse_threshold=0,
)
network = MLPClassifier([16, 3], "tanh", alpha=0.03, max_iter=2_000, random_state=1)
model = make_pipeline(columns, network).fit(frame[:1_000], labels[:1_000])

# The frame goes in as it is: the first representation that is numbers is the input.
ordered = pd.Categorical(labels[1_000:], ["cheap", "usual", "dear"], ordered=True)
trace = uk.trace(
    model,
    (frame[1_000:], pd.Series(ordered, frame.index[1_000:])),
    layers=["hidden 1", "hidden 2"],
    name="flats that the network has not seen",
)
print(trace)
uk.save_figure(uk.figure(trace), picture, dpi=110, small=True)
