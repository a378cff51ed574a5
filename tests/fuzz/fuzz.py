"""Damage files and use them: nothing but unknot's own errors, 1 GB and 10 s may come of it.

``python tests/fuzz/fuzz.py --seconds 3600 --seed 7`` goes on for an hour; ``make fuzz`` does so
until it is stopped. What fails is kept beside its traceback, and the counts are printed.
"""

import argparse
import collections
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "fuzz"), str(TESTS / "width")]

#: Of one file: seconds, and bytes beyond what the program takes itself.
SECONDS, MEMORY = 10, 2**30


class TooSlowError(BaseException):
    """Not an Exception, so that nothing on the way takes it for its own."""


def _stop(number, frame):
    raise TooSlowError


def fuzz(folder, seed, cases=None, seconds=None, report=None, suffixes=None):
    """Damage and use files until so many `cases` or `seconds` are done.

    Returns
    -------
    counts : Counter
        By what came of a file.
    failures : list of (int, str)
        The case's number and its traceback; files of these cases stay in `folder`.
    """
    from mutations import mutated
    from seeds import write_seeds
    from targets import use

    originals = [
        (path.suffix, path.read_bytes())
        for path in write_seeds(folder / "seeds")
        if suffixes is None or path.suffix in suffixes
    ]
    counts, failures = collections.Counter(), []
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("ignore")
    start, case = time.monotonic(), 0
    while (cases is None or case < cases) and (
        seconds is None or time.monotonic() - start < seconds
    ):
        own = random.Random(f"{seed} {case}")
        suffix, original = own.choice(originals)
        path = folder / f"case{suffix}"
        path.write_bytes(mutated(original, own))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        problem = None
        signal.alarm(6 * SECONDS)
        try:
            counts[use(path, folder, own)] += 1
        except (Exception, TooSlowError):
            problem = traceback.format_exc()
        finally:
            signal.alarm(0)
        if time.process_time() - began > SECONDS:
            problem = problem or f"{time.process_time() - began:.0f} s"
        grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        if grown > MEMORY:
            problem = problem or f"{grown / 2**30:.1f} GB"
        if problem:
            counts["FAILED"] += 1
            failures.append((case, problem))
            kept = folder / f"failed-{seed}-{case}{suffix}"
            path.rename(kept)
            kept.with_suffix(".txt").write_text(problem, "utf-8")
        case += 1
        if report and case % report == 0:
            print(f"{case:,} files: {dict(counts)}", flush=True)
    counts["files"] = case
    return counts, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="how long; until stopped when left out")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=Path, help="a folder for files that failed")
    parser.add_argument("--only", nargs="*", help="suffixes of files: .keras .onnx")
    chosen = parser.parse_args()
    folder = chosen.out or Path(tempfile.mkdtemp(prefix="unknot-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    counts, failures = fuzz(
        folder, chosen.seed, chosen.cases, chosen.seconds, report=500, suffixes=chosen.only
    )
    kinds = collections.Counter(text.strip().splitlines()[-1][:150] for _, text in failures)
    for kind, n in kinds.most_common():
        print(f"{n:6} {kind}")
    print(f"seed {chosen.seed}: {dict(counts)}; failures are in {folder}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
