"""Python still makes the data sets of page_golden.json; the viewer is held to the same."""

import json

import page_golden as golden
import pytest


def test_python_gives_the_golden_data_sets_of_the_page():
    written = json.loads(golden.FILE.read_text("utf-8"))
    for made, held in zip(golden.content()["cases"], written["cases"], strict=True):
        for key, value in held.items():
            if key == "best":
                assert made[key] == pytest.approx(value, abs=1e-6), held["name"]
            elif key != "quantiles":
                assert made[key] == value, held["name"]
        assert [list(c) for c in made["quantiles"]] == [
            [pytest.approx(q, abs=2e-4) for q in c] for c in held["quantiles"]
        ], held["name"]
