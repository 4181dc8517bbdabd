"""kafka-features, kafka-metadata-quorum, kafka-broker-api-versions, kafka-cluster."""

import re

from kafka_tools import BOOTSTRAP, TOPICS, ToolTest, run_java, run_tool

FEATURE = "transaction.version"


class FeaturesTest(ToolTest):
    tool = "org.apache.kafka.tools.FeatureCommand"

    def level(self):
        described = self.run_well("describe")
        found = re.search(rf"{FEATURE}.*FinalizedVersionLevel: (\d+)", described)
        return int(found[1])

    def test_a_feature_goes_down_and_up(self):
        self.assertEqual(self.level(), 2)
        self.assertIn("can be downgraded", self.run_well(
            "downgrade", "--feature", f"{FEATURE}=1", "--dry-run"))
        self.assertEqual(self.level(), 2)
        self.run_well("downgrade", "--feature", f"{FEATURE}=1")
        self.assertEqual(self.level(), 1)
        self.run_well("upgrade", "--feature", f"{FEATURE}=2")
        self.assertEqual(self.level(), 2)

    def test_a_level_that_is_not_known_is_refused(self):
        self.assertIn("only supports versions 0-2",
                      self.run_badly("upgrade", "--feature", f"{FEATURE}=9"))


    def test_what_would_lose_data_is_refused(self):
        self.assertIn("transaction.version can be disabled",
                      self.run_well("disable", "--feature", FEATURE, "--dry-run"))
        self.assertIn("Invalid update version 30 for feature metadata.version",
                      self.run_badly("upgrade", "--release-version", "4.3", "--dry-run"))
        self.assertIn("7 out of 7 operation(s) failed",
                      self.run_badly("downgrade", "--release-version", "4.0", "--dry-run"))


class MetadataQuorumTest(ToolTest):
    tool = "org.apache.kafka.tools.MetadataQuorumCommand"

    def test_the_quorum_is_one_node(self):
        status = self.run_well("describe", "--status")
        for fact in (r"LeaderId: +1\n", r"MaxFollowerLag: +0\n", r"CurrentVoters: +\[\{\"id\": 1,",
                     r"CurrentObservers: +\[\]"):
            self.assertRegex(status, fact)
        replication = self.run_well("describe", "--replication").splitlines()
        self.assertEqual(len(replication), 2)
        self.assertRegex(replication[1], r"^1\s+\S+\s+\d+\s+0\s.*Leader")
        self.assertRegex(self.run_well("describe", "--replication", "--human-readable"),
                         r"(?m)^1\s.*\s\d+ ms ago\s+\d+ ms ago\s+Leader")

    def test_the_only_voter_stays(self):
        self.assertIn("Cluster doesn't support removing voter", self.run_badly(
            "remove-controller", "--controller-id", "1", "--controller-directory-id",
            "AAAAAAAAAAAAAAAAAAAAAQ"))


class BrokerApiVersionsTest(ToolTest):
    tool = "org.apache.kafka.tools.BrokerApiVersionsCommand"

    def test_every_version_that_the_tool_would_use_is_there(self):
        told = self.run_well()
        for api in ("Produce(0)", "CreatePartitions(37)", "UpdateFeatures(57)"):
            self.assertRegex(told, re.escape(api) + r": .*\[usable: \d+\]")


class ClusterTest(ToolTest):
    tool = "org.apache.kafka.tools.ClusterTool"

    def run_command(self, command, *arguments):
        """What is printed. This tool wants its command before all options."""
        done = run_java(self.tool, command, "--bootstrap-server", BOOTSTRAP, *arguments)
        return done.stdout + done.stderr

    def test_the_cluster_has_an_id(self):
        self.assertRegex(self.run_command("cluster-id"), r"Cluster ID: [\w-]{22}")

    def test_the_endpoints_are_listed(self):
        host, port = BOOTSTRAP.split(":")
        for scope in ([], ["--include-fenced-brokers"]):
            self.assertRegex(self.run_command("list-endpoints", *scope),
                             rf"(?m)^1 +{host} +{port} +null +unfenced +broker")

    def test_a_broker_that_is_not_there_cannot_be_unregistered(self):
        self.assertIn("Broker ID 7 is not currently registered",
                      self.run_command("unregister", "--id", "7"))


class ClientCompatibilityTest(ToolTest):
    """The program by which Kafka's own system tests try what a broker can do."""

    tool = "org.apache.kafka.tools.ClientCompatibilityTest"

    def test_clients_find_what_they_expect(self):
        expected = {"offsets-for-times-supported": "True", "cluster-id-supported": "True",
                    "expect-record-too-large-exception": "False", "num-cluster-nodes": "1",
                    "create-topics-supported": "True", "describe-acls-supported": "True",
                    "describe-configs-supported": "True", "idempotent-producer-supported": "True"}
        options = [text for name, value in expected.items() for text in (f"--{name}", value)]
        # Which it makes, and expects not to be there.
        self.checked(run_tool(TOPICS, "--delete", "--if-exists", "--topic", "newtopic"))
        self.assertIn("SUCCESS",
                      self.run_well("--topic", self.new_topic(partitions=2), *options))
