"""kafka-consumer-groups, kafka-groups."""

import re

from kafka_tools import BOOTSTRAP, ToolTest, file_of, run_tool, unique
from tool_runner import background

CONSUMER_GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
RECORDS = 10


class ConsumerGroupsTest(ToolTest):
    tool = CONSUMER_GROUPS

    def new_group(self, *options):
        """A group that has read all of a new topic, and the topic."""
        topic, group = self.new_topic(), unique("group")
        self.write(topic, RECORDS)
        self.assertEqual(self.read(topic, RECORDS, "--group", group, *options),
                         [str(number) for number in range(RECORDS)])
        return group, topic

    def offset(self, group, topic):
        described = self.run_well("--describe", "--group", group)
        found = re.search(rf"^{group} +{topic} +0 +(\d+) +{RECORDS} ", described, re.MULTILINE)
        return found and int(found[1])

    def test_a_group_without_members_is_described_and_listed(self):
        group, topic = self.new_group()
        self.assertRegex(self.run_well("--describe", "--group", group, "--offsets", "--verbose"),
                         rf"(?m)^{group} +{topic} +0 +0 +{RECORDS} +{RECORDS} +0 +- +- +-")
        self.assertRegex(self.run_well("--describe", "--group", group, "--state"),
                         rf"(?m)^{group} +{BOOTSTRAP} +\(1\) +- +Empty +0")
        self.assertIn(group, self.run_well("--describe", "--all-groups", "--state"))
        for options, told in ((["--state"], "Empty"), (["--state", "Empty"], "Empty"),
                              (["--type"], "Classic"), (["--type", "classic"], "Classic")):
            self.assertRegex(self.run_well("--list", *options), rf"(?m)^{group} +{told}")
        self.assertNotIn(group, self.run_well("--list", "--state", "Stable"))
        # This tool's exit status tells of its use only.
        self.assertIn("not found", self.run_well("--describe", "--group", unique("none")))

    def test_a_group_with_members_is_described_and_protected(self):
        for protocol, assignor, epoch in (("classic", "range", "-"), ("consumer", "uniform", "2")):
            with self.subTest(protocol):
                self.check_group_with_members(protocol, assignor, epoch)

    def check_group_with_members(self, protocol, assignor, epoch):
        topic, group = self.new_topic(partitions=2), unique("group")
        with background("org.apache.kafka.tools.VerifiableConsumer", "--bootstrap-server",
                        BOOTSTRAP, "--topic", topic, "--group-id", group, "--group-protocol",
                        protocol) as consumer:
            self.assertTrue(any("partitions_assigned" in line for line in consumer.stdout))
            chosen = ["--group", group]
            self.assertRegex(
                self.run_well("--describe", *chosen, "--members", "--verbose"),
                rf"(?m)^{group} +\S+ +/127.0.0.1 +\S+ +2 +{epoch} +{topic}:0,1 +{epoch} ")
            self.assertRegex(self.run_well("--describe", *chosen, "--state"),
                             rf"(?m)^{group} .* {assignor} +Stable +1")
            self.assertRegex(self.run_well("--list", "--state", "stable,empty"),
                             rf"(?m)^{group} +Stable")
            self.assertRegex(self.run_well("--list", "--type", protocol),
                             rf"(?mi)^{group} +{protocol}")
            for action, reason in (
                    (["--reset-offsets", "--topic", topic, "--to-earliest", "--execute"],
                     "the current state is Stable"),
                    (["--delete"], "GroupNotEmptyException"),
                    (["--delete-offsets", "--topic", topic], "GroupSubscribedToTopicException")):
                self.assertIn(reason, self.run_well(*action, *chosen))

    def test_offsets_are_reset_in_every_way(self):
        group, topic = self.new_group()
        plan = self.reset(group, topic, "--to-offset", "3", "--export", "--dry-run")
        self.assertEqual(self.exported(plan), [f"{topic},0,3"])
        self.assertEqual(self.offset(group, topic), RECORDS)
        with file_of(plan, ".csv") as file:
            for way, offset in ((["--to-earliest"], 0), (["--to-latest"], RECORDS),
                                (["--to-offset", "4"], 4), (["--shift-by", "-2"], 2),
                                (["--to-current"], 2), (["--from-file", file], 3),
                                (["--to-datetime", "2020-01-01T00:00:00.000"], 0),
                                (["--by-duration", "PT0S"], RECORDS),
                                (["--to-offset", "99"], RECORDS), (["--shift-by", "-99"], 0)):
                scope = None if "--from-file" in way else topic
                planned = self.reset(group, scope, *way, "--dry-run")
                self.assertRegex(planned, rf"(?m)^{group} +{topic} +0 +{offset}\s*$")
                self.assertEqual(self.reset(group, scope, *way, "--execute"), planned)
                self.assertEqual(self.offset(group, topic), offset, way)

    def reset(self, group, topic, *how):
        scope = ["--topic", topic] if topic else []
        return self.run_well("--reset-offsets", "--group", group, *scope, *how)

    def exported(self, plan):
        """The lines of what --export prints, which quotes long names."""
        return sorted(plan.replace('"', "").split())

    def test_offsets_of_some_partitions_and_of_all_topics_are_reset(self):
        topic, group = self.new_topic(partitions=3), unique("group")
        new = self.reset(group, f"{topic}:0,2", "--to-latest", "--execute", "--export")
        self.assertEqual(self.exported(new), [f"{topic},0,0", f"{topic},2,0"])
        other = self.new_topic()
        self.reset(group, other, "--to-latest", "--execute")
        everything = self.run_well("--reset-offsets", "--group", group, "--all-topics",
                                   "--to-earliest", "--dry-run", "--export")
        self.assertEqual(self.exported(everything),
                         sorted([f"{topic},0,0", f"{topic},2,0", f"{other},0,0"]))

    def test_a_group_of_the_next_generation_is_shown_as_one(self):
        group, topic = self.new_group("--command-property", "group.protocol=consumer")
        self.assertEqual(self.offset(group, topic), RECORDS)
        state = self.run_well("--describe", "--group", group, "--state", "--verbose")
        self.assertRegex(state, rf"{group} .* uniform +Empty +\d+ +\d+ +0")
        self.assertRegex(self.run_well("--list", "--type", "consumer"), rf"{group} +Consumer")
        self.reset(group, topic, "--to-offset", "3", "--execute")
        self.assertEqual(self.offset(group, topic), 3)

    def test_offsets_and_groups_are_deleted(self):
        group, topic = self.new_group()
        self.assertRegex(
            self.run_well("--delete-offsets", "--group", group, "--topic", f"{topic}:7"),
            rf"{topic} +7 +Error: .*UnknownTopicOrPartitionException")
        self.assertRegex(self.run_well("--delete-offsets", "--group", group, "--topic", topic),
                         rf"{topic} +0 +Successful")
        self.assertIsNone(self.offset(group, topic))
        self.reset(group, topic, "--to-earliest", "--execute")
        self.assertIn("was successful", self.run_well("--delete", "--group", group))
        self.assertNotIn(group, self.run_well("--list").split())
        # Whatever the exit status.
        again = run_tool(self.tool, "--delete", "--group", group)
        self.assertIn("GroupIdNotFoundException", again.stdout + again.stderr)


class GroupsTest(ToolTest):
    tool = "org.apache.kafka.tools.GroupsCommand"

    def test_groups_are_listed_by_type_and_protocol(self):
        topic, group = self.new_topic(), unique("group")
        self.write(topic, 1)
        self.read(topic, 1, "--group", group)
        for scope in ([], ["--group-type", "classic"], ["--consumer"], ["--protocol", "consumer"]):
            self.assertRegex(self.run_well("--list", *scope), rf"(?m)^{group} +Classic +consumer")
        for scope in (["--share"], ["--streams"], ["--group-type", "consumer"],
                      ["--protocol", "connect"]):
            self.assertNotIn(group, self.run_well("--list", *scope))
