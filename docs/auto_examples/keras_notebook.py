"""
The notebook, in TensorFlow's Keras
===================================

The network that started unknot, built and trained with Keras, then traced as it is.

``python examples/keras_notebook.py [PICTURE.png] [FILM.mp4]``

Needs ``pip install 'unknot[keras]' tensorflow``.
"""

import sys

import tensorflow as tf
from sklearn.datasets import make_circles

keras = tf.keras
picture = sys.argv[1] if len(sys.argv) > 1 else "keras_notebook.png"

# What the notebook does: points, a Sequential model, RMSprop, binary cross-entropy, fit.
X, y = make_circles(n_samples=100_000, noise=0.2, factor=0.5, random_state=1)
keras.utils.set_random_seed(1)

model = keras.models.Sequential()
model.add(keras.Input(shape=(2,)))
model.add(keras.layers.Dense(6, activation="relu"))
model.add(keras.layers.Dense(2, activation="linear"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(
    optimizer=keras.optimizers.RMSprop(),
    loss=keras.losses.BinaryCrossentropy(),
    metrics=[keras.metrics.BinaryAccuracy()],
)
history = model.fit(X, y, batch_size=32, epochs=5, validation_split=0.2)

X_test, y_test = make_circles(n_samples=100, noise=0.2, factor=0.5, random_state=1)
extractor = keras.Model(inputs=model.inputs, outputs=[layer.output for layer in model.layers])
features = extractor(X_test)

# From here on unknot: the same model, unchanged, and all of the points.
import unknot as uk  # noqa: E402

trace = uk.trace(model, (X, y), name="circles")
uk.save_figure(uk.figure(trace), picture, dpi=110, small=True)
if len(sys.argv) > 2:
    uk.animate(trace, sys.argv[2])
