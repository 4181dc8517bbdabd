"""kafka-configs: SCRAM users."""

from config_command import ConfigCommandTest
from kafka_tools import unique


class ScramUsersTest(ConfigCommandTest):
    def test_a_user_is_made_changed_and_deleted(self):
        name = unique("user")
        user = self.entity("users", name)
        done = self.alter(user, "--add-config", "SCRAM-SHA-512=[iterations=8192,password=secret]")
        self.assertIn(f"Completed updating config for user {name}", done)
        self.alter(user, "--add-config", "SCRAM-SHA-256=[password=secret]")
        described = self.describe(user)
        self.assertIn(f"SCRAM credential configs for user-principal '{name}' are ", described)
        self.assertIn("SCRAM-SHA-512=iterations=8192", described)
        self.assertIn("SCRAM-SHA-256=iterations=4096", described)
        self.assertNotIn("secret", described)
        self.alter(user, "--add-config", "SCRAM-SHA-256=[iterations=5000,password=other]")
        self.assertIn("SCRAM-SHA-256=iterations=5000", self.describe(user))
        self.alter(user, "--delete-config", "SCRAM-SHA-256")
        self.assertNotIn("SCRAM-SHA-256", self.describe(user))
        self.alter(user, "--delete-config", "SCRAM-SHA-512")
        self.assertNotIn("SCRAM", self.describe(user))

    def test_a_user_may_have_quotas_too(self):
        user = self.entity("users", unique("user"))
        self.alter(user, "--add-config", "producer_byte_rate=1024")
        self.alter(user, "--add-config", "SCRAM-SHA-256=[password=secret]")
        described = self.describe(user)
        self.assertIn("producer_byte_rate=1024.0", described)
        self.assertIn("SCRAM-SHA-256=iterations=4096", described)

    def test_one_change_is_of_one_mechanism(self):
        user = self.entity("users", unique("user"))
        self.assertIn("DuplicateResourceException", self.run_badly(
            *user, "--alter", "--add-config",
            "SCRAM-SHA-512=[password=secret],SCRAM-SHA-256=[password=secret]"))
        self.assertNotIn("SCRAM", self.describe(user))

    def test_what_cannot_be_a_credential_is_refused(self):
        user = self.entity("users", unique("user"))
        self.assertIn("SCRAM-SHA-256", self.run_badly(
            *user, "--alter", "--add-config", "SCRAM-SHA-256=[iterations=1,password=secret]"))
        self.assertIn("Attempt to delete a user credential that does not exist", self.run_badly(
            *user, "--alter", "--delete-config", "SCRAM-SHA-512"))
