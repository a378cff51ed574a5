"""Whole commands at sizes that hurt: wide, deep, many columns, many points, and the demo.

    .venv/bin/python benchmarks/scale.py [--before /path/to/another/checkout] [--only demo,deep]

Every case is a process of its own, the user's command from start to end; with ``--before`` the
other checkout's package does the same in turn. Seconds of wall and of processor time (ffmpeg's
included), and the peak memory of the largest process.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from training import machine

HERE = Path(__file__).parent.parent


@dataclass
class Case:
    """A command, and what it needs beside it."""

    arguments: str
    limit: str = ""
    needs_table: tuple[int, int] | None = None


CASES = {
    "demo": Case("demo", "10 s"),
    "columns": Case("run {table} --label y", "", (10, 10_000)),
    "columns, 1,000 rows": Case("run {table} --label y", "", (1_000, 10_000)),
    "width 2,000": Case("run circles -n 1000 --hidden 2000", "30 s"),
    "width 2,000 twice": Case("run circles -n 1000 --hidden 2000,2000", ""),
    "width 10,000": Case("run circles -n 1000 --hidden 10000", "90 s, 2 GB"),
    "50 layers": Case(f"run circles -n 1000 --hidden {','.join(['16'] * 50)}", "30 s"),
    "10,000,000 points": Case("run circles -n 10000000 --hidden 6 --epochs 1", "120 s"),
}


@dataclass
class Cost:
    wall: float
    cpu: float
    peak: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, help="another checkout of unknot")
    parser.add_argument("--only", default="", help="names of cases, by their beginnings")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600)
    chosen = parser.parse_args()
    print(f"machine: {machine()}, load {os.getloadavg()[0]:.1f}")
    only = [name for name in chosen.only.split(",") if name]
    for name, case in CASES.items():
        if not only or any(name.startswith(each) for each in only):
            compare(name, case, chosen)


def compare(name: str, case: Case, chosen: argparse.Namespace) -> None:
    trees = {"now": HERE} | ({"before": chosen.before} if chosen.before else {})
    costs: dict[str, list[Cost]] = {which: [] for which in trees}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "table.csv")
        if case.needs_table:
            write_table(table, *case.needs_table)
        for i in range(chosen.runs):
            for which, tree in trees.items():
                command = [*case.arguments.format(table=table).split(), "--out", f"{folder}/{i}"]
                costs[which].append(cost_of(command, tree, chosen.timeout))
    for which, each in costs.items():
        wall, cpu, peak = (median(getattr(c, k) for c in each) for k in ("wall", "cpu", "peak"))
        print(
            f"{name:20s} {which:7s} {wall:7.1f} s, {cpu:7.1f} s of processors, {peak:5.2f} GB"
            f"{'   aim: ' + case.limit if case.limit and which == 'now' else ''}",
            flush=True,
        )


def cost_of(command: list[str], tree: Path, timeout: float) -> Cost:
    """Of one command in a process of its own; infinite where it fails or takes too long."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(tree / "src")}
    shell = [sys.executable, "-c", CALL, sys.executable, "-m", "unknot", *command]
    done = subprocess.run(
        ["timeout", "-k", "5", str(timeout), *shell],
        env=environment,
        capture_output=True,
        text=True,
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"  {' '.join(command)[:60]}: exit {done.returncode}\n{done.stderr[-500:]}")
        return Cost(np.inf, np.inf, np.inf)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, float(done.stdout.splitlines()[-1]) / 1e6)


#: Runs a command and prints the peak memory of the largest process below it, in kilobytes.
CALL = (
    "import resource, subprocess, sys; "
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def write_table(path: Path, n_rows: int, n_columns: int) -> None:
    """Gaussian columns of unequal scales, the first of which tells the class."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(n_rows, n_columns)) * rng.uniform(0.5, 20, n_columns)
    labels = np.where(np.arange(n_rows) % 2, "a", "b")
    values[:, 0] += 20 * (labels == "a")
    lines = [",".join([*(f"c{i}" for i in range(n_columns)), "y"])]
    lines += [
        ",".join([*(f"{v:.4g}" for v in row), label])
        for row, label in zip(values, labels, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
