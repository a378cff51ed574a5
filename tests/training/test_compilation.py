"""Compiled code on disk: it saves time, and changes nothing whatever state the folder is in."""

import jax
import numpy as np
import pytest
from training_data import circles

from unknot.training import compilation, fit

SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "unknot" / "jax"


def first_layer():
    """Weights after a training whose programs are compiled, or loaded, anew."""
    compilation._programs.cache_clear()
    jax.clear_caches()
    run = fit(circles(200), hidden=[3, 3], activation="tanh", epochs=1)
    return run.model.layers[0].weight


@pytest.mark.slow
def test_kept_loaded_damaged_or_switched_off_the_weights_are_the_same(folder, monkeypatch):
    # All is kept, so that nothing hangs on how long it takes to compile.
    monkeypatch.setattr(compilation, "WORTH_KEEPING", 0.0)
    settings = [getattr(jax.config, name) for name in SETTINGS]
    compiled = first_layer()
    entries = list(folder.glob("*-cache"))
    assert entries
    assert folder.stat().st_mode & 0o077 == 0
    loaded = first_layer()
    assert set(folder.glob("*-cache")) == set(entries)
    for entry in entries:
        entry.write_bytes(b"damaged")
    damaged = first_layer()
    monkeypatch.setenv("UNKNOT_COMPILATION_CACHE", "0")
    switched_off = first_layer()
    for weight in (loaded, damaged, switched_off):
        np.testing.assert_array_equal(weight, compiled)
    assert [getattr(jax.config, name) for name in SETTINGS] == settings


@pytest.mark.parametrize("value", ["0", "off", "False", "no"])
def test_switched_off(folder, monkeypatch, value):
    monkeypatch.setenv("UNKNOT_COMPILATION_CACHE", value)
    assert compilation.cache_folder() is None
    assert not folder.exists()


def test_the_users_own_cache_is_left_alone(folder, tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "mine"))
    try:
        assert compilation.cache_folder() is None
    finally:
        jax.config.update("jax_compilation_cache_dir", None)
    assert not folder.exists()


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compilation.cache_folder() is None
    assert np.isfinite(first_layer()).all()


def test_a_folder_that_cannot_be_written(folder, monkeypatch):
    monkeypatch.setattr(compilation.os, "access", lambda path, mode: False)
    assert compilation.cache_folder() is None


def test_the_folder_under_home(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert compilation.cache_folder() == tmp_path / ".cache" / "unknot" / "jax"


def test_a_second_training_of_the_same_shape_compiles_nothing():
    first = fit(circles(200), hidden=[3], epochs=1, seed=1)
    second = fit(circles(200), hidden=[3], epochs=2, seed=2)
    assert second.seconds["compile"] < first.seconds["compile"] / 10 or (
        first.seconds["compile"] < 0.01
    )
