"""kafka-leader-election, kafka-reassign-partitions, kafka-replica-verification."""

import json

from kafka_tools import BOOTSTRAP, CONFIGS, ToolTest, file_of, partitions_file, run_tool
from tool_runner import background

LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand"
MOVE_RATE = "replica.alter.log.dirs.io.max.bytes.per.second"


class LeaderElectionTest(ToolTest):
    tool = "org.apache.kafka.tools.LeaderElectionCommand"

    def test_the_leader_is_the_preferred_one(self):
        place = ["--topic", self.new_topic(), "--partition", "0"]
        for kind in ("preferred", "unclean"):
            self.assertIn("Valid replica already elected",
                          self.run_well("--election-type", kind, *place))
        self.run_well("--election-type", "preferred", "--all-topic-partitions")
        with partitions_file({"topic": place[1], "partition": 0}) as wanted:
            done = self.run_well("--election-type", "preferred", "--path-to-json-file", wanted)
        self.assertIn(f"Valid replica already elected for partitions {place[1]}-0", done)

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

    def test_a_plan_is_made_for_the_brokers_that_there_are(self):
        topic = self.new_topic(partitions=2)
        with file_of(json.dumps({"version": 1, "topics": [{"topic": topic}]}), ".json") as wanted:
            plan = self.run_well("--generate", "--topics-to-move-json-file", wanted,
                                 "--broker-list", "1")
        now, proposed = [json.loads(line) for line in plan.splitlines() if line.startswith("{")]
        for partitions in (now, proposed):
            self.assertEqual([(one["topic"], one["partition"], one["replicas"])
                              for one in partitions["partitions"]],
                             [(topic, 0, [1]), (topic, 1, [1])])

    def test_a_throttle_lasts_until_the_move_is_verified(self):
        topic = self.new_topic()
        throttle = "follower.replication.throttled.rate=1000000"
        self.reassign(self.run_well, topic, [1], "--execute", "--throttle", "1000000")
        self.assertIn(throttle, self.broker_configs())
        done = self.reassign(self.run_well, topic, [1], "--verify")
        self.assertIn(f"Clearing topic-level throttles on topic {topic}", done)
        self.assertNotIn(throttle, self.broker_configs())
        self.assertIn("None of the specified partition reassignments are active",
                      self.reassign(self.run_well, topic, [1], "--cancel"))

    def log_dirs_of(self, topic):
        """What is in each directory of partition 0 of the topic."""
        lines = self.checked(run_tool(LOG_DIRS, "--describe", "--topic-list", topic)).splitlines()
        return {directory["logDir"]: directory["partitions"]
                for directory in json.loads(lines[-1])["brokers"][0]["logDirs"]}

    def limit_moves(self, bytes_per_second):
        self.checked(run_tool(CONFIGS, "--alter", "--broker", "1", "--add-config",
                              f"{MOVE_RATE}={bytes_per_second}"))

    def here_and_there(self, topic):
        places = self.log_dirs_of(topic)
        (here,) = [path for path, partitions in places.items() if partitions]
        (there,) = [path for path, partitions in places.items() if not partitions]
        return here, there, places[here][0]["size"]

    def use_up_the_rate(self):
        """So that the next move is held back."""
        topic = self.new_topic()
        self.write(topic, 1000)
        here, there, _ = self.here_and_there(topic)
        with partitions_file({"topic": topic, "partition": 0, "replicas": [1],
                              "log_dirs": [there]}) as wanted:
            self.run_well("--reassignment-json-file", wanted, "--execute")
        self.until(lambda: not self.log_dirs_of(topic)[here])
        self.limit_moves(1)

    def test_a_replica_moves_to_another_directory(self):
        topic = self.new_topic()
        self.write(topic, 10)
        here, there, size = self.here_and_there(topic)
        self.use_up_the_rate()
        with partitions_file({"topic": topic, "partition": 0, "replicas": [1],
                              "log_dirs": [there]}) as wanted:
            move = ["--reassignment-json-file", wanted]
            started = self.run_well(*move, "--execute", "--replica-alter-log-dirs-throttle", "1")
            self.assertIn(f"Successfully started moving log directory to {there} for replica "
                          f"{topic}-0 with broker 1", started)
            self.assertIn(f"Reassignment of replica {topic}-0-1 is still in progress.",
                          self.run_well(*move, "--verify"))
            self.until(lambda: self.log_dirs_of(topic)[there])
            during = self.log_dirs_of(topic)
            self.assertEqual([(one["size"], one["isFuture"]) for one in during[here]],
                             [(size, False)])
            self.assertEqual([one["isFuture"] for one in during[there]], [True])
            self.limit_moves(100_000_000)
            done = f"Reassignment of replica {topic}-0-1 completed successfully."
            self.until(lambda: done in self.run_well(*move, "--verify"))
        self.assertNotIn(MOVE_RATE, self.broker_configs())
        after = self.log_dirs_of(topic)
        self.assertEqual(after[here], [])
        self.assertEqual([(one["size"], one["isFuture"]) for one in after[there]], [(size, False)])
        self.assertEqual(self.read(topic, 10), [str(number) for number in range(10)])

    def test_a_replica_is_not_moved_to_a_directory_that_is_not_there(self):
        with partitions_file({"topic": self.new_topic(), "partition": 0, "replicas": [1],
                              "log_dirs": ["/nowhere"]}) as wanted:
            self.assertIn("LogDirNotFoundException", self.run_badly(
                "--reassignment-json-file", wanted, "--execute", "--timeout", "1000"))

    def broker_configs(self):
        return self.checked(run_tool(CONFIGS, "--describe", "--broker", "1"))

    def test_a_partition_is_not_moved_to_a_broker_that_is_not_there(self):
        self.assertIn("Unknown broker id 7",
                      self.reassign(self.run_badly, self.new_topic(), [7], "--execute"))


class ReplicaVerificationTest(ToolTest):
    def test_no_replica_lags(self):
        topic = self.new_topic()
        self.write(topic, 10)
        with background("org.apache.kafka.tools.ReplicaVerificationTool", "--broker-list",
                        BOOTSTRAP, "--topics-include", topic, "--report-interval-ms",
                        "100") as tool:
            # Whoever reads as a replica does sees all ten.
            report = f"max lag is 0 for partition {topic}-0 at offset 10 among 1 partitions"
            self.assertTrue(any(report in line for line in tool.stdout))
