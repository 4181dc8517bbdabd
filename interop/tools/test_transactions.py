"""kafka-transactions."""

import contextlib

from kafka_tools import BOOTSTRAP, PRODUCER, ToolTest, run_tool, unique
from tool_runner import background

ABORTED = "0"  # The value of the first record that ProducerPerformance writes here.


class TransactionsTest(ToolTest):
    tool = "org.apache.kafka.tools.TransactionsCommand"

    def rows(self, *command):
        """The rows of the table that a command prints, by the names of its columns."""
        names, *rows = [[cell.strip() for cell in line.split("\t")]
                        for line in self.run_well(*command).splitlines() if "\t" in line]
        return [dict(zip(names, row)) for row in rows]

    def producers(self, topic, *more):
        return self.rows("describe-producers", "--topic", topic, "--partition", "0", *more)

    def state(self, transactional_id):
        (row,) = self.rows("describe", "--transactional-id", transactional_id)
        return row

    @contextlib.contextmanager
    def open_transaction(self):
        """A topic and the id of a transaction in it whose producer has crashed."""
        topic, transactional_id = self.new_topic(), unique("open")
        with background("org.apache.kafka.tools.ProducerPerformance", "--bootstrap-server",
                        BOOTSTRAP, "--topic", topic, "--num-records", "1000", "--throughput", "1",
                        "--payload-monotonic", "--transactional-id", transactional_id,
                        "--transaction-duration-ms", "60000"):
            self.until(lambda: self.producers(topic))
        yield topic, transactional_id

    def open_offset(self, topic):
        (row,) = self.producers(topic)
        return row["CurrentTransactionStartOffset"]

    def ids(self, *filters):
        return [row["TransactionalId"] for row in self.rows("list", *filters)]

    def test_an_open_transaction_is_found(self):
        with self.open_transaction() as (topic, transactional_id):
            (row,) = [one for one in self.rows("list")
                      if one["TransactionalId"] == transactional_id]
            self.assertEqual((row["Coordinator"], row["TransactionState"]), ("1", "Ongoing"))
            for filters, is_told in (
                    (["--duration-filter", "1"], True), (["--duration-filter", "86400000"], False),
                    (["--transactional-id-pattern", "open-.*"], True),
                    (["--transactional-id-pattern", "open-"], False)):
                self.assertEqual(transactional_id in self.ids(*filters), is_told, filters)
            described = self.state(transactional_id)
            self.assertEqual(described["TransactionState"], "Ongoing")
            self.assertEqual(described["TopicPartitions"], f"{topic}-0")
            self.assertEqual(described["TransactionTimeoutMs"], "60000")
            (producer,) = self.producers(topic, "--broker-id", "1")
            self.assertEqual(producer["CurrentTransactionStartOffset"], "0")
            for column in ("ProducerId", "ProducerEpoch"):
                self.assertEqual(producer[column], described[column])
            # It is its coordinator's, which will end it.
            for scope in (["--broker-id", "1"], ["--topic", topic, "--partition", "0"]):
                self.assertEqual(self.rows("find-hanging", *scope), [])
            self.run_well("forceTerminateTransaction", "--transactionalId", transactional_id)

    def test_an_open_transaction_is_terminated(self):
        with self.open_transaction() as (topic, transactional_id):
            before = self.state(transactional_id)
            self.run_well("forceTerminateTransaction", "--transactionalId", transactional_id)
            after = self.state(transactional_id)
            self.assertNotEqual(after["TransactionState"], "Ongoing")
            self.assertEqual(after["TopicPartitions"], "")
            self.assertGreater(int(after["ProducerEpoch"]), int(before["ProducerEpoch"]))
            self.until(lambda: self.open_offset(topic) == "None")
            self.assert_only_later_records_are_committed(topic)

    def test_a_transaction_is_aborted_in_its_partition(self):
        with self.open_transaction() as (topic, transactional_id):
            place = ["--topic", topic, "--partition", "0", "--start-offset"]
            self.assertIn("Could not find any open transactions starting at offset 7",
                          self.run_badly("abort", *place, "7"))
            self.run_well("abort", *place, "0")
            self.assertEqual(self.open_offset(topic), "None")
            self.assert_only_later_records_are_committed(topic)
            # The coordinator does not know, and ends it all the same.
            self.assertEqual(self.state(transactional_id)["TransactionState"], "Ongoing")
            self.run_well("forceTerminateTransaction", "--transactionalId", transactional_id)
            self.assertNotEqual(self.state(transactional_id)["TransactionState"], "Ongoing")

    def assert_only_later_records_are_committed(self, topic):
        self.checked(run_tool(PRODUCER, "--topic", topic, stdin="later\n"))
        self.assertEqual(self.read(topic, 1, "--isolation-level", "read_committed"), ["later"])
        self.assertEqual(self.read(topic, 1, "--isolation-level", "read_uncommitted"), [ABORTED])

    def test_what_is_not_there_is_said_not_to_be(self):
        self.assertIn("the ID could not be found",
                      self.run_badly("describe", "--transactional-id", unique("none")))
        self.assertIn("requires either --topic or --broker-id", self.run_badly("find-hanging"))
        self.assertIn("Failed to list transactions",
                      self.run_badly("list", "--transactional-id-pattern", "("))
        # As Kafka does: an id that has never been used has nothing to terminate.
        self.run_well("forceTerminateTransaction", "--transactionalId", unique("none"))
