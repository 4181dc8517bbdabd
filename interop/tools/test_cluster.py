"""kafka-features, kafka-metadata-quorum, kafka-broker-api-versions, kafka-cluster."""

import re

from kafka_tools import BOOTSTRAP, ToolTest, run_java

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

    def test_a_broker_that_is_not_there_cannot_be_unregistered(self):
        self.assertIn("Broker ID 7 is not currently registered",
                      self.run_command("unregister", "--id", "7"))
