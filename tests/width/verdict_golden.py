"""Golden vectors of the verdicts: what Python says of made-up trainings.

``python tests/width/verdict_golden.py`` writes the file; ``test_verdict_golden.py`` holds
Python to it, and ``viewer/tests/width.test.ts`` the page's own search.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from made import outcome

from unknot.datasets import circles, from_arrays, gaussian_quantiles, moons, shells, xor
from unknot.network.activations import activations
from unknot.training.programs import warm_up_cosine
from unknot.width.metrics import METRICS, constant_values, difference, score_of
from unknot.width.result import Ceiling, Statement, range_text
from unknot.width.theory import BEISE, theory
from unknot.width.verdict import Bar, Judged, answer_range, standard_error, verdict_on

FILE = Path(__file__).with_suffix(".json")
#: The last ones have sentences that are rare.
SEEDS, MOST_WIDTHS = [*range(110), 158, 229], 5
#: Judged by another metric; the words of these say so.
JUDGED = (607, 625, 632)
#: A theorem rules out some of the widths of these.
PROVED = (411, 445, 504)


def case(seed):
    """A bar, and widths whose trainings come near it, or not."""
    random = np.random.default_rng(seed)
    ceiling = round(float(random.uniform(0.6, 1)), 3)
    tolerance = float(random.choice([0.005, 0.01, 0.02, 0.1]))
    constant = round(float(random.choice([0.5, ceiling - tolerance / 2, 0.55])), 4)
    bar = Bar(
        ceiling=Ceiling(ceiling, "Bayes accuracy", {}),
        tolerance=tolerance,
        n_judging=int(random.choice([200, 2_000, 100_000])),
        theory=(Statement("", BEISE, (1, 2), forbids=True),) if seed in PROVED else (),
        constant=constant,
        constant_loss=round(float(random.choice([0.693, 0.3])), 3),
        learnable=bool(random.random() < 0.7),
        metric=METRICS[seed % 3] if seed in JUDGED else "accuracy",
    )
    narrower, described = [], []
    for width in range(1, int(random.integers(2, MOST_WIDTHS)) + 1):
        entry, result = trained(random, bar, width, narrower)
        narrower.append(result)
        described.append(entry)
    span = answer_range(narrower)
    return {
        "bar": {
            "ceiling": ceiling,
            "tolerance": tolerance,
            "constant": constant,
            "constant_loss": bar.constant_loss,
            "learnable": bar.learnable,
            **({"metric": bar.metric} if seed in JUDGED else {}),
            **({"forbidden": [1, 2], "source": BEISE} if bar.theory else {}),
        },
        "widths": described,
        "range": None if span is None else list(span),
        "text": answer_text(span),
    }


def trained(random, bar, width, narrower):
    """One width: its entry of the file, and its result."""
    n = int(random.choice([4, 6, 10]))
    best = bar.ceiling.accuracy - float(random.choice([-0.01, 0.0, 0.008, 0.02, 0.2, 0.3]))
    spread = float(random.choice([0.0, 0.003, 0.1, 0.2]))
    scores = np.clip(best - spread * random.random(n), 0, 1).round(4).tolist()
    low = float(random.choice([0.05, 0.2, 0.69, 0.7]))
    losses = (
        (low * (1 + random.choice([0.0, 0.001, 0.01, 0.5]) * random.random(n))).round(5).tolist()
    )
    # What is best on the training points need not be so on the others.
    training = np.clip(scores + random.choice([-0.1, 0, 0.02, 0.1]) * random.random(n), 0, 1).round(
        4
    )
    made = replace(
        outcome(scores, losses, width),
        training_accuracies=tuple(training.tolist()),
        best=int(training.argmax()),
    )
    chosen = scores[int(training.argmax())]
    judged = Judged(
        shortfall=round(bar.ceiling.accuracy - chosen + float(random.normal(0, 0.002)), 5),
        error=round(float(random.choice([bar.error, 0.0])), 6),
        n_points=bar.n_judging,
    )
    result = verdict_on(bar, width, [made], None, narrower, judged)
    entry = {
        "losses": losses,
        "scores": scores,
        "score": result.score,
        "training_score": result.training_score,
        "shortfall": judged.shortfall,
        "error": judged.error,
        "n_points": judged.n_points,
        "verdict": result.verdict,
        "reason": result.reason,
        "reached": result.n_reached,
        "interval": list(result.interval),
        "restarts_needed": result.restarts_needed,
    }
    return entry, result


def answer_text(span):
    """As ``MinimumWidth.answer_text`` puts it."""
    if span is None:
        return "no width is enough"
    if span[0] == span[1]:
        return "1 unit is enough" if span[0] == 1 else f"{span[0]} units are enough"
    return range_text(*span)


def proved():
    """What theorems say of the data that the page makes: each statement once, and who has which."""
    random = np.random.default_rng(1)
    three = from_arrays(random.normal(size=(9, 4)), np.arange(9) % 3)
    made = [circles(50), shells(50), xor(50), moons(50), gaussian_quantiles(60), three]
    statements, cases = [], []
    for data in made:
        few = ("relu", "tanh", "gelu", "softplus")
        for activation in (name for name in activations if name != "linear"):
            for depth in (1, 2):
                if activation not in few and (data is not made[0] or depth > 1):
                    continue
                found = theory(data, activation, depth, None, range(1, 5))
                entries = [[s.text, s.source, s.domain, list(s.widths), s.forbids] for s in found]
                statements += [entry for entry in entries if entry not in statements]
                cases.append(
                    {
                        "name": data.name if data.parameters else "",
                        "d": data.n_features,
                        "classes": data.n_classes,
                        "activation": activation,
                        "depth": depth,
                        "says": [statements.index(entry) for entry in entries],
                    }
                )
    return {"statements": statements, "cases": cases}


def numbers():
    """Numbers, digits, and how Python rounds them: those in the middle of two too."""
    values = [0.03125, 0.09375, 0.00005, 0.12345, 2.5, 3.5, 9.375, -0.03125, 0.5, 1 / 3, 1e-9]
    return [[value, digits, f"{value:.{digits}f}"] for value in values for digits in (0, 1, 4)]


def two_models():
    """Right and wrong answers of two models, and their difference."""
    random = np.random.default_rng(1)
    ours, theirs = (random.random((2, 50)) < [[0.7], [0.9]]).astype(float)
    labels = np.arange(50) % 7 // 5
    found = {name: difference(name, ours, theirs, labels, 2) for name in METRICS}
    scores = {name: score_of(name, ours, labels, 2) for name in METRICS}
    constant = {name: constant_values(name, labels, labels, 2).tolist() for name in METRICS}
    return {
        "labels": labels.tolist(),
        "ours": ours.tolist(),
        "theirs": theirs.tolist(),
        "is": found,
        "scores": scores,
        "constant": constant,
    }


def content():
    """Everything that the file holds."""
    schedule = warm_up_cosine(1.0, 100)
    return {
        "cases": [case(seed) for seed in [*SEEDS, *PROVED, *JUDGED]],
        "theory": proved(),
        "numbers": numbers(),
        "difference": two_models(),
        "cosine": {"until": 100, "factors": [round(float(schedule(t)), 7) for t in range(102)]},
    }


def text(golden):
    """JSON, one line a case."""
    lines = [json.dumps(each, separators=(",", ":")) for each in golden["cases"]]
    rest = {name: entry for name, entry in golden.items() if name != "cases"}
    inner = ",\n".join(lines)
    return f'{{\n"cases": [\n{inner}\n],\n' + json.dumps(rest, separators=(",", ":"))[1:] + "\n"


if __name__ == "__main__":
    assert standard_error(0.5, 100) == 0.05
    FILE.write_text(text(content()), "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")
