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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPIC = b"opened"
BATCH_BYTES_MAX = 1_000_000
VALUE_BYTES = 1024
PATIENCE_S = 600
LATEST = -1


def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def build_batch(size):
    """A record batch of about so many bytes. Its checksum does not cover its offset."""
    records = b""
    count = 0
    while count == 0 or len(records) < size - VALUE_BYTES:
        value = os.urandom(min(VALUE_BYTES, size))
        body = b"\0\0" + varint(count) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
        count += 1
    now_ms = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", 0, count - 1, now_ms, now_ms, -1, -1, -1, count) + records
    return struct.pack(">qiibI", 0, len(checked) + 9, -1, 2, crc32c(checked)) + checked


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def ask(self, key, version, body):
        frame = struct.pack(">hhih", key, version, 0, -1) + body
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)
        return self.receive(struct.unpack(">i", self.receive(4))[0])[4:]

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def create_topic(self, partitions):
        name = struct.pack(">h", len(TOPIC)) + TOPIC
        self.ask(19, 2, struct.pack(">i", 1) + name +
                 struct.pack(">ihiii?", partitions, 1, 0, 0, PATIENCE_S * 1000, False))

    def produce(self, partition, batch):
        name = struct.pack(">h", len(TOPIC)) + TOPIC
        answer = self.ask(0, 3, struct.pack(">hhii", -1, -1, 30_000, 1) + name +
                          struct.pack(">iii", 1, partition, len(batch)) + batch)
        return struct.unpack_from(">h", answer, 4 + len(name) + 4 + 4)[0]

    def end_offset(self, partition):
        """Negative: an error."""
        name = struct.pack(">h", len(TOPIC)) + TOPIC
        answer = self.ask(2, 1, struct.pack(">ii", -1, 1) + name +
                          struct.pack(">iiq", 1, partition, LATEST))
        error, _, offset = struct.unpack_from(">hqq", answer, 4 + len(name) + 4 + 4)
        return -1 if error else offset

    def fill(self, partitions, total_bytes):
        size = max(100, min(BATCH_BYTES_MAX, total_bytes // partitions))
        batch = build_batch(size)
        for number in range(max(partitions, total_bytes // len(batch))):
            while self.produce(number % partitions, batch) != 0:
                time.sleep(0.01)  # its leader is not there yet


class Broker:
    """Either of them, on a directory and a port that stay."""

    def __init__(self, name, binary, place):
        self.name = name
        self.place = place
        self.port = 0
        self.process = None
        if name == "einmal":
            self.port = free_port()
            self.command = [binary, "--listen", f"127.0.0.1:{self.port}", "--data-dir",
                            place + "/data", "-c", "log.retention.ms=-1"]
        else:
            self.port = free_port()
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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def measure(binary, partitions, total_bytes):
    with tempfile.TemporaryDirectory() as place:
        brokers = [Broker(name, binary, place) for name in ("einmal", "Kafka")]
        einmal = brokers[0]
        einmal.start(None)
        client = einmal.wait_until_serving()
        client.create_topic(partitions)
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
