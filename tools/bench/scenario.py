"""What a scenario is: one load on a broker, which gives figures by name; and which figures there
are."""
import contextlib
import dataclasses
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import kafka_wire
import peers

GB = 10 ** 9


@dataclasses.dataclass
class Figure:
    title: str
    higher_is_better: bool = False


FIGURES = {
    "mb_per_s": Figure("MB/s", True),
    "cpu_s_per_gb": Figure("CPU seconds of the broker per GB"),
    "cpu_us_per_record": Figure("CPU microseconds of the broker per record"),
    "records_per_s": Figure("records per second", True),
    "transactions_per_s": Figure("transactions per second", True),
    "cpu_us_per_transaction": Figure("CPU microseconds of the broker per transaction"),
    "commit_p50_ms": Figure("commit (EndTxn), p50, ms"),
    "commit_p99_ms": Figure("commit (EndTxn), p99, ms"),
    "transaction_p50_ms": Figure("whole transaction, p50, ms"),
    "transaction_p99_ms": Figure("whole transaction, p99, ms"),
    "produce_p50_ms": Figure("produce latency, p50, ms"),
    "produce_p99_ms": Figure("produce latency, p99, ms"),
    "produce_p999_ms": Figure("produce latency, p99.9, ms"),
    "end_to_end_p50_ms": Figure("end-to-end latency, p50, ms"),
    "end_to_end_p99_ms": Figure("end-to-end latency, p99, ms"),
    "end_to_end_p999_ms": Figure("end-to-end latency, p99.9, ms"),
    "rss_mib": Figure("resident memory, MiB"),
    "rss_growth_mib": Figure("resident memory on top of idle, MiB"),
    "api_versions_ms": Figure("exec to the first ApiVersions answered, ms"),
    "first_record_ms": Figure("exec to the first transactional record acknowledged, ms"),
    "first_commit_ms": Figure("exec to the first transaction committed, ms"),
    "restart_ms": Figure("exec to the partition answered, ms"),
    "idle_cpu_ms_per_s": Figure("CPU milliseconds per second when idle"),
    "init_cpu_us": Figure("CPU microseconds for a producer id"),
    "join_cpu_us": Figure("CPU microseconds for a group's first member to join"),
    "commits_per_s": Figure("offset commits (with a heartbeat each) per second", True),
    "cpu_us_per_commit": Figure("CPU microseconds for an offset commit and a heartbeat"),
    "seconds": Figure("seconds"),
}


class Context:
    """A broker at hand, and how large loads are. `running` is None where a scenario starts it."""

    def __init__(self, peer, directory, quick, running=None):
        self.peer, self.directory, self.quick, self.running = peer, directory, quick, running
        self._topics = 0

    def size(self, whole, quick):
        return quick if self.quick else whole

    def topic(self):
        self._topics += 1
        return f"{time.time_ns()}-{self._topics}"

    def _command(self, command, options):
        words = [peers.LOAD, self.running.address, "--pid", str(self.running.pid)]
        if self.peer.is_null:
            words.append("--null")
        words.append(command)
        for name, value in options.items():
            words.append("--" + name.replace("_", "-"))
            if value is not True:
                words.append(str(value))
        return words

    def load(self, command, **options):
        """The figures that the load prints, and the broker's memory after it."""
        done = subprocess.run(self._command(command, options), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=peers.PATIENCE_S,
                              stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or f"{command} died")
        return {"rss_mib": self.running.memory_mib(), **json.loads(done.stdout)}

    @contextlib.contextmanager
    def beside(self, command, **options):
        """Runs the load beside others; it is told to end by the end of its input."""
        with subprocess.Popen(self._command(command, options), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            yield process
            process.stdin.close()

    def drop(self, topic):
        """Not to be in the way of the next: memory and files of the topic are given back."""
        if not self.peer.is_null:
            with kafka_wire.Client(self.running.port, peers.PATIENCE_S) as client:
                client.ask(kafka_wire.delete_topic(topic.encode()))
            time.sleep(0.3)


@dataclasses.dataclass
class Scenario:
    name: str
    title: str
    run: Callable[[Context], dict]
    knows_null: bool = False
    # Fetches: makes the file of answers that the null broker gives, in the directory.
    answers: Callable[[Context], Path] | None = None


@dataclasses.dataclass
class Group:
    name: str
    title: str
    about: str
    scenarios: list[Scenario]
    tables: list[str]  # the figures that get one
    starts_brokers: bool = False
    warm_up: Callable[[Context], object] = lambda context: None
    # Of a curve: what its scenarios' names count.
    axis: str | None = None
