"""kafka-console-producer, kafka-console-consumer."""

import json

from kafka_tools import CONSUMER, PRODUCER, TOPICS, ToolTest, run_tool, unique

READABLE = "org.apache.kafka.tools.consumer."


def each(option, *values):
    """An option once for each value."""
    return [text for value in values for text in (option, value)]


class ConsoleProducerTest(ToolTest):
    tool = PRODUCER

    def test_keys_headers_and_nulls_come_back(self):
        topic = self.new_topic()
        self.run_well("--topic", topic, *each(
            "--reader-property", "parse.key=true", "parse.headers=true", "key.separator=;",
            "headers.delimiter=|", "null.marker=NULL"),
            stdin="a:1,b:2|k1;v1\nc:3|NULL;v2\nd:4|k3;NULL\n")
        shown = self.read(topic, 3, *each(
            "--formatter-property", "print.key=true", "print.headers=true", "print.offset=true",
            "print.partition=true", "key.separator= ", "headers.separator=,", "null.literal=-"))
        self.assertEqual(shown, ["Partition:0 Offset:0 a:1,b:2 k1 v1",
                                 "Partition:0 Offset:1 c:3 - v2",
                                 "Partition:0 Offset:2 d:4 k3 -"])

    def test_each_way_to_send_arrives(self):
        ways = [[f"--compression-codec={codec}"]
                for codec in ("none", "gzip", "snappy", "lz4", "zstd")]
        ways += [["--request-required-acks", acks] for acks in ("0", "1", "all")]
        ways += [["--sync"], ["--command-property", "enable.idempotence=false"]]
        topic = self.new_topic()
        for way in ways:
            self.run_well("--topic", topic, *way, stdin=f"{' '.join(way)}\n")
        self.assertEqual(self.read(topic, len(ways)), [" ".join(way) for way in ways])

    def test_a_record_that_is_too_large_is_refused(self):
        topic = self.new_topic("--config", "max.message.bytes=100")
        self.assertIn("RecordTooLargeException", self.run_badly(
            "--topic", topic, "--sync", stdin="small\n" + "x" * 200 + "\n"))
        self.assertEqual(self.read(topic, 1), ["small"])


class ConsoleConsumerTest(ToolTest):
    tool = CONSUMER

    def test_reading_begins_at_an_offset_of_a_partition(self):
        topic = self.new_topic()
        self.write(topic, 10)
        for where, count, expected in (("5", 2, ["5", "6"]), ("earliest", 1, ["0"])):
            done = self.run_well("--topic", topic, "--partition", "0", "--offset", where,
                                 "--max-messages", str(count), "--timeout-ms", "30000")
            self.assertEqual(done.split(), expected)

    def test_topics_are_read_by_a_pattern(self):
        prefix = unique("many")
        for number in range(3):
            topic = f"{prefix}-{number}"
            self.checked(run_tool(TOPICS, "--create", "--topic", topic))
            self.write(topic, 2)
        done = self.run_well("--include", f"{prefix}-[02]", "--from-beginning",
                             "--max-messages", "4", "--timeout-ms", "30000",
                             *each("--formatter-property", "print.partition=true"))
        self.assertEqual(sorted(done.splitlines()),
                         ["Partition:0\t0"] * 2 + ["Partition:0\t1"] * 2)

    def test_a_group_goes_on_where_it_was(self):
        topic, group = self.new_topic(), unique("group")
        self.write(topic, 10)
        self.assertEqual(self.read(topic, 4, "--group", group), ["0", "1", "2", "3"])
        self.assertEqual(self.read(topic, 6, "--group", group), ["4", "5", "6", "7", "8", "9"])

    def formatted(self, topic, formatter):
        """What Kafka's own formatter for an internal topic makes of all its records."""
        done = self.run_well("--topic", topic, "--from-beginning", "--timeout-ms", "1000",
                             "--formatter", READABLE + formatter)
        decoder, records, at = json.JSONDecoder(), [], 0
        while at < len(done.rstrip()):
            record, at = decoder.raw_decode(done, at)
            records.append(record)
        return records

    def test_the_offsets_topic_is_readable(self):
        topic, group = self.new_topic(), unique("group")
        self.write(topic, 3)
        self.read(topic, 3, "--group", group)
        committed = [
            one["value"]["data"] for one in self.formatted(
                "__consumer_offsets", "OffsetsMessageFormatter")
            if one["key"]["data"] == {"group": group, "topic": topic, "partition": 0}]
        self.assertEqual([one["offset"] for one in committed], [3])
        members = [
            len(one["value"]["data"]["members"]) for one in self.formatted(
                "__consumer_offsets", "GroupMetadataMessageFormatter")
            if one["key"]["data"] == {"group": group}]
        self.assertEqual(sorted(set(members)), [0, 1])

    def test_the_transactions_topic_is_readable(self):
        topic, transactional_id = self.new_topic(), unique("id")
        self.checked(run_tool(
            "org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", "1",
            "--throughput", "-1", "--record-size", "1", "--transactional-id", transactional_id))
        states = [
            one["value"]["data"]["transactionStatus"] for one in self.formatted(
                "__transaction_state", "TransactionLogMessageFormatter")
            if one["key"]["data"] == {"transactionalId": transactional_id}]
        empty, ongoing, prepare_commit, complete_commit = 0, 1, 2, 4
        self.assertEqual(states, [empty, ongoing, prepare_commit, complete_commit])
