"""Seconds a step of Keras 3 by width, one JSON object; see width.py.

KERAS_BACKEND chooses the backend. Runs in an environment of its own: benchmarks/requirements.txt.
"""

import json
import sys
import time
from statistics import median

import keras
from sklearn.datasets import make_circles

BATCH, EPOCHS = 512, 4


class Clock(keras.callbacks.Callback):
    """Wall time of each epoch."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


def seconds_a_step(width: int) -> float:
    x, y = make_circles(100_000, noise=0.2, factor=0.5, random_state=1)
    x, y = x.astype("float32"), y.astype("float32")[:, None]
    layers = [keras.layers.Dense(width, activation="relu"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    rate = keras.optimizers.schedules.CosineDecay(0.1, 16_000)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    clock = Clock()
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, callbacks=[clock], verbose=0)
    return median(clock.seconds[1:]) / -(-len(x) // BATCH)


if __name__ == "__main__":
    print(json.dumps({width: seconds_a_step(width) for width in map(int, sys.argv[1:])}))
