"""kafka-client-metrics."""

from kafka_tools import ToolTest, unique


class ClientMetricsTest(ToolTest):
    tool = "org.apache.kafka.tools.ClientMetricsCommand"

    def test_a_subscription_is_made_listed_and_deleted(self):
        name = unique("subscription")
        self.assertIn("Altered client metrics config for", self.run_well(
            "--alter", "--name", name, "--metrics", "org.apache.kafka.producer.", "--interval",
            "2000", "--match", "client_id=app-.*"))
        described = self.run_well("--describe", "--name", name)
        for setting in ("interval.ms=2000", "metrics=org.apache.kafka.producer.",
                        "match=client_id=app-.*"):
            self.assertIn(setting, described)
        self.assertIn(name, self.run_well("--list").split())
        self.assertIn("Deleted client metrics config for",
                      self.run_well("--delete", "--name", name))
        self.assertNotIn(name, self.run_well("--list").split())

    def test_a_subscription_gets_a_name(self):
        done = self.run_well("--alter", "--generate-name", "--metrics", "*", "--interval", "1000")
        name = done.split()[-1].rstrip(".")
        self.assertIn(name, self.run_well("--list").split())
        self.run_well("--delete", "--name", name)

    def test_what_cannot_be_a_subscription_is_refused(self):
        name = ["--name", unique("subscription")]
        for change, reason in ((["--interval", "1"], "interval must be between 100 and 3600000"),
                               (["--match", "color=blue"], "Illegal client matching pattern"),
                               (["--match", "client_id=("], "Illegal client matching pattern")):
            self.assertIn(reason, self.run_badly("--alter", *name, *change))
