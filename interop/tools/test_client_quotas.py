"""kafka-configs: the quotas of users, clients and addresses, and a producer that feels one."""

import time

from config_command import ConfigCommandTest
from kafka_tools import ToolTest, run_tool, unique

MEGABYTE = 1_000_000


class ClientQuotasTest(ConfigCommandTest):
    def test_the_quotas_of_a_user_and_of_a_client_are_set_changed_and_deleted(self):
        for kind, title in (("users", "user-principal"), ("clients", "client-id")):
            name = unique(kind)
            entity = self.entity(kind, name)
            done = self.alter(entity, "--add-config",
                              "producer_byte_rate=1024,consumer_byte_rate=2048,"
                              "request_percentage=12.5,controller_mutation_rate=3")
            self.assertIn(f"Completed updating config for {kind.removesuffix('s')} {name}", done)
            described = self.describe(entity)
            self.assertIn(f"Quota configs for {title} '{name}' are ", described)
            for quota in ("producer_byte_rate=1024.0", "consumer_byte_rate=2048.0",
                          "request_percentage=12.5", "controller_mutation_rate=3.0"):
                self.assertIn(quota, described)
            self.alter(entity, "--delete-config",
                       "producer_byte_rate,consumer_byte_rate,request_percentage")
            self.assertIn(f"'{name}' are controller_mutation_rate=3.0", self.describe(entity))
            self.alter(entity, "--delete-config", "controller_mutation_rate")
            self.assertNotIn(name, self.describe(entity))

    def test_a_user_has_quotas_for_each_of_its_clients(self):
        user = self.entity("users", unique("user"))
        client = unique("client")
        of_client = [*user, *self.entity("clients", client)]
        of_others = [*user, "--entity-type", "clients", "--entity-default"]
        self.alter(user, "--add-config", "producer_byte_rate=1")
        self.alter(of_client, "--add-config", "producer_byte_rate=2")
        self.alter(of_others, "--add-config", "producer_byte_rate=3")
        self.assertIn("are producer_byte_rate=2.0", self.describe(of_client))
        self.assertIn("are producer_byte_rate=3.0", self.describe(of_others))
        everything = self.describe([*user, "--entity-type", "clients"])
        self.assertIn("producer_byte_rate=2.0", everything)
        self.assertIn("producer_byte_rate=3.0", everything)

    def test_an_address_has_a_rate_of_connections(self):
        address = self.entity("ips", "192.0.2.1")
        self.alter(address, "--add-config", "connection_creation_rate=7")
        self.assertIn("Quota configs for ip '192.0.2.1' are connection_creation_rate=7.0",
                      self.describe(address))
        self.alter(address, "--delete-config", "connection_creation_rate")
        self.assertNotIn("connection_creation_rate", self.describe(address))

    def test_what_cannot_be_a_quota_is_refused(self):
        client = self.entity("clients", unique("client"))
        for change in ("producer_byte_rate=-1", "producer_byte_rate=1.5"):
            self.assertIn("InvalidRequestException",
                          self.run_badly(*client, "--alter", "--add-config", change))
        self.assertEqual(self.describe(client).strip(), "")


class ProducerPerformanceTest(ToolTest):
    tool = "org.apache.kafka.tools.ProducerPerformance"

    def test_a_producer_comes_down_to_its_quota(self):
        client = unique("producer")
        self.checked(run_tool(
            ConfigCommandTest.tool, "--entity-type", "clients", "--entity-name", client, "--alter",
            "--add-config", f"producer_byte_rate={MEGABYTE}"))
        # The quota is an average over eleven seconds, ten of which may come at once.
        megabytes_at_once, megabytes_after = 10, 5
        began = time.monotonic()
        self.run_well("--topic", self.new_topic(), "--throughput", "-1", "--record-size", "1000",
                      "--num-records", str(1000 * (megabytes_at_once + megabytes_after)),
                      "--command-property", f"client.id={client}")
        self.assertGreater(time.monotonic() - began, megabytes_after - 1)
