"""The brokers that are measured: how each is installed, started on a fresh directory, and ended.

Every one listens on 127.0.0.1 with its own defaults but for what a single node needs, and removes
a deleted topic's files at once, so that one scenario's bytes are not another's load.
"""
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import kafka_wire

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("EINMAL_BUILD", ROOT / "build"))
EINMAL = Path(os.environ.get("EINMAL", BUILD / "einmal"))
LOAD = BUILD / "tools/bench/load"
NULL_BROKER = BUILD / "tools/bench/null_broker"
LIMITS = BUILD / "tools/bench/machine_limits"
CACHE = Path(os.environ.get("EINMAL_CACHE",
                            Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"),
                                 "einmal")))
PATIENCE_S = 600


def shell(script, *arguments):
    """What a script that has interop/lib/broker.sh at hand prints."""
    return subprocess.run(["bash", "-c", "source interop/lib/broker.sh; " + script, "-",
                           *map(str, arguments)],
                          cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Running:
    """A broker's process and where it listens."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def memory_mib(self, key="VmRSS"):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the broker is gone")

    def cpu_s(self):
        """Of all its threads so far, those that have ended too."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Peer:
    """`start` runs it on a directory; what `prepare` makes there first is not part of its start."""
    name = title = ""
    is_rival = True
    keeps_records = True  # over a restart
    has_kafka_files = False
    is_null = False

    def install(self):
        pass

    def version(self):
        return ""

    def prepare(self, directory):
        pass

    def command(self, directory, port):
        raise NotImplementedError

    def start(self, directory, port=None):
        """Returns at once; `wait_until_serving` waits."""
        port = port or kafka_wire.free_port()
        with open(directory / "log", "ab") as log:
            process = subprocess.Popen(self.command(directory, port), stdout=log, stderr=log)
        return Running(process, port)


class Einmal(Peer):
    name, title = "einmal", "einmal"
    is_rival = False
    has_kafka_files = True
    threads = 1

    def version(self):
        return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def command(self, directory, port):
        return [EINMAL, "--listen", f"127.0.0.1:{port}", "--data-dir", directory / "data",
                "--log-level", "warn", "--threads", str(self.threads),
                "-c", "log.segment.delete.delay.ms=100", "-c", "log.retention.ms=-1",
                "-c", "group.initial.rebalance.delay.ms=0"]


class EinmalOnTwoThreads(Einmal):
    name, title = "einmal-2", "einmal, 2 threads"
    threads = 2

    def version(self):
        return ""


class Kafka(Peer):
    name, title = "kafka", "Apache Kafka"
    has_kafka_files = True
    # As Kafka's start script sets them, so that the peer is as fast as its users have it.
    jvm = ["-server", "-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
           "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"]
    classpath = None

    def install(self):
        self.classpath = shell("kafka_classpath")

    def version(self):
        for jar in self.classpath.split(":"):
            name = os.path.basename(jar)
            if name.startswith("kafka_2.13-"):
                return name.removeprefix("kafka_2.13-").removesuffix(".jar")
        return ""

    def java(self, *arguments):
        return ["java", *self.jvm, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
                self.classpath, *arguments]

    def _write_properties(self, directory, port):
        controller = kafka_wire.free_port()
        single = "".join(f"{key}=1\n" for key in (
            "offsets.topic.replication.factor", "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr", "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr"))
        (directory / "server.properties").write_text(
            "process.roles=broker,controller\nnode.id=1\n"
            f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
            "controller.listener.names=CONTROLLER\n"
            f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n"
            f"log.dirs={directory}/data\n{single}"
            "group.initial.rebalance.delay.ms=0\nlog.segment.delete.delay.ms=100\n"
            # What its start after a kill waits for.
            "log.retention.ms=-1\nbroker.session.timeout.ms=1000\n"
            "broker.heartbeat.interval.ms=200\n")

    def prepare(self, directory):
        self._write_properties(directory, kafka_wire.free_port())
        subprocess.run(self.java("kafka.tools.StorageTool", "format", "-c",
                                 directory / "server.properties", "-t", "AAAAAAAAAAAAAAAAAAAAAQ"),
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def command(self, directory, port):
        self._write_properties(directory, port)
        return self.java("kafka.Kafka", directory / "server.properties")


class Kfake(Peer):
    """Takes a port of its own choice."""
    binary = CACHE / "bench/kfake"
    on_disk = False

    def install(self):
        shell('source "$interop_dir/lib/go.sh"; go=$(find_go); mkdir -p "$(dirname "$2")"; '
              'cd "$1" && "$go" build -o "$2" .', ROOT / "tools/bench/kfake", self.binary)

    def version(self):
        for line in (ROOT / "tools/bench/kfake/go.mod").read_text().splitlines():
            if "/kfake " in line:
                return line.split()[-1]
        return ""

    def start(self, directory, port=None):
        arguments = [directory / "data"] if self.on_disk else []
        with open(directory / "log", "ab") as log:
            process = subprocess.Popen([self.binary, *arguments], stdout=subprocess.PIPE,
                                       stderr=log, text=True)
        return Running(process, int(process.stdout.readline().rsplit(":", 1)[1]))


class KfakeMemory(Kfake):
    name, title = "kfake-memory", "kfake, in memory"
    keeps_records = False


class KfakeDisk(Kfake):
    name, title = "kfake-disk", "kfake, on disk"
    on_disk = True


class NullBroker(Peer):
    """Not a broker: the machine's limit. `answers` is the file of what it gives to fetches."""
    name, title = "null", "null broker"
    is_null = True
    is_rival = False
    answers = None

    def start(self, directory, port=None):
        (directory / "data").mkdir(exist_ok=True)
        arguments = ["fetch", self.answers] if self.answers else ["produce", directory / "data"]
        process = subprocess.Popen([NULL_BROKER, *arguments], stdout=subprocess.PIPE, text=True)
        return Running(process, int(process.stdout.readline()))


ALL = {peer.name: peer for peer in (
    Einmal(), EinmalOnTwoThreads(), Kafka(), KfakeMemory(), KfakeDisk(), NullBroker())}


def wait_until_serving(running):
    """Until ApiVersions is answered; polls so often that a start in milliseconds is measured."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        try:
            with kafka_wire.Client(running.port, PATIENCE_S) as client:
                client.ask(kafka_wire.api_versions())
                return
        except OSError:
            if running.process.poll() is not None:
                raise RuntimeError("the broker does not start") from None
            time.sleep(0.0002)
    raise RuntimeError("the broker does not answer")


@contextlib.contextmanager
def serving(peer, directory):
    """A broker that answers, and is killed in the end."""
    running = peer.start(directory)
    try:
        wait_until_serving(running)
        yield running
    finally:
        running.end(signal.SIGKILL)
