"""kafka-configs: topics, brokers, loggers, groups and subscriptions to client metrics."""

import re

from config_command import ConfigCommandTest
from kafka_tools import unique

NODE = "1"


class ConfigsTest(ConfigCommandTest):
    def settings(self, entity, *more):
        """The configs that are told of: key to value, source and synonyms."""
        line = re.compile(
            r"^  (?P<key>[\w.-]+)=(?P<value>.*) sensitive=(?P<sensitive>\w+) "
            r"synonyms=\{(?P<synonyms>.*)\}$")
        found = [line.match(text) for text in self.describe(entity, *more).splitlines()]
        return {match["key"]: match.groupdict() for match in found if match}

    def test_a_topics_configs_are_added_changed_and_deleted(self):
        topic = self.entity("topics", self.new_topic())
        self.assertEqual(self.settings(topic), {})
        done = self.alter(topic, "--add-config",
                          "retention.ms=5000,cleanup.policy=[compact,delete],segment.bytes=2000000")
        self.assertIn("Completed updating config for topic", done)
        settings = self.settings(topic)
        self.assertEqual({key: one["value"] for key, one in settings.items()},
                         {"retention.ms": "5000", "cleanup.policy": "compact,delete",
                          "segment.bytes": "2000000"})
        self.assertTrue(settings["segment.bytes"]["synonyms"].startswith(
            "DYNAMIC_TOPIC_CONFIG:segment.bytes=2000000, DEFAULT_CONFIG:log.segment.bytes="))
        self.alter(topic, "--add-config", "retention.ms=7000", "--delete-config", "segment.bytes")
        self.assertEqual({key: one["value"] for key, one in self.settings(topic).items()},
                         {"retention.ms": "7000", "cleanup.policy": "compact,delete"})

    def test_everything_of_a_topic_is_told(self):
        name = self.new_topic()
        settings = self.settings(self.entity("topics", name), "--all")
        for key in ("cleanup.policy", "max.message.bytes", "min.insync.replicas", "retention.ms"):
            self.assertIn(key, settings)
        self.assertEqual(settings["compression.type"]["value"], "producer")
        self.assertGreaterEqual(len(settings), 33)

    def test_what_a_topic_cannot_be_is_refused(self):
        topic = self.entity("topics", self.new_topic())
        for change, reason in (
                ("no.such.key=1", "Unknown topic config name: no.such.key"),
                ("retention.ms=soon",
                 "Invalid value soon for configuration retention.ms: Not a number of type LONG"),
                ("segment.bytes=1", "Value must be at least 1048576"),
                ("compression.type=best", "String must be one of: uncompressed, zstd")):
            self.assertIn(reason, self.run_badly(*topic, "--alter", "--add-config", change))
        self.assertEqual(self.settings(topic), {})
        unknown = self.entity("topics", unique("unknown"))
        self.assertIn("UnknownTopicOrPartitionException",
                      self.run_badly(*unknown, "--alter", "--add-config", "retention.ms=1"))

    def test_a_brokers_config_comes_before_that_of_all_brokers(self):
        key = "log.flush.interval.messages"
        broker = self.entity("brokers", NODE)
        everyone = ["--entity-type", "brokers", "--entity-default"]
        topic = self.entity("topics", self.new_topic())
        self.alter(everyone, "--add-config", f"{key}=5000000")
        self.alter(broker, "--add-config", f"{key}=6000000")
        self.assertEqual(self.settings(everyone)[key]["value"], "5000000")
        self.assertEqual(
            self.settings(broker)[key]["synonyms"],
            f"DYNAMIC_BROKER_CONFIG:{key}=6000000, DYNAMIC_DEFAULT_BROKER_CONFIG:{key}=5000000, "
            f"DEFAULT_CONFIG:{key}=9223372036854775807")
        # At once for topics that have no config of their own.
        self.assertEqual(self.settings(topic, "--all")["flush.messages"]["value"], "6000000")
        self.alter(broker, "--delete-config", key)
        self.assertEqual(self.settings(topic, "--all")["flush.messages"]["value"], "5000000")
        self.alter(everyone, "--delete-config", key)
        self.assertEqual(self.settings(topic, "--all")["flush.messages"]["value"],
                         "9223372036854775807")

    def test_what_cannot_change_while_a_broker_runs_is_refused(self):
        broker = self.entity("brokers", NODE)
        everyone = ["--entity-type", "brokers", "--entity-default"]
        for entity, change, reason in (
                (broker, "node.id=7", "Cannot update these configs dynamically: [node.id]"),
                (broker, "log.retention.ms=0", "log.retention.ms must be unlimited (-1)"),
                (broker, "message.max.bytes=x",
                 "Invalid value x for configuration message.max.bytes: Not a number of type INT"),
                (everyone, "sasl.jaas.config=x", "broker id must be specified"),
                (everyone, "log.retention.hours=5", "Cannot update these configs dynamically")):
            self.assertIn(reason, self.run_badly(*entity, "--alter", "--add-config", change))

    def test_a_password_is_not_told(self):
        broker = self.entity("brokers", NODE)
        key = f"listener.name.{unique('external')}.ssl.keystore.password"
        self.alter(broker, "--add-config", f"{key}=not-to-be-seen")
        described = self.describe(broker)
        self.alter(broker, "--delete-config", key)
        self.assertIn(f"{key}=null sensitive=true", described)
        self.assertNotIn("not-to-be-seen", described)

    def test_the_log_level_changes(self):
        loggers = self.entity("broker-loggers", NODE)
        before = self.settings(loggers)["root"]["value"]
        self.alter(loggers, "--add-config", "root=ERROR")
        self.assertEqual(self.settings(loggers)["root"]["value"], "ERROR")
        self.alter(loggers, "--add-config", f"root={before}")
        self.assertEqual(self.settings(loggers)["root"]["value"], before)
        for change, reason in (("root=LOUD", "Cannot set the log level of root to LOUD"),
                               ("no.such.logger=INFO", "no.such.logger")):
            self.assertIn(reason, self.run_badly(*loggers, "--alter", "--add-config", change))

    def test_a_groups_configs_are_kept(self):
        group = self.entity("groups", unique("group"))
        self.alter(group, "--add-config", "consumer.session.timeout.ms=50000")
        described = self.settings(group)["consumer.session.timeout.ms"]
        self.assertEqual(described["value"], "50000")
        self.assertTrue(described["synonyms"].startswith(
            "DYNAMIC_GROUP_CONFIG:consumer.session.timeout.ms=50000, "
            "DEFAULT_CONFIG:group.consumer.session.timeout.ms="))
        refused = self.run_badly(*group, "--alter", "--add-config",
                                 "consumer.session.timeout.ms=1")
        self.assertIn("consumer.session.timeout.ms must be", refused)
        self.alter(group, "--delete-config", "consumer.session.timeout.ms")
        self.assertEqual(self.settings(group), {})

    def test_a_subscription_to_client_metrics_is_kept(self):
        subscription = self.entity("client-metrics", unique("subscription"))
        self.alter(subscription, "--add-config",
                   "metrics=[org.apache.kafka.producer.,org.apache.kafka.consumer.],"
                   "interval.ms=1000,match=[client_id=app-.*]")
        values = {key: one["value"] for key, one in self.settings(subscription).items()}
        self.assertEqual(values, {
            "metrics": "org.apache.kafka.producer.,org.apache.kafka.consumer.",
            "interval.ms": "1000", "match": "client_id=app-.*"})
        self.assertIn("Illegal client matching pattern: color=blue", self.run_badly(
            *subscription, "--alter", "--add-config", "match=[color=blue]"))
        self.alter(subscription, "--delete-config", "metrics,interval.ms,match")
        self.assertNotIn("interval.ms=1000", self.describe(subscription))
