"""kafka-consumer-groups, kafka-groups."""

import re

from kafka_tools import ToolTest, file_of, run_tool, unique

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
CONSUMER_GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
RECORDS = 10


class ConsumerGroupsTest(ToolTest):
    tool = CONSUMER_GROUPS

    def new_group(self, *options):
        """A group that has read all of a new topic, and the topic."""
        topic, group = self.new_topic(), unique("group")
        self.write(topic, RECORDS)
        done = run_tool(CONSUMER, "--topic", topic, "--group", group, "--from-beginning",
                        "--max-messages", str(RECORDS), "--timeout-ms", "30000", *options)
        self.assertEqual(done.stdout.split(), [str(number) for number in range(RECORDS)])
        return group, topic

    def offset(self, group, topic):
        described = self.run_well("--describe", "--group", group)
        found = re.search(rf"^{group} +{topic} +0 +(\d+) +{RECORDS} ", described, re.MULTILINE)
        return found and int(found[1])

    def test_offsets_are_reset_in_every_way(self):
        group, topic = self.new_group()
        self.assertEqual(self.offset(group, topic), RECORDS)
        plan = self.run_well("--reset-offsets", "--group", group, "--topic", topic,
                             "--to-offset", "3", "--export", "--dry-run")
        with file_of(plan, ".csv") as file:
            for way, offset in ((["--to-earliest"], 0), (["--to-latest"], RECORDS),
                                (["--to-offset", "4"], 4), (["--shift-by", "-2"], 2),
                                (["--to-current"], 2), (["--from-file", file], 3),
                                (["--to-datetime", "2020-01-01T00:00:00.000"], 0),
                                (["--by-duration", "PT0S"], RECORDS)):
                scope = [] if "--from-file" in way else ["--topic", topic]
                self.run_well("--reset-offsets", "--group", group, *scope, *way, "--execute")
                self.assertEqual(self.offset(group, topic), offset, way)

    def test_offsets_and_groups_are_deleted(self):
        group, topic = self.new_group()
        self.assertRegex(self.run_well("--delete-offsets", "--group", group, "--topic", topic),
                         rf"{topic} +0 +Successful")
        self.assertIsNone(self.offset(group, topic))
        self.run_well("--reset-offsets", "--group", group, "--topic", topic, "--to-earliest",
                      "--execute")
        self.assertIn("was successful", self.run_well("--delete", "--group", group))
        self.assertNotIn(group, self.run_well("--list").split())
        # Whatever the exit status.
        again = run_tool(self.tool, "--delete", "--group", group)
        self.assertIn("GroupIdNotFoundException", again.stdout + again.stderr)

    def test_a_group_of_the_next_generation_is_shown_as_one(self):
        group, topic = self.new_group("--command-property", "group.protocol=consumer")
        self.assertEqual(self.offset(group, topic), RECORDS)
        state = self.run_well("--describe", "--group", group, "--state", "--verbose")
        self.assertRegex(state, rf"{group} .* uniform +Empty +\d+ +\d+ +0")
        self.assertRegex(self.run_well("--list", "--type", "consumer"), rf"{group} +Consumer")


class GroupsTest(ToolTest):
    tool = "org.apache.kafka.tools.GroupsCommand"

    def test_a_group_is_listed_with_its_type(self):
        topic, group = self.new_topic(), unique("group")
        self.checked(run_tool(CONSUMER_GROUPS, "--reset-offsets", "--group", group, "--topic",
                              topic, "--to-earliest", "--execute"))
        self.assertRegex(self.run_well("--list"), rf"{group} +Classic")
