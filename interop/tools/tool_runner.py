"""Running Kafka's tools: in a JVM for all, or in one of their own."""

import atexit
import contextlib
import os
import struct
import subprocess
import threading

DEADLINE_S = 60  # Of one tool on a busy machine; never waited for in full.


def java(main_class, *arguments, class_path=None):
    """The command line that runs a class in a JVM of its own, by default with the tools."""
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp",
            class_path or os.environ["KAFKA_CLASSPATH"], main_class, *arguments]


@contextlib.contextmanager
def background(main_class, *arguments):
    """A tool in a JVM of its own, which is killed in the end: its process."""
    with subprocess.Popen(java(main_class, *arguments), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        try:
            with killed_late(process):
                yield process
        finally:
            process.kill()


@contextlib.contextmanager
def killed_late(process):
    """Whoever reads what a process prints reads its end if it takes too long."""
    timer = threading.Timer(DEADLINE_S, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def text_of(text):
    """A text as ToolRunner.java reads it."""
    encoded = text.encode()
    return struct.pack(">i", len(encoded)) + encoded


class ToolRunner:
    """One JVM that runs tools, one after the other; see ToolRunner.java."""

    def __init__(self):
        self._process = None

    def _started(self):
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(java("ToolRunner"), stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE)
            atexit.register(self._process.kill)
        return self._process

    def _read(self, count):
        found = self._process.stdout.read(count)
        if len(found) < count:
            self._process.wait()
            raise EOFError("the JVM of the tools has ended")
        return found

    def _read_number(self):
        return struct.unpack(">i", self._read(4))[0]

    def _read_text(self):
        return self._read(self._read_number()).decode(errors="replace")

    def run(self, texts, stdin):
        """Runs a class with arguments, to its end; a JVM that a tool holds up is ended."""
        to_tool = self._started().stdin
        with killed_late(self._process):
            to_tool.write(text_of(stdin) + struct.pack(">i", len(texts)))
            to_tool.write(b"".join(text_of(text) for text in texts))
            to_tool.flush()
            status = self._read_number()
            return subprocess.CompletedProcess(texts, status, self._read_text(), self._read_text())
