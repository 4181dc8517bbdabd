"""kafka-topics, kafka-get-offsets, kafka-delete-records, kafka-log-dirs."""

import json
import re

from kafka_tools import TOPICS, ToolTest, partitions_file, unique


class TopicsTest(ToolTest):
    tool = TOPICS

    def test_a_topic_is_made_grows_and_goes(self):
        name = self.new_topic(partitions=2)
        self.assertIn(name, self.run_well("--list").split())
        self.run_well("--alter", "--topic", name, "--partitions", "4")
        described = self.run_well("--describe", "--topic", name)
        self.assertIn("PartitionCount: 4\tReplicationFactor: 1", described)
        self.assertIn("Partition: 3\tLeader: 1\tReplicas: 1\tIsr: 1", described)
        self.assertIn("would not be an increase",
                      self.run_badly("--alter", "--topic", name, "--partitions", "3"))
        self.run_well("--delete", "--topic", name)
        self.assertNotIn(name, self.run_well("--list").split())
        self.assertIn("does not exist", self.run_badly("--delete", "--topic", name))

    def test_a_topic_is_made_with_configs_once(self):
        name = self.new_topic("--config", "cleanup.policy=compact", "--config", "retention.ms=5000")
        self.assertRegex(self.run_well("--describe", "--topic", name, "--topics-with-overrides"),
                         "(?m)Configs: .*cleanup.policy=compact,retention.ms=5000$")
        self.run_well("--create", "--topic", name, "--if-not-exists")
        for refused, reason in (
                (["--topic", name], f"Topic '{name}' already exists."),
                (["--topic", unique("topic"), "--config", "no.such.key=1"],
                 "Unknown topic config name: no.such.key"),
                (["--topic", "bad/name"], "Topic name is invalid")):
            self.assertIn(reason, self.run_badly("--create", *refused))

    def test_topics_are_listed_and_described_by_what_they_are_like(self):
        name = self.new_topic(partitions=2)
        self.assertEqual(self.run_well("--list", "--topic", name[:-1] + ".").split(), [name])
        self.assertNotIn("__", self.run_well("--list", "--exclude-internal"))
        whole = self.run_well("--describe", "--topic", name)
        topic_id = re.search(r"TopicId: ([\w-]{22})", whole)[1]
        by_id = self.run_well("--describe", "--topic-id", topic_id)
        self.assertEqual(by_id.replace("N/A", ""), whole)
        self.assertEqual(self.run_well("--describe", "--topic", name,
                                       "--partition-size-limit-per-response", "1"), whole)
        for lack in ("under-replicated", "unavailable", "under-min-isr"):
            self.assertEqual(
                self.run_well("--describe", "--topic", name, f"--{lack}-partitions"), "")
        self.assertEqual(self.run_well("--describe", "--topic", name, "--at-min-isr-partitions"),
                         "".join(whole.splitlines(keepends=True)[1:]))
        nobody = unique("none")
        self.run_well("--delete", "--topic", nobody, "--if-exists")
        self.assertIn("does not exist", self.run_badly("--describe", "--topic", nobody))

    def test_replicas_are_assigned_to_the_broker_that_there_is(self):
        name = unique("assigned")
        self.run_well("--create", "--topic", name, "--replica-assignment", "1,1,1")
        self.assertIn("PartitionCount: 3", self.run_well("--describe", "--topic", name))
        other = unique("assigned")
        self.assertIn("no such broker is registered", self.run_badly(
            "--create", "--topic", other, "--replica-assignment", "7"))
        refused = self.run_badly("--create", "--topic", other, "--replication-factor", "3")
        self.assertRegex(refused, "[Rr]eplication factor (of )?3 ")


class GetOffsetsTest(ToolTest):
    tool = "org.apache.kafka.tools.GetOffsetShell"

    def test_the_offsets_of_each_partition_are_told(self):
        name = self.new_topic()
        self.write(name, 10)
        self.assertEqual(self.run_well("--topic", name).split(), [f"{name}:0:10"])
        self.assertEqual(self.run_well("--topic", name, "--time", "earliest").split(),
                         [f"{name}:0:0"])
        self.assertEqual(self.run_well("--topic-partitions", f"{name}:0").split(),
                         [f"{name}:0:10"])

    def test_partitions_and_times_are_chosen(self):
        name = self.new_topic(partitions=3)
        self.write(name, 10)
        every = self.offsets("--topic", name)
        self.assertEqual(sum(every.values()), 10)
        (written,) = [partition for partition, offset in every.items() if offset == 10]
        self.assertEqual(self.offsets("--topic-partitions", f"{name}:1-"),
                         {partition: every[partition] for partition in (1, 2)})
        self.assertEqual(self.offsets("--topic", name, "--partitions", "0,1", "--time", "-2"),
                         {0: 0, 1: 0})
        # At a time: the first record since; where there is none, nothing is told.
        for time, offsets in (
                ("0", {written: 0}), ("99999999999999", {}), ("earliest-local", dict.fromkeys(
                    every, 0)), ("latest-tiered", {}), ("earliest-pending-upload", {})):
            self.assertEqual(self.offsets("--topic", name, "--time", time), offsets, time)
        self.assertEqual(list(self.offsets("--topic", name, "--time", "max-timestamp")), [written])
        self.assertIn("Could not match any topic-partitions",
                      self.run_badly("--topic", unique("none")))

    def offsets(self, *scope):
        """Of one topic, by partition."""
        lines = [line.rsplit(":", 2) for line in self.run_well(*scope).splitlines()]
        return {int(partition): int(offset) for _, partition, offset in lines}


class DeleteRecordsTest(ToolTest):
    tool = "org.apache.kafka.tools.DeleteRecordsCommand"

    def delete(self, topic, offset):
        with partitions_file({"topic": topic, "partition": 0, "offset": offset}) as wanted:
            return self.run_well("--offset-json-file", wanted)

    def test_records_before_an_offset_go(self):
        name = self.new_topic()
        self.write(name, 10)
        self.assertIn(f"partition: {name}-0\tlow_watermark: 6", self.delete(name, 6))
        self.assertIn("OffsetOutOfRangeException", self.delete(name, 11))
        self.assertIn(f"partition: {name}-0\tlow_watermark: 10", self.delete(name, -1))


class LogDirsTest(ToolTest):
    tool = "org.apache.kafka.tools.LogDirsCommand"

    def test_the_size_of_each_partition_is_told(self):
        name = self.new_topic(partitions=2)
        self.write(name, 10)
        lines = self.run_well("--describe", "--topic-list", name).splitlines()
        described = json.loads(lines[-1])
        directories = described["brokers"][0]["logDirs"]
        self.assertEqual([one["error"] for one in directories], [None] * len(directories))
        sizes = {one["partition"]: one["size"]
                 for directory in directories for one in directory["partitions"]}
        self.assertEqual(sorted(sizes), [f"{name}-0", f"{name}-1"])
        self.assertGreater(sum(sizes.values()), 60)
        self.assertIn("The given brokers do not exist",
                      self.run_badly("--describe", "--broker-list", "7"))
