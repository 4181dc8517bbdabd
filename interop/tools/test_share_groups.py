"""kafka-share-groups, kafka-console-share-consumer."""

import re

from config_command import ConfigCommandTest
from kafka_tools import BOOTSTRAP, ToolTest, run_tool, unique
from tool_runner import background

SHARE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
SHARE_GROUPS = "org.apache.kafka.tools.consumer.group.ShareGroupCommand"
RECORDS = 10


class ShareGroupTest(ToolTest):
    def new_group(self):
        """A group that begins at the start of its topics."""
        group = unique("shares")
        self.checked(run_tool(ConfigCommandTest.tool, "--alter", "--entity-type", "groups",
                              "--entity-name", group, "--add-config",
                              "share.auto.offset.reset=earliest"))
        return group

    def read_shared(self, group, topic, count, *options):
        """The lines that a member prints of so many records."""
        done = run_tool(SHARE_CONSUMER, "--topic", topic, "--group", group, "--max-messages",
                        str(count), "--timeout-ms", "30000", *options)
        return self.checked(done).splitlines()

    def new_group_that_has_read(self):
        """A group that is done with the records of a new topic, and the topic."""
        topic, group = self.new_topic(), self.new_group()
        self.write(topic, RECORDS)
        self.assertEqual(self.read_shared(group, topic, RECORDS), numbers(0, RECORDS))
        return group, topic


def numbers(first, end):
    return [str(number) for number in range(first, end)]


class ConsoleShareConsumerTest(ShareGroupTest):
    tool = SHARE_CONSUMER

    def test_what_is_released_comes_again_and_what_is_rejected_does_not(self):
        topic, group = self.new_topic(), self.new_group()
        self.write(topic, 2)
        with_count = ("--formatter-property", "print.delivery=true")
        self.assertEqual(self.read_shared(group, topic, 2, *with_count, "--release"),
                         ["Delivery:1\t0", "Delivery:1\t1"])
        self.assertEqual(self.read_shared(group, topic, 2, *with_count, "--reject"),
                         ["Delivery:2\t0", "Delivery:2\t1"])
        self.write(topic, 1)
        self.assertEqual(self.read_shared(group, topic, 1, *with_count), ["Delivery:1\t0"])


class ShareGroupsTest(ShareGroupTest):
    tool = SHARE_GROUPS

    def offsets(self, group, topic):
        """Where the group starts and what it has yet to do; None: it knows nothing of the topic."""
        described = self.run_well("--describe", "--group", group)
        found = re.search(rf"^{group} +{topic} +0 +(\d+|-) +(\d+|-)", described, re.MULTILINE)
        return found and (found[1], found[2])

    def test_a_group_is_listed_and_described_with_its_members(self):
        group, topic = self.new_group_that_has_read()
        self.assertIn(group, self.run_well("--list").split())
        self.assertRegex(self.run_well("--list", "--state"), rf"{group} +Empty")
        self.assertNotIn(group, self.run_well("--list", "--state", "Stable"))
        self.assertEqual(self.offsets(group, topic)[1], "0")
        with background(SHARE_CONSUMER, "--bootstrap-server", BOOTSTRAP, "--topic", topic,
                        "--group", group, "--command-property", "client.id=worker"):
            self.until(lambda: re.search(
                rf"^{group} .* Stable +1", self.run_well("--describe", "--group", group, "--state"),
                re.MULTILINE))
            self.until(lambda: re.search(
                rf"^{group} .* worker .*{topic}:0", self.run_well("--describe", "--group", group,
                                                                  "--members"), re.MULTILINE))
            refused = self.run_badly_whatever("--delete", "--group", group)
            self.assertIn("not EMPTY", refused)

    def run_badly_whatever(self, *arguments):
        """What the tool prints, whose exit status does not tell of a refusal."""
        done = run_tool(self.tool, *arguments)
        return done.stdout + done.stderr

    def test_offsets_are_reset_in_every_way(self):
        group, topic = self.new_group_that_has_read()
        for way, offsets in ((["--to-earliest"], ("0", str(RECORDS))),
                             (["--to-latest"], (str(RECORDS), "0")),
                             (["--to-datetime", "2020-01-01T00:00:00.000"], ("0", str(RECORDS)))):
            before = self.offsets(group, topic)
            self.run_well("--reset-offsets", "--group", group, "--topic", topic, *way, "--dry-run")
            self.assertEqual(self.offsets(group, topic), before, way)
            self.run_well("--reset-offsets", "--group", group, "--topic", topic, *way, "--execute")
            self.assertEqual(self.offsets(group, topic), offsets, way)
        self.run_well("--reset-offsets", "--group", group, "--all-topics", "--to-earliest",
                      "--execute")
        self.assertEqual(self.read_shared(group, topic, RECORDS), numbers(0, RECORDS))

    def test_offsets_and_groups_are_deleted(self):
        group, topic = self.new_group_that_has_read()
        self.assertRegex(self.run_well("--delete-offsets", "--group", group, "--topic", topic),
                         rf"{topic} +Successful")
        self.assertIsNone(self.offsets(group, topic))
        self.assertEqual(self.read_shared(group, topic, RECORDS), numbers(0, RECORDS))
        self.assertIn("successful", self.run_well("--delete", "--group", group))
        self.assertNotIn(group, self.run_well("--list").split())
        self.assertIn("not found",
                      self.run_badly_whatever("--describe", "--group", group))
