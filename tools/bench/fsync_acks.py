#!/usr/bin/env python3
"""Acknowledged produce requests per second in each mode of syncing, side by side: clients that
each send one record, wait for its answer (acks=all), and send the next.

    tools/bench/fsync_acks.py BINARY [--clients N] [--partitions N] [--seconds N] [--rounds N]
                              [--directory DIR]

The directory should be on the disk that matters: temporary directories may be in memory, where a
sync costs nothing. The modes: never, one sync for each append (log.flush.interval.messages=1), and
one shared by all that wait (einmal.fsync=always).
"""
import argparse
import asyncio
import statistics
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import kafka_wire

TOPIC = b"bench"
MODES = {"never": [], "each": ["-c", "log.flush.interval.messages=1"],
         "shared": ["-c", "einmal.fsync=always"]}


async def call(reader, writer, request):
    writer.write(request)
    size, = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


async def client(port, partition, end):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = kafka_wire.produce(TOPIC, partition, kafka_wire.batch([b"x" * 100]))
    count = 0
    at = kafka_wire.partition_answer(TOPIC)
    while time.perf_counter() < end:
        answer = await call(reader, writer, request)
        error, = struct.unpack_from(">h", answer, at)
        if error:
            raise SystemExit(f"a batch was refused: error {error}")
        count += 1
    writer.close()
    return count


async def load(port, options):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await call(reader, writer, kafka_wire.create_topic(TOPIC, options.partitions))
    writer.close()
    end = time.perf_counter() + options.seconds
    counts = await asyncio.gather(*(client(port, number % options.partitions, end)
                                    for number in range(options.clients)))
    return sum(counts) / options.seconds


def measure(options, settings):
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        port_file = Path(directory, "port")
        broker = subprocess.Popen(
            [options.binary, "--listen", "127.0.0.1:0", "--data-dir", str(Path(directory, "data")),
             "--port-file", str(port_file), *settings], stdout=subprocess.DEVNULL)
        try:
            while not port_file.exists() or not port_file.read_text().strip():
                time.sleep(0.01)
            port = int(port_file.read_text().split()[0].rsplit(":")[-1])
            return asyncio.run(load(port, options))
        finally:
            broker.terminate()
            broker.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", default=".")
    options = parser.parse_args()
    rates = {mode: [] for mode in MODES}
    for _ in range(options.rounds):
        for mode, settings in MODES.items():
            rates[mode].append(measure(options, settings))
    middle = {mode: statistics.median(rate) for mode, rate in rates.items()}
    for mode, rate in middle.items():
        print(f"{mode:7} {rate:8.0f} acks/s, {rate / middle['each']:.2f} of each")


main()
