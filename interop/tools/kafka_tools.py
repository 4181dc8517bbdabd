"""Tests of one of Kafka's tools, run as its script in bin/ does.

A tool has a file of tests of its own: test_NAME.py beside this one, which names the tool's class.
"""

import contextlib
import itertools
import json
import os
import tempfile
import time
import unittest

from tool_runner import DEADLINE_S, ToolRunner

BOOTSTRAP = os.environ["EINMAL_BOOTSTRAP"]
CONFIGS = "kafka.admin.ConfigCommand"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
TOPICS = "org.apache.kafka.tools.TopicCommand"

_counter = itertools.count(1)
_runner = ToolRunner()


def unique(prefix):
    """A name that no other test and no other run uses."""
    return f"{prefix}-{time.time_ns()}-{next(_counter)}"


def run_java(main_class, *arguments, stdin=""):
    """Runs a class with these arguments, to its end."""
    return _runner.run([main_class, *arguments], stdin)


def run_tool(main_class, *arguments, stdin=""):
    """Runs a tool with --bootstrap-server and these arguments, to its end."""
    return run_java(main_class, "--bootstrap-server", BOOTSTRAP, *arguments, stdin=stdin)


@contextlib.contextmanager
def file_of(text, suffix):
    """The name of a file with this text in it."""
    with tempfile.NamedTemporaryFile("w", suffix=suffix) as file:
        file.write(text)
        file.flush()
        yield file.name


def partitions_file(*partitions):
    """The name of a file that names partitions, as several tools want them."""
    return file_of(json.dumps({"version": 1, "partitions": partitions}), ".json")


class ToolTest(unittest.TestCase):
    """Tests of one tool, which `tool` names."""

    tool = None

    def checked(self, done):
        """What a tool prints when it does as it was told."""
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_well(self, *arguments, stdin=""):
        """What this tool prints when it does as it was told."""
        return self.checked(run_tool(self.tool, *arguments, stdin=stdin))

    def run_badly(self, *arguments, stdin=""):
        """What this tool prints, on either stream, when the broker refuses what it was told."""
        done = run_tool(self.tool, *arguments, stdin=stdin)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def new_topic(self, *options, partitions=1):
        """A new topic's name."""
        name = unique("topic")
        self.checked(run_tool(
            TOPICS, "--create", "--topic", name, "--partitions", str(partitions), *options))
        return name

    def write(self, topic, count):
        """Records into a topic, each of which is its number."""
        lines = "".join(f"{number}\n" for number in range(count))
        self.checked(run_tool(PRODUCER, "--topic", topic, stdin=lines))

    def read(self, topic, count, *options):
        """The first records of a topic, or the next ones of a group, as lines."""
        return self.checked(run_tool(
            CONSUMER, "--topic", topic, "--from-beginning", "--max-messages", str(count),
            "--timeout-ms", "30000", *options)).splitlines()

    def until(self, condition):
        """Waits for what is to become true at once."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
