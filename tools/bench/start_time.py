#!/usr/bin/env python3
"""Start of einmal on an empty directory until the first ApiVersions is answered, in ms.

    tools/bench/start_time.py BINARY [RUNS]
"""
import socket
import struct
import subprocess
import sys
import tempfile
import time

import kafka_wire

REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)


def measure(binary):
    with tempfile.TemporaryDirectory() as directory:
        port = kafka_wire.free_port()
        begin = time.perf_counter()
        broker = subprocess.Popen(
            [binary, "--listen", f"127.0.0.1:{port}", "--data-dir", directory],
            stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    with socket.create_connection(("127.0.0.1", port)) as client:
                        client.sendall(REQUEST)
                        if len(client.recv(4096)) > 8:
                            return (time.perf_counter() - begin) * 1000
                except ConnectionRefusedError:
                    time.sleep(0.0002)
        finally:
            broker.terminate()
            broker.wait()


for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 9):
    print("einmal start-ms", round(measure(sys.argv[1]), 2))
