"""kafka-streams-groups. The group is one of Kafka Streams, whose program is StreamsProgram.java."""

import contextlib
import os
import re
import subprocess
import tempfile

from config_command import ConfigCommandTest
from kafka_tools import BOOTSTRAP, TOPICS, ToolTest, file_of, run_tool, unique
from tool_runner import java, killed_late

STREAMS_GROUPS = "org.apache.kafka.tools.streams.StreamsGroupCommand"
RECORDS = 10


class StreamsGroupsTest(ToolTest):
    tool = STREAMS_GROUPS

    @contextlib.contextmanager
    def running(self, group, source, output):
        """A member of the group, which counts what is in the source, until it is stopped."""
        with tempfile.TemporaryDirectory() as directory, subprocess.Popen(
                java("StreamsProgram", BOOTSTRAP, group, source, output, directory,
                     class_path=os.environ["STREAMS_CLASSPATH"]),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True) as process:
            with killed_late(process):
                self.assertEqual(process.stdout.readline(), "running\n")
                yield
                # It leaves its group when its input ends.
                process.stdin.close()
                process.wait()

    def new_group(self):
        """A group that has counted the records of a new topic and stopped, and the topic."""
        source, output, group = self.new_topic(), self.new_topic(), unique("streams")
        self.hasten(group)
        self.write(source, RECORDS)
        with self.running(group, source, output):
            self.read(output, RECORDS)
            self.until(lambda: re.search(
                rf"(?m)^{group} +{source} +0 +{RECORDS} +\S+ +{RECORDS} +0 *$",
                self.run_well("--describe", "--group", group, "--offsets", "--verbose")))
        return group, source, output

    def hasten(self, group):
        """A group that assigns its tasks at once."""
        self.checked(run_tool(
            ConfigCommandTest.tool, "--alter", "--entity-type", "groups", "--entity-name", group,
            "--add-config", "streams.initial.rebalance.delay.ms=0"))

    def offset(self, group, topic):
        """What the group has committed; None: nothing.

        The tool describes the offsets of a group only while it has members.
        """
        plan = self.reset(group, topic, "--to-current", "--export", "--dry-run")
        found = re.search(rf'"{topic}",0,(\d+)', plan)
        return found and int(found[1])

    def whatever(self, *arguments):
        """What the tool prints, whose exit status does not tell of a refusal."""
        done = run_tool(self.tool, *arguments)
        return done.stdout + done.stderr

    def test_a_group_with_members_is_listed_described_and_protected(self):
        source, output, group = self.new_topic(partitions=2), self.new_topic(), unique("streams")
        self.hasten(group)
        chosen = ["--group", group]
        with self.running(group, source, output):
            self.until(lambda: re.search(
                rf"(?m)^{group} .* Stable +1$", self.run_well("--describe", *chosen, "--state")))
            self.assertIn(group, self.run_well("--list").split())
            self.assertRegex(self.run_well("--list", "--state"), rf"(?m)^{group} +Stable")
            self.assertIn(group, self.run_well("--list", "--state", "stable"))
            self.assertNotIn(group, self.run_well("--list", "--state", "Empty"))
            self.assertRegex(
                self.run_well("--describe", *chosen, "--state", "--verbose"),
                rf"(?m)^{group} +{BOOTSTRAP} +\(1\) +Stable +\d+ +\d+ +1$")
            self.assertRegex(self.run_well("--describe", *chosen, "--members"),
                             rf"(?m)^{group} +\S+ +\S+ +\S+ +ACTIVE: 0:\[0,1\]; 1:\[0,1\];")
            self.assertRegex(
                self.run_well("--describe", *chosen, "--members", "--verbose"),
                rf"(?m)^{group} +\d+ +0 +\S+ +streams +\d+ +\S+ +\S+ +ACTIVE: 0:\[0,1\]")
            for options in ([], ["--offsets"], ["--verbose"]):
                self.assertRegex(self.run_well("--describe", *chosen, *options),
                                 rf"(?m)^{group} +{source} +1 ")
            self.assertIn(group, self.run_well("--describe", "--all-groups", "--state"))
            for action in (["--reset-offsets", "--input-topic", source, "--to-earliest",
                            "--execute"],
                           ["--delete"]):
                self.assertRegex(self.whatever(*action, *chosen), "(?i)active|stable|not empty")
            self.assertIn("GroupSubscribedToTopic", self.whatever(
                "--delete-offsets", "--input-topic", source, *chosen))
        self.assertIn("not found", self.whatever("--describe", "--group", unique("none")))

    def test_offsets_are_reset_in_every_way(self):
        group, source, _ = self.new_group()
        plan = self.reset(group, source, "--to-offset", "3", "--export", "--dry-run")
        self.assertEqual(self.offset(group, source), RECORDS)
        with file_of(plan, ".csv") as file:
            for way, offset in ((["--to-earliest"], 0), (["--to-latest"], RECORDS),
                                (["--to-offset", "4"], 4), (["--shift-by", "-2"], 2),
                                (["--to-current"], 2), (["--from-file", file], 3),
                                (["--to-datetime", "2020-01-01T00:00:00.000"], 0),
                                (["--by-duration", "PT0S"], RECORDS)):
                with self.subTest(way):
                    self.reset(group, source, *way, "--execute")
                    self.assertEqual(self.offset(group, source), offset)
        self.run_well("--reset-offsets", "--group", group, "--all-input-topics", "--to-earliest",
                      "--execute")
        self.assertEqual(self.offset(group, source), 0)

    def reset(self, group, topic, *options):
        scope = [] if "--from-file" in options else ["--input-topic", topic]
        return self.run_well("--reset-offsets", "--group", group, *scope, *options)

    def test_a_reset_group_counts_anew_without_its_internal_topics(self):
        group, source, output = self.new_group()
        changelog = f"{group}-counts-changelog"
        self.assertIn(changelog, self.topics())
        self.reset(group, source, "--to-earliest", "--execute", "--delete-all-internal-topics")
        self.until(lambda: changelog not in self.topics())
        with self.running(group, source, output):
            self.read(output, 2 * RECORDS)
        self.assertIn(changelog, self.topics())

    def topics(self):
        return self.checked(run_tool(TOPICS, "--list")).split()

    def test_offsets_and_groups_are_deleted(self):
        group, source, _ = self.new_group()
        self.assertRegex(
            self.run_well("--delete-offsets", "--group", group, "--input-topic", source),
            rf"{source} +0 +Successful")
        self.assertIsNone(self.offset(group, source))
        self.run_well("--delete", "--group", group)
        self.assertNotIn(group, self.run_well("--list").split())
        self.assertIn("not found", self.whatever("--describe", "--group", group))
        self.assertIn(f"{group}-counts-changelog", self.topics())

    def test_a_group_is_deleted_with_its_internal_topics(self):
        group, _, _ = self.new_group()
        self.run_well("--delete", "--group", group, "--delete-all-internal-topics")
        self.until(lambda: not any(topic.startswith(group) for topic in self.topics()))
