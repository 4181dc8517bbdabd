#!/usr/bin/env python3
"""How long einmal and Apache Kafka take to open the very same data directory, in ms from the start
of the process until the last partition answers ListOffsets.

    tools/bench/open_time.py BINARY [PARTITIONS:GB...]     default 1:0.1 1:1 1:10 100:1 10000:0.1

For each size: after a clean stop, and after a SIGKILL that came right after a tenth of the bytes
had been written again. Kafka's session timeout, which its start after a kill waits for, is set to
one second for that.
"""
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import kafka_wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPIC = b"opened"
BATCH_BYTES_MAX = 1_000_000
VALUE_BYTES = 1024
PATIENCE_S = 600
ERROR_AT = kafka_wire.partition_answer(TOPIC)


def build_batch(size):
    """A record batch of about so many bytes."""
    count = max(1, size // VALUE_BYTES)
    return kafka_wire.batch([os.urandom(min(VALUE_BYTES, size)) for _ in range(count)])


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def ask(self, frame):
        self.socket.sendall(frame)
        return self.receive(struct.unpack(">i", self.receive(4))[0])

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def produce(self, partition, batch):
        """The error code."""
        answer = self.ask(kafka_wire.produce(TOPIC, partition, batch))
        return struct.unpack_from(">h", answer, ERROR_AT)[0]

    def end_offset(self, partition):
        """Negative: an error."""
        answer = self.ask(kafka_wire.latest_offset(TOPIC, partition))
        error, _, offset = struct.unpack_from(">hqq", answer, ERROR_AT)
        return -1 if error else offset

    def fill(self, partitions, total_bytes):
        size = max(100, min(BATCH_BYTES_MAX, total_bytes // partitions))
        batch = build_batch(size)
        give_up = time.monotonic() + PATIENCE_S
        for number in range(max(partitions, total_bytes // len(batch))):
            while error := self.produce(number % partitions, batch):
                if time.monotonic() > give_up:
                    raise RuntimeError(f"partition {number % partitions}: error {error}")
                time.sleep(0.01)  # its leader is not there yet


class Broker:
    """Either of them, on a directory and a port that stay."""

    def __init__(self, name, binary, place):
        self.name = name
        self.place = place
        self.port = kafka_wire.free_port()
        self.process = None
        if name == "einmal":
            self.command = [binary, "--listen", f"127.0.0.1:{self.port}", "--data-dir",
                            place + "/data", "-c", "log.retention.ms=-1"]
        else:
            script = ('source interop/lib/broker.sh; kafka_properties "$1" "$2"; '
                      'echo broker.session.timeout.ms=1000; echo broker.heartbeat.interval.ms=200')
            properties = subprocess.check_output(["bash", "-c", script, "-", place,
                                                  str(self.port)], cwd=ROOT)
            with open(place + "/server.properties", "wb") as file:
                file.write(properties)
            classpath = subprocess.check_output(
                ["bash", "-c", "source interop/lib/broker.sh; kafka_classpath"], cwd=ROOT,
                text=True).strip()
            self.command = ["java", "-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-cp", classpath,
                            "kafka.Kafka", place + "/server.properties"]

    def start(self, partition):
        """Milliseconds until the partition answers."""
        begin = time.perf_counter()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while time.perf_counter() - begin < PATIENCE_S:
            try:
                if partition is None or Client(self.port).end_offset(partition) >= 0:
                    return (time.perf_counter() - begin) * 1000
            except (ConnectionError, OSError):
                pass
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} does not start")
            time.sleep(0.0005)
        raise RuntimeError(f"{self.name} does not answer")

    def wait_until_serving(self):
        while True:
            try:
                return Client(self.port)
            except OSError:
                time.sleep(0.01)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()


def measure(binary, partitions, total_bytes):
    with tempfile.TemporaryDirectory() as place:
        brokers = [Broker(name, binary, place) for name in ("einmal", "Kafka")]
        einmal = brokers[0]
        einmal.start(None)
        client = einmal.wait_until_serving()
        client.ask(kafka_wire.create_topic(TOPIC, partitions))
        client.fill(partitions, total_bytes)
        einmal.end(signal.SIGTERM)
        figures = {}
        for broker in brokers:
            figures[broker.name, "clean"] = broker.start(partitions - 1)
            broker.end(signal.SIGTERM)
        for broker in brokers:
            broker.start(partitions - 1)
            Client(broker.port).fill(partitions, total_bytes // 10)
            broker.end(signal.SIGKILL)
            figures[broker.name, "killed"] = broker.start(partitions - 1)
            broker.end(signal.SIGTERM)
        for way in ("clean", "killed"):
            ours, theirs = figures["einmal", way], figures["Kafka", way]
            print(f"{partitions:>10}{total_bytes / 1e9:>8.1f}{way:>9}{ours:>12.1f}{theirs:>12.1f}"
                  f"{theirs / ours:>9.0f}", flush=True)


def main(binary, sizes):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{'partitions':>10}{'GB':>8}{'stop':>9}{'einmal ms':>12}{'Kafka ms':>12}{'ratio':>9}")
    for size in sizes or ["1:0.1", "1:1", "1:10", "100:1", "10000:0.1"]:
        partitions, gigabytes = size.split(":")
        measure(binary, int(partitions), int(float(gigabytes) * 1e9))


main(os.path.abspath(sys.argv[1]), sys.argv[2:])
