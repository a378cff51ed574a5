"""The demo in Keras 3: prints the seconds of each epoch, one JSON list; see training.py.

KERAS_BACKEND chooses the backend. Runs in an environment of its own: benchmarks/requirements.txt.
"""

import json
import sys
import time

import keras
from sklearn.datasets import make_circles


class Clock(keras.callbacks.Callback):
    """Wall time of each epoch, validation included."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


def main(epochs: int) -> None:
    x, y = make_circles(100_000, noise=0.2, factor=0.5, random_state=1)
    model = keras.Sequential(
        [
            keras.layers.Dense(6, activation="relu"),
            keras.layers.Dense(2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=[keras.metrics.BinaryAccuracy()],
    )
    clock = Clock()
    x, y = x.astype("float32"), y.astype("float32")[:, None]
    model.fit(
        x, y, batch_size=32, epochs=epochs, validation_split=0.2, callbacks=[clock], verbose=0
    )
    print(json.dumps({"seconds": clock.seconds, "version": keras.__version__}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
