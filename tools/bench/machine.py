"""What the report says of the machine, and what the machine can do without a broker."""
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time

import peers


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30


def _fdatasync_us(directory):
    times = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(100):
            os.write(file.fileno(), b"x" * 4096)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times)


def _limits(directory):
    """What it does at best without a broker, measured by tools/bench/machine_limits.cc."""
    with tempfile.TemporaryDirectory(dir=directory) as name:
        done = subprocess.run([peers.LIMITS, name], check=True, stdout=subprocess.PIPE, text=True)
    best = json.loads(done.stdout)
    return {
        "loopback, 256 KiB at a time": f"{best['loopback_gb_per_s']} GB/s, CPU "
                                       f"{best['send_s_per_gb']} s/GB to send and "
                                       f"{best['receive_s_per_gb']} s/GB to receive",
        "round trip over loopback, 100 B each way": f"{best['round_trip_us']} µs",
        "sendfile from the page cache": f"CPU {best['sendfile_s_per_gb']} s/GB; of a file written "
                                        "15.7 KB at a time "
                                        f"{best['sendfile_of_batches_s_per_gb']} s/GB",
        "write to the page cache, a new file": f"CPU {best['write_s_per_gb']} s/GB; 15.7 KB at a "
                                               f"time {best['write_of_batches_s_per_gb']} s/GB",
        "CRC-32C": f"{best['crc32c_gb_per_s']} GB/s",
    }


def describe(directory):
    """`directory`: where brokers keep their data; None: where temporary files are."""
    return {
        "processor": f"{_cpu_model()}, {os.cpu_count()} cores",
        "memory": f"{_memory_gib():.0f} GiB",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "load before (other work, unless near 0)": f"{os.getloadavg()[0]:.2f}",
        **_limits(directory),
        "fdatasync after 4 KiB": f"{_fdatasync_us(directory):.0f} µs",
    }
