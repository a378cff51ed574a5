"""Damage files and use them: nothing but unknot's own errors, 1 GB and 10 s may come of it.

A damaged file that reaches lines of unknot which none before it did is kept, and damaged further.
``python tests/fuzz/fuzz.py --seconds 3600 --seed 7`` goes on for an hour of processor time;
``make fuzz`` does so until it is stopped. What fails is kept beside its traceback, and the counts
are printed.
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
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "fuzz"), str(TESTS / "width")]

#: Of one file: seconds, and bytes beyond what the program takes itself.
SECONDS, MEMORY = 10, 2**30
#: How often each sound file is used first: what it reaches is nothing new.
WARM = 4


class TooSlowError(BaseException):
    """Not an Exception, so that nothing on the way takes it for its own."""


def _stop(number, frame):
    raise TooSlowError


class Peak:
    """A context that tells how far the memory of this process grew within it, in bytes."""

    def __enter__(self):
        # Linux forgets the peak before; elsewhere it is that of the whole time.
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", "utf-8")
        self._before, self.grown = self._peak(), 0
        return self

    def __exit__(self, *error):
        self.grown = self._peak() - self._before

    @staticmethod
    def _peak():
        with suppress(OSError):
            for line in Path("/proc/self/status").read_text("utf-8").splitlines():
                if line.startswith("VmHWM"):
                    return 1024 * int(line.split()[1])
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def fuzz(folder, seed, cases=None, seconds=None, report=None, suffixes=None, blind=False):
    """Damage and use files until so many `cases` or `seconds` are done.

    Parameters
    ----------
    folder : Path
        For files that failed.
    seed : int
    cases : int, optional
    seconds : float, optional
        Of this process's processors.
    report : int, optional
        Print the counts after so many files each.
    suffixes : list of str, optional
        Files of these kinds alone.
    blind : bool
        Damage sound files alone, whatever is reached: to see what the guidance brings.

    Returns
    -------
    counts : Counter
        By what came of a file.
    failures : list of (int, str)
        The case's number and its traceback; files of these cases stay in `folder`.
    """
    from corpus import Corpus
    from mutations import mutated
    from reached import Reached
    from seeds import write_seeds
    from targets import use

    sound = [(path.suffix, path.read_bytes()) for path in write_seeds(folder / "seeds", suffixes)]
    corpus, reached = Corpus(sound), Reached()
    counts, failures = collections.Counter(), []
    most = {"seconds": 0.0, "bytes": 0}
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("ignore")
    with reached:
        for i, (suffix, content) in enumerate(WARM * sound):
            path = folder / f"case{suffix}"
            path.write_bytes(content)
            use(path, folder, random.Random(i))
    first = len(reached.lines)
    start, case = time.process_time(), 0
    while (cases is None or case < cases) and (
        seconds is None or time.process_time() - start < seconds
    ):
        own = random.Random(f"{seed} {case}")
        suffix, original, other = corpus.pick(own)
        path = folder / f"case{suffix}"
        content = mutated(original, own, suffix, other)
        path.write_bytes(content)
        began, problem, reached.fresh = time.process_time(), None, False
        signal.alarm(6 * SECONDS)
        try:
            with Peak() as peak, reached:
                what = use(path, folder, own, reached)
            counts[what] += 1
        except (Exception, TooSlowError):
            problem = traceback.format_exc()
        finally:
            signal.alarm(0)
        took = time.process_time() - began
        most = {"seconds": max(most["seconds"], took), "bytes": max(most["bytes"], peak.grown)}
        if took > SECONDS:
            problem = problem or f"{took:.0f} s"
        if peak.grown > MEMORY:
            problem = problem or f"{peak.grown / 2**30:.1f} GB"
        if problem:
            counts["FAILED"] += 1
            failures.append((case, problem))
            kept = folder / f"failed-{seed}-{case}{suffix}"
            kept.write_bytes(content)
            kept.with_suffix(".txt").write_text(problem, "utf-8")
        elif reached.fresh and not blind:
            counts["kept"] += corpus.keep(suffix, content, what == "refused")
        case += 1
        if report and case % report == 0:
            lines = f"{len(reached.lines):,} lines ({len(reached.lines) - first:,} new)"
            took = f"{time.process_time() - start:,.0f} s, longest {most['seconds']:.1f} s"
            memory = f"most {most['bytes'] / 2**20:.0f} MB"
            print(f"{case:,} files, {took}, {memory}, {lines}: {dict(counts)}", flush=True)
    counts["files"] = case
    counts["new lines"] = len(reached.lines) - first
    return counts, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="how long; until stopped when left out")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=Path, help="a folder for files that failed")
    parser.add_argument("--only", nargs="*", help="suffixes of files: .keras .onnx")
    parser.add_argument("--blind", action="store_true", help="keep nothing, to compare")
    parser.add_argument("--pages", type=Path, help="write sound page files there, and no more")
    chosen = parser.parse_args()
    if chosen.pages:
        from seeds import write_pages

        write_pages(chosen.pages)
        return
    folder = chosen.out or Path(tempfile.mkdtemp(prefix="unknot-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    limits = chosen.cases, chosen.seconds
    counts, failures = fuzz(folder, chosen.seed, *limits, 500, chosen.only, chosen.blind)
    kinds = collections.Counter(text.strip().splitlines()[-1][:150] for _, text in failures)
    for kind, n in kinds.most_common():
        print(f"{n:6} {kind}")
    print(f"seed {chosen.seed}: {dict(counts)}; failures are in {folder}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
