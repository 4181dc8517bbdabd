"""The JVM that runs the tools of all other tests: one after the other, as each by itself."""

import subprocess
import unittest

from kafka_tools import BOOTSTRAP, CONFIGS, PRODUCER, TOPICS, run_java, run_tool, unique
from tool_runner import java


class ToolRunnerTest(unittest.TestCase):
    def test_a_tool_does_as_in_a_jvm_of_its_own(self):
        topic = unique("topic")
        server = ["--bootstrap-server", BOOTSTRAP]
        for command, stdin in (
                ([TOPICS, *server, "--describe", "--topic", topic], ""),  # Fails.
                ([TOPICS, "--list"], ""),  # Is not used as it should be.
                ([PRODUCER, *server, "--topic", topic], "first\nsecond\n"),
                ([CONFIGS, *server, "--describe", "--topic", topic], "")):
            with self.subTest(command[0]):
                done = run_java(*command, stdin=stdin)
                by_itself = subprocess.run(java(*command), input=stdin, capture_output=True,
                                           text=True, check=False)
                self.assertEqual(done.returncode, by_itself.returncode)
                self.assertEqual(done.stdout, by_itself.stdout)

    def test_what_one_tool_does_is_not_left_for_the_next(self):
        self.assertNotEqual(run_tool(TOPICS, "--no-such-option").returncode, 0)
        done = run_tool(TOPICS, "--list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
