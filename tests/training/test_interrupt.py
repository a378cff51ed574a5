"""Ctrl-C keeps what has been trained."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from training_data import circles
from waiting import PATIENCE

from unknot.training import fit
from unknot.training.interrupt import Interrupt

CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from training_data import circles
from unknot.training import fit
run = fit(
    circles(20_000), hidden=[50], epochs=1_000_000, checkpoints=[],
    callback=lambda epoch, metrics: print(epoch, flush=True) if epoch == 2 else None,
)
print(json.dumps([
    run.interrupted, len(run.history.loss), len(run.history.validation_loss),
    run.checkpoints[-1].step, run.checkpoints[-1].model is run.model,
]))
"""


@pytest.mark.slow
def test_a_real_ctrl_c_in_another_process():
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline() == "2\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
    assert (child.returncode, err) == (0, "")
    interrupted, n_loss, n_validation, step, same = json.loads(out.splitlines()[-1])
    assert interrupted
    assert same
    assert 2 <= n_loss == n_validation < 1_000_000
    # 500 steps an epoch: the epochs in the history are finished, the last checkpoint is later.
    assert 500 * n_loss <= step <= 500 * (n_loss + 1)


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_an_epoch():
    before = signal.getsignal(signal.SIGINT)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))

    def start(epoch, metrics):
        if epoch == 1:
            timer.start()

    run = fit(circles(50_000), hidden=[100, 100], epochs=1000, callback=start, checkpoints=3)
    assert run.interrupted
    assert signal.getsignal(signal.SIGINT) is before
    epochs = len(run.history.loss)
    assert all(len(column) == epochs for column in vars(run.history).values())
    assert run.checkpoints[-1].model is run.model
    assert epochs <= run.checkpoints[-1].epoch <= epochs + 1
    steps = [checkpoint.step for checkpoint in run.checkpoints]
    assert steps == sorted(set(steps))


def test_ctrl_c_before_the_first_step_gives_the_initial_network():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Interrupt, "__enter__", _already_requested)
        run = fit(circles(100), hidden=[2], epochs=3)
    assert run.interrupted
    assert [checkpoint.step for checkpoint in run.checkpoints] == [0]
    assert run.history.loss == ()
    assert not run.model.layers[0].bias.any()


def _already_requested(self):
    self.requested = True
    return self


def test_ctrl_c_in_a_callback_of_its_own():
    def callback(epoch, metrics):
        if epoch == 2:
            raise KeyboardInterrupt

    run = fit(circles(100), hidden=[2], epochs=5, callback=callback)
    assert run.interrupted
    assert len(run.history.loss) == 2
    assert run.checkpoints[-1].epoch == 2


def test_ctrl_c_after_the_last_step_interrupts_nothing():
    def callback(epoch, metrics):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    run = fit(circles(100), hidden=[2], epochs=2, callback=callback)
    assert not run.interrupted
    assert len(run.history.loss) == 2


def test_the_second_ctrl_c_raises_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_handler_is_put_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)

    def callback(epoch, metrics):
        assert signal.getsignal(signal.SIGINT) is not before
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit(circles(100), hidden=[2], callback=callback)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_works_in_another_thread():
    runs = []
    thread = threading.Thread(target=lambda: runs.append(fit(circles(100), hidden=[2], epochs=1)))
    thread.start()
    thread.join()
    assert len(runs) == 1
    assert np.isfinite(runs[0].history.loss).all()
