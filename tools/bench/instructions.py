#!/usr/bin/env python3
"""Counts what a request costs: instructions of einmal's own code, and allocations, for a fixed
script of requests under valgrind's callgrind; compared with tools/bench/instructions.tsv.

    tools/bench/instructions.py BINARY            fails where a count rose by more than 5 %
    tools/bench/instructions.py BINARY --renew    writes the table anew

The counts are the same on every x86-64 machine as long as the compiler is: the C library, whose
code depends on the processor, is left out, what is linked into einmal is in, and each request waits
for the answer to the one before it, so that no count depends on when something comes. Renew the
table with the change that means to change it, and say in its message why.
"""
import collections
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kafka_wire as wire  # noqa: E402

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.tsv")
RISE_MAX = 1.05
# A busy machine adds to what it takes, by answers that leave in pieces: the least counts.
ROUNDS_MAX = 3
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign"}
# Functions below this part of a request are not worth a row.
SHARE_MIN = 0.01

FETCH, API_VERSIONS, INIT_PRODUCER_ID, END_TXN, FIND_COORDINATOR = 1, 18, 22, 26, 10
TRANSACTION_COORDINATOR = 1
TRANSACTIONAL = 1 << 4
OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH = 45, 47


# What requests of flexible versions are made of (KIP-482).
def unsigned_varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def compact(data):
    return unsigned_varint(len(data) + 1) + data


def frame(key, version, body):
    return wire.frame(key, version, b"\0" + body)  # no tags in the header


def batch(values, producer=(-1, -1), sequence=-1, attributes=0):
    records = bytearray()
    for index, value in enumerate(values):
        body = b"\0\0" + wire.varint(index) + wire.varint(-1) + wire.varint(len(value)) + value
        records += wire.varint(len(body) + 1) + body + b"\0"
    now_ms = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", attributes, len(values) - 1, now_ms, now_ms, *producer,
                          sequence, len(values)) + bytes(records)
    rest = struct.pack(">ibI", -1, 2, wire.crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def produce(topic, records, transactional_id=None):
    name = compact(transactional_id) if transactional_id else b"\0"
    partition = struct.pack(">i", 0) + compact(records) + b"\0"
    return frame(wire.PRODUCE, 12, name + struct.pack(">hi", -1, 30_000) + b"\x02" +
                 compact(topic) + b"\x02" + partition + b"\0\0")


def fetch(topic, offset, bytes_max):
    partition = struct.pack(">iiqiqi", 0, -1, offset, -1, -1, bytes_max) + b"\0"
    return frame(FETCH, 12, struct.pack(">iiiibii", -1, 0, 1, bytes_max, 0, 0, -1) + b"\x02" +
                 compact(topic) + b"\x02" + partition + b"\0" + b"\x01" + compact(b"") + b"\0")


def find_coordinator(name):
    return frame(FIND_COORDINATOR, 4,
                 struct.pack(">b", TRANSACTION_COORDINATOR) + b"\x02" + compact(name) + b"\0")


def init_producer_id(transactional_id=None):
    name = compact(transactional_id) if transactional_id else b"\0"
    return frame(INIT_PRODUCER_ID, 4, name + struct.pack(">iqh", 60_000, -1, -1) + b"\0")


def end_txn(transactional_id, producer):
    return frame(END_TXN, 5, compact(transactional_id) + struct.pack(">qh?", *producer, True) +
                 b"\0")


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self):
        size = struct.unpack(">i", self.read(4))[0]
        return self.read(size)[5:]  # without correlation id and tags

    def read(self, size):
        parts = bytearray()
        while len(parts) < size:
            part = self.socket.recv(size - len(parts))
            if not part:
                raise SystemExit("instructions: the broker closed the connection")
            parts += part
        return bytes(parts)

    def call(self, request):
        self.socket.sendall(request)
        return self.receive()

    def producer(self, transactional_id=None):
        while True:
            answer = self.call(init_producer_id(transactional_id))
            _, error, producer_id, epoch = struct.unpack(">ihqh", answer[:16])
            if error == 0:
                return producer_id, epoch
            self.call(find_coordinator(transactional_id))
            time.sleep(0.05)


def produce_error(answer, topic):
    return struct.unpack_from(">h", answer, 1 + len(compact(topic)) + 1 + 4)[0]


class Script:
    """The requests of each row, prepared before anything is counted."""

    TOPICS = (b"large", b"small", b"one", b"many", b"transactions")
    ONE = [b"x" * 100]

    def __init__(self, port):
        self.client = Client(port)
        for topic in self.TOPICS:
            self.client.socket.sendall(wire.create_topic(topic, 1))
            self.client.receive()
        self.producer = self.client.producer()
        self.transactions(1)  # makes the log of transactions
        self.second = self.client.producer()
        self.in_turn([self.fenced(epoch=1, sequence=0)], b"one")

    def in_turn(self, requests, topic=None, error=0):
        for request in requests:
            answer = self.client.call(request)
            if topic and produce_error(answer, topic) != error:
                raise SystemExit(f"instructions: error {produce_error(answer, topic)}")

    def together(self, requests):
        for group in requests:
            self.client.socket.sendall(b"".join(group))
            for _ in group:
                self.client.receive()

    def idempotent(self, sequence):
        return produce(b"one", batch(self.ONE, self.producer, sequence))

    def fenced(self, epoch, sequence):
        return produce(b"one", batch(self.ONE, (self.second[0], epoch), sequence))

    def transactions(self, count):
        name = b"instructions"
        self.client.call(find_coordinator(name))
        producer = self.client.producer(name)
        for _ in range(count):
            records = batch(self.ONE, producer, 0, TRANSACTIONAL)
            answer = self.client.call(produce(b"transactions", records, name))
            if produce_error(answer, b"transactions") != 0:
                raise SystemExit("instructions: a transaction did not begin")
            ended = self.client.call(end_txn(name, producer))
            _, error, producer_id, epoch = struct.unpack_from(">ihqh", ended)
            if error != 0:
                raise SystemExit("instructions: a transaction did not end")
            producer = (producer_id, epoch)

    def rows(self):
        """Name, number of requests, and what sends them."""
        large = produce(b"large", batch([b"x" * 1024] * 15))
        small = produce(b"small", batch([b"x" * 100] * 150))
        one = produce(b"many", batch(self.ONE))
        accepted = [self.idempotent(sequence) for sequence in range(300)]
        yield "produce 15 records of 1 KiB", 200, lambda: self.in_turn([large] * 200, b"large")
        yield "produce 150 records of 100 B", 200, lambda: self.in_turn([small] * 200, b"small")
        yield "produce 1 idempotent record", 300, lambda: self.in_turn(accepted, b"one")
        yield ("produce a duplicate", 200,
               lambda: self.in_turn([accepted[-1]] * 200, b"one"))
        yield ("produce out of order", 200,
               lambda: self.in_turn([self.idempotent(1000)] * 200, b"one",
                                    error=OUT_OF_ORDER_SEQUENCE_NUMBER))
        yield ("produce fenced", 200,
               lambda: self.in_turn([self.fenced(epoch=0, sequence=1)] * 200, b"one",
                                    error=INVALID_PRODUCER_EPOCH))
        yield ("produce 10 at once", 500, lambda: self.together([[one] * 10] * 50))
        yield "transaction of 1 record", 100, lambda: self.transactions(100)
        yield ("fetch 1 MiB", 50,
               lambda: self.in_turn([fetch(b"large", offset, 1 << 20) for offset in range(50)]))
        yield ("fetch 1 record", 200,
               lambda: self.in_turn([fetch(b"one", offset, 1) for offset in range(200)]))


class Counted:
    """One dump of callgrind: instructions by function of einmal, calls of allocators."""

    NAMED = re.compile(r"^(c?)(fn|ob|fi|fe|fl|fi)=\((\d+)\)(?: (.*))?$")

    def __init__(self, path):
        self.functions = collections.Counter()
        self.allocations = 0
        names = {"fn": {}, "ob": {}, "fl": {}}
        current = {"fn": "", "ob": ""}
        called = ""
        is_inclusive = False
        for line in open(path, encoding="utf-8", errors="replace"):
            line = line.rstrip("\n")
            if match := self.NAMED.match(line):
                calls, kind, number, name = match.groups()
                table = names[kind if kind in names else "fl"]
                if name is not None:
                    table[number] = name
                if kind in current and not calls:
                    current[kind] = table[number]
                elif kind == "fn":
                    called = table[number]
            elif line.startswith("calls="):
                is_inclusive = True
                if called.split("'")[0] in ALLOCATORS:
                    self.allocations += int(line[6:].split()[0])
            elif line and (line[0].isdigit() or line[0] in "+-*"):
                if not is_inclusive and current["ob"].endswith("/einmal"):
                    self.functions[shortened(current["fn"])] += int(line.split()[1])
                is_inclusive = False

    def per_request(self, count):
        return ({name: cost / count for name, cost in self.functions.items()},
                sum(self.functions.values()) / count, self.allocations / count)


def shortened(name):
    """Without the arguments of templates and functions, by which names grow to kilobytes."""
    out, depth = [], 0
    for character in name.split("'")[0]:
        if character in "<(":
            depth += 1
        if depth == 0:
            out.append(character)
        if character in ">)":
            depth = max(depth - 1, 0)
    return "".join(out).replace(" [clone .resume]", " resumed")[:80].strip()


def control(pid, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(binary):
    rows = {}
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out")
        broker = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=" + out,
             binary, "--listen", "127.0.0.1:0", "--data-dir", os.path.join(directory, "data"),
             "--port-file", os.path.join(directory, "port"), "--seed", "1", "--log-level", "warn"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            script = Script(wait_for_port(broker, os.path.join(directory, "port")))
            for name, count, send in script.rows():
                control(broker.pid, "-i", "on")
                control(broker.pid, "-z")
                send()
                control(broker.pid, "-d")
                control(broker.pid, "-i", "off")
                rows[name] = Counted(newest_dump(out)).per_request(count)
        finally:
            broker.send_signal(signal.SIGTERM)
            broker.wait()
    return rows


def wait_for_port(broker, path):
    while broker.poll() is None:
        if os.path.exists(path):
            return int(open(path).read().split()[0])
        time.sleep(0.05)
    raise SystemExit("instructions: the broker did not start")


def newest_dump(out):
    folder = os.path.dirname(out)
    dumps = [name for name in os.listdir(folder) if re.fullmatch(r"out\.\d+", name)]
    return os.path.join(folder, max(dumps, key=lambda name: int(name[4:])))


def read_table():
    stored = collections.defaultdict(dict)
    for line in open(TABLE, encoding="utf-8"):
        if not line.startswith("#") and line.strip():
            row, function, count = line.rstrip("\n").split("\t")
            stored[row][function] = float(count)
    return stored


def write_table(rows):
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# Instructions of einmal's own code for one request, and allocations; "
                   "by function where it is 1 % or more.\n"
                   "# Renew: tools/bench/instructions.py build/einmal --renew\n")
        for row, (functions, instructions, allocations) in rows.items():
            file.write(f"{row}\tinstructions\t{instructions:.0f}\n")
            file.write(f"{row}\tallocations\t{allocations:.1f}\n")
            for name, cost in sorted(functions.items(), key=lambda item: -item[1]):
                if cost >= SHARE_MIN * instructions:
                    file.write(f"{row}\t{name}\t{cost:.0f}\n")


def least(rows, more):
    """Of each row what took the fewest instructions."""
    return {name: min(row, more[name], key=lambda counted: counted[1])
            for name, row in rows.items()}


def rises_of(row, counted, stored):
    before = stored.get(row, {})
    return [(what, before.get(what, 0), now)
            for what, now in zip(("instructions", "allocations"), counted[1:])
            if now > RISE_MAX * before.get(what, 0) + 0.5]


def compare(rows, stored):
    failed = 0
    for row, (functions, instructions, allocations) in rows.items():
        before = stored.get(row, {})
        rises = rises_of(row, (functions, instructions, allocations), stored)
        print(f"{row:30} {instructions:8.0f} instructions ({before.get('instructions', 0):.0f}), "
              f"{allocations:5.1f} allocations ({before.get('allocations', 0):.1f})")
        failed += bool(rises)
        for what, then, now in rises:
            print(f"  {what} rose from {then:.1f} to {now:.1f}; these functions grew:")
            grown = sorted(((now - before.get(name, 0), name, now)
                            for name, now in functions.items()), reverse=True)
            for by, name, now in grown[:8]:
                print(f"    {by:+8.0f} to {now:8.0f}  {name}")
    print(f"instructions: {len(rows) - failed} passed, {failed} failed")
    return failed == 0


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--renew"]):
        raise SystemExit(__doc__)
    is_renewed = bool(sys.argv[2:])
    stored = {} if is_renewed else read_table()
    binary = os.path.abspath(sys.argv[1])
    rows = measure(binary)
    for _ in range(1, ROUNDS_MAX):
        if is_renewed or any(rises_of(name, row, stored) for name, row in rows.items()):
            rows = least(rows, measure(binary))
    if is_renewed:
        write_table(rows)
    elif not compare(rows, stored):
        sys.exit(1)


if __name__ == "__main__":
    main()
