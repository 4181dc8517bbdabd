"""kafka-acls, kafka-delegation-tokens."""

from kafka_tools import ToolTest, file_of, unique


class AclsTest(ToolTest):
    tool = "org.apache.kafka.tools.AclCommand"

    def listed(self, *scope):
        """The entries, as the tool writes them, by their resource's line."""
        entries, resource = {}, None
        for line in self.run_well("--list", *scope).splitlines():
            if line.startswith("Current ACLs for resource"):
                resource = line.split("`")[1]
            elif line.strip().startswith("("):
                entries.setdefault(resource, set()).add(line.strip())
        return entries

    def test_entries_are_added_listed_and_removed(self):
        topic, user = ["--topic", unique("topic")], f"User:{unique('user')}"
        pattern = f"ResourcePattern(resourceType=TOPIC, name={topic[1]}, patternType=LITERAL)"
        allowed = f"(principal={user}, host=*, operation=READ, permissionType=ALLOW)"
        denied = f"(principal={user}, host=192.0.2.1, operation=WRITE, permissionType=DENY)"
        self.run_well("--add", *topic, "--allow-principal", user, "--operation", "Read")
        self.run_well("--add", *topic, "--deny-principal", user, "--deny-host", "192.0.2.1",
                      "--operation", "Write")
        self.assertEqual(self.listed(*topic), {pattern: {allowed, denied}})
        self.assertEqual(self.listed(*topic, "--principal", "User:nobody"), {})
        self.run_well("--remove", *topic, "--deny-principal", user, "--deny-host", "192.0.2.1",
                      "--operation", "Write", "--force")
        self.assertEqual(self.listed(*topic), {pattern: {allowed}})
        self.run_well("--remove", *topic, "--force")
        self.assertEqual(self.listed(*topic), {})

    def test_a_prefix_matches_what_begins_with_it(self):
        prefix, user = unique("prefix"), f"User:{unique('user')}"
        self.run_well("--add", "--topic", prefix, "--resource-pattern-type", "prefixed",
                      "--allow-principal", user, "--operation", "All")
        inside = ["--topic", f"{prefix}-more"]
        self.assertEqual(self.listed(*inside), {})
        (pattern,) = self.listed(*inside, "--resource-pattern-type", "match")
        self.assertIn(f"name={prefix}, patternType=PREFIXED", pattern)

    def test_producers_and_consumers_get_what_they_need(self):
        user, topic, group = f"User:{unique('user')}", unique("topic"), unique("group")
        transactional_id = unique("id")
        self.run_well("--add", "--allow-principal", user, "--producer", "--topic", topic,
                      "--transactional-id", transactional_id, "--idempotent")
        self.run_well("--add", "--allow-principal", user, "--consumer", "--topic", topic,
                      "--group", group)
        operations = {
            pattern.split("resourceType=")[1].split(", pattern")[0]:
                sorted(entry.split("operation=")[1].split(",")[0] for entry in entries)
            for pattern, entries in self.listed("--principal", user).items()}
        self.assertEqual(operations, {
            f"TOPIC, name={topic}": ["CREATE", "DESCRIBE", "READ", "WRITE"],
            f"TRANSACTIONAL_ID, name={transactional_id}": ["DESCRIBE", "WRITE"],
            f"GROUP, name={group}": ["READ"],
            "CLUSTER, name=kafka-cluster": ["IDEMPOTENT_WRITE"]})
        self.run_well("--remove", "--cluster", "--allow-principal", user, "--operation",
                      "IdempotentWrite", "--force")
        self.assertNotIn("CLUSTER", str(self.listed("--principal", user)))


class DelegationTokenTest(ToolTest):
    """Who has not authenticated gets no token: Kafka answers so on a plaintext listener."""

    tool = "org.apache.kafka.tools.DelegationTokenCommand"

    def test_tokens_are_refused_to_who_has_not_authenticated(self):
        with file_of("", ".properties") as config:
            for action in (["--create", "--max-life-time-period", "-1"], ["--describe"],
                           ["--renew", "--renew-time-period", "-1", "--hmac", "aGk="],
                           ["--expire", "--expiry-time-period", "-1", "--hmac", "aGk="]):
                refused = self.run_badly("--command-config", config, *action)
                self.assertIn("DelegationToken", refused, action)
