"""What both clients' tests share: names, deadlines, and the application as a process."""

import itertools
import os
import select
import signal
import subprocess
import sys
import time

BOOTSTRAP = os.environ["EINMAL_BOOTSTRAP"]
DEADLINE_S = 20  # For whatever should happen at once; never waited for in full.
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
RECORD_COUNT = 50  # What the application copies in one transaction.

_counter = itertools.count(1)


def unique(prefix):
    """A name that no other test and no other run uses."""
    return f"{prefix}-{time.time_ns()}-{os.getpid()}-{next(_counter)}"


def numbered(prefix, count):
    return [f"{prefix}{i}" for i in range(count)]


def wait_until(what, condition):
    """Calls `condition`, which does the waiting, until it holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not (result := condition()):
        assert time.monotonic() < deadline, f"waited in vain until {what}"
    return result


class Job:
    """What one run of the application works on."""

    def __init__(self, transactional_id=None, group=None, source=None, target=None):
        self.transactional_id = transactional_id or unique("copier")
        self.group = group or unique("copiers")
        self.source = source or unique("source")
        self.target = target or unique("target")

    def arguments(self):
        return [self.transactional_id, self.group, self.source, self.target]


class Process:
    """The application in its own process, which stops before its commit until told to go on."""

    def __init__(self, script, job):
        self._process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), script), *job.arguments()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def read_line(self):
        readable, _, _ = select.select([self._process.stdout], [], [], DEADLINE_S)
        assert readable, "the application printed nothing"
        return self._process.stdout.readline().strip()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def suspend(self):
        self._process.send_signal(signal.SIGSTOP)

    def wake(self):
        self._process.send_signal(signal.SIGCONT)

    def proceed(self):
        self._process.stdin.write("\n")


def wait_for_proceed():
    """The application's side of Process.proceed."""
    print("ready", flush=True)
    sys.stdin.readline()
