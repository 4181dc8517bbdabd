"""kafka-leader-election, kafka-reassign-partitions."""

from kafka_tools import ToolTest, partitions_file


class LeaderElectionTest(ToolTest):
    tool = "org.apache.kafka.tools.LeaderElectionCommand"

    def test_the_leader_is_the_preferred_one(self):
        place = ["--topic", self.new_topic(), "--partition", "0"]
        for kind in ("preferred", "unclean"):
            self.assertIn("Valid replica already elected",
                          self.run_well("--election-type", kind, *place))
        self.run_well("--election-type", "preferred", "--all-topic-partitions")

    def test_a_partition_that_is_not_there_has_no_leader(self):
        self.assertIn("UnknownTopicOrPartitionException", self.run_badly(
            "--election-type", "preferred", "--topic", self.new_topic(), "--partition", "1"))


class ReassignPartitionsTest(ToolTest):
    tool = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"

    def reassign(self, run, topic, replicas, *action):
        with partitions_file({"topic": topic, "partition": 0, "replicas": replicas}) as wanted:
            return run("--reassignment-json-file", wanted, *action)

    def test_a_partition_is_moved_to_where_it_is(self):
        topic = self.new_topic()
        self.assertIn(f"Successfully started partition reassignment for {topic}-0",
                      self.reassign(self.run_well, topic, [1], "--execute"))
        self.assertIn(f"Reassignment of partition {topic}-0 is completed.",
                      self.reassign(self.run_well, topic, [1], "--verify"))
        self.assertIn("No partition reassignments found.", self.run_well("--list"))

    def test_a_partition_is_not_moved_to_a_broker_that_is_not_there(self):
        self.assertIn("Unknown broker id 7",
                      self.reassign(self.run_badly, self.new_topic(), [7], "--execute"))
