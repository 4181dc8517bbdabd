#!/usr/bin/env python3
"""Runs the tests; without arguments everything that CI runs.

    tools/test [part...]

Parts: format, tidy, build, unit, golden, command, instructions, simulation, sanitizers, fuzz,
interop, demo;
quick is format, tidy, build, unit, command and a short simulation with a new seed.
The last line is the sum over all test cases of all runners: N passed, N failed.
"""
import concurrent.futures
import glob
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
CI_PARTS = ["format", "tidy", "build", "unit", "golden", "command", "instructions", "simulation",
            "sanitizers", "interop", "demo"]
QUICK_PARTS = ["format", "tidy", "build", "unit", "command"]

# Seeds that each simulation runs, and damaged messages that the codec's fuzz test tries.
QUICK_SEEDS = 20
CI_SEEDS = 10_000
SANITIZED_SEEDS = 200
SANITIZED_MUTATIONS = 20_000
FUZZ_MUTATIONS = 2_000_000

UNIT_TESTS = ["--no-suite", "golden", "--no-suite", "simulation"]
# By sanitizer what is built, which tests run, and whether the simulations do. A broker's tests are
# the only ones with threads.
SANITIZERS = {
    "address,undefined": ("meson-test-prereq", UNIT_TESTS, True),
    "thread": ("tests/broker/broker_tests", ["broker"], False),
}
TIME_LIMIT_S = 2700  # of one runner, or one build


class Tally:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count(output, succeeded):
    """What a runner says it ran. Doctest counts in its own line, the others with `N passed,
    N failed` in the last such line of each runner; a runner without either is one test. One that
    failed, or died, without naming a failed test is a failed test more; so is one that says it
    ran nothing."""
    output = re.sub(r"\x1b\[[0-9;]*m", "", output)
    tally = Tally()
    doctest = re.findall(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed"
                         r"(?: \|\s*(\d+) skipped)?", output)
    plain = [line for line in output.split("\n")
             if re.search(r"\b\d+ (passed|failed)\b", line) and "[doctest]" not in line]
    if doctest:
        for passed, failed, skipped in doctest:
            tally += Tally(int(passed), int(failed), int(skipped or 0))
    elif plain:
        number = dict((word, int(digits)) for digits, word in
                      re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", plain[-1]))
        tally += Tally(number.get("passed", 0),
                       number.get("failed", 0) + number.get("error", 0) + number.get("errors", 0),
                       number.get("skipped", 0))
    elif succeeded:
        tally.passed = 1
    ran_nothing = tally.passed + tally.failed + tally.skipped == 0
    if tally.failed == 0 and (ran_nothing or not succeeded):
        tally.failed = 1
    return tally


def run(command, environment=None, show=True):
    """Runs a command to its end or its time limit; gives its output and whether it succeeded."""
    print("$", " ".join(os.path.relpath(word, ROOT) if os.path.isabs(word) else word
                        for word in command), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, text=True,
                               errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **(environment or {})}, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\nended after {TIME_LIMIT_S} seconds\n"
    if show or process.returncode != 0:
        print(output, end="" if output.endswith("\n") else "\n", flush=True)
    return output, process.returncode == 0


def run_counted(command, environment=None):
    return count(*run(command, environment))


def build(directory=BUILD, *options):
    output, succeeded = run([os.path.join(ROOT, "tools/build"), directory, *options], show=False)
    if succeeded:
        print(output.strip().split("\n")[-1])
    return succeeded


def run_meson_tests(selection, directory=BUILD, environment=None):
    """Runs Meson's tests and counts what each of them ran."""
    log = os.path.join(directory, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    _, succeeded = run(["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs",
                        "--timeout-multiplier", "20", *selection], environment, show=False)
    tally = Tally()
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as file:
            for line in file:
                test = json.loads(line)
                counted = count(test.get("stdout", "") + test.get("stderr", ""),
                                test["result"] in ("OK", "EXPECTEDFAIL"))
                print(f"  {test['name']}: {counted} in {test['duration']:.1f} s")
                tally += counted
    if not succeeded and tally.failed == 0:
        tally.failed = 1
    return tally


def run_simulations(first_seed, seed_count, directory=BUILD, environment=None):
    """Each seed is a test case. A simulation ends at the first that fails, and says which. Each
    processor takes its share of the seeds."""
    shares = min(os.cpu_count() or 1, seed_count)
    bounds = [first_seed + seed_count * share // shares for share in range(shares + 1)]
    runs = [(simulation, begin, end - begin)
            for simulation in sorted(glob.glob(os.path.join(directory,
                                                            "tests/simulation/*_simulation")))
            for begin, end in zip(bounds, bounds[1:])]

    def simulate(one):
        simulation, begin, count = one
        _, succeeded = run([simulation, str(begin), str(count)], environment)
        return Tally(passed=count) if succeeded else Tally(failed=1)

    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(shares) as pool:
        for outcome in pool.map(simulate, runs):
            tally += outcome
    return tally if tally.passed or tally.failed else Tally(failed=1)


def new_seed():
    return random.randrange(1, 2**31)


def part_format():
    return run_counted([os.path.join(ROOT, "tools/format"), "--check"])


def part_tidy():
    return run_counted([os.path.join(ROOT, "tools/tidy.py")])


def part_build():
    """One test: everything compiles."""
    return Tally(passed=1) if build() else Tally(failed=1)


def part_unit():
    return run_meson_tests(UNIT_TESTS) if build() else Tally(failed=1)


def part_golden():
    return run_meson_tests(["--suite", "golden"]) if build() else Tally(failed=1)


def part_command():
    """The command from outside: flags, exit status, signals."""
    return run_counted([os.path.join(ROOT, "tests/command/run")]) if build() else Tally(failed=1)


def part_instructions():
    """What requests cost, counted: it may not rise unseen."""
    if not build() or not run([os.path.join(ROOT, "tools/install"), "instructions"])[1]:
        return Tally(failed=1)
    return run_counted([os.path.join(ROOT, "tools/bench/instructions.py"),
                        os.path.join(BUILD, "einmal")])


def part_simulation(first_seed=1, seed_count=CI_SEEDS):
    return run_simulations(first_seed, seed_count) if build() else Tally(failed=1)


def part_sanitizers():
    tally = Tally()
    environment = {"EINMAL_MUTATIONS": str(SANITIZED_MUTATIONS),
                   "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
                   "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}
    for sanitizer, (target, tests, simulates) in SANITIZERS.items():
        directory = os.path.join(ROOT, "build-" + sanitizer.replace(",", "-"))
        # Only what the tests need: neither the binary, nor what talks to it from outside.
        # That each file includes what it needs, the build without precompiled headers shows.
        # Reports need files and lines; the rest of what debuggers read takes a sixth of the time.
        if not build(directory, f"-Db_sanitize={sanitizer}", "-Doptimization=1", "-Ddebug=false",
                     "-Dcpp_args=-gline-tables-only", "-Db_pch=true", target):
            tally.failed += 1
            continue
        tally += run_meson_tests(tests, directory, environment)
        if simulates:
            tally += run_simulations(1, SANITIZED_SEEDS, directory, environment)
    return tally


def part_fuzz():
    environment = {"EINMAL_SEED": str(new_seed()), "EINMAL_MUTATIONS": str(FUZZ_MUTATIONS)}
    print("EINMAL_SEED=" + environment["EINMAL_SEED"])
    return run_meson_tests(["protocol"], environment=environment) if build() else Tally(failed=1)


def part_interop():
    """Each folder of stock clients has its own runner."""
    runners = sorted(glob.glob(os.path.join(ROOT, "interop", "*", "run")))
    if not runners or not build() or not run([os.path.join(ROOT, "tools/install"), "interop"])[1]:
        return Tally(failed=1)
    tally = Tally()
    for runner in runners:
        tally += run_counted([runner])
    return tally


def part_demo():
    return run_counted([os.path.join(ROOT, "tools/demo/run")]) if build() else Tally(failed=1)


def part_quick():
    tally = Tally()
    for name in QUICK_PARTS:
        tally += run_part(name)
    seed = new_seed()
    print(f"== simulation from seed {seed}", flush=True)
    tally += part_simulation(seed, QUICK_SEEDS)
    return tally


PARTS = {name[len("part_"):]: function for name, function in globals().items()
         if name.startswith("part_")}


def run_part(name):
    print(f"== {name}", flush=True)
    started = time.monotonic()
    tally = PARTS[name]()
    print(f"== {name}: {tally}, {time.monotonic() - started:.0f} s", flush=True)
    return tally


def main(names):
    for name in names:
        if name not in PARTS:
            print(f"tools/test: no part '{name}'; there are: {', '.join(PARTS)}", file=sys.stderr)
            return 2
    if not run([os.path.join(ROOT, "tools/install")])[1]:
        return 1
    tally = Tally()
    for name in names or CI_PARTS:
        tally += run_part(name)
    print(tally)
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
