"""kafka-verifiable-producer, kafka-verifiable-consumer, TransactionalMessageCopier: the programs
that Kafka's own system tests run."""

import json
import subprocess

from kafka_tools import BOOTSTRAP, ToolTest, run_java, unique
from tool_runner import DEADLINE_S, background, java

PACKAGE = "org.apache.kafka.tools."


def events(output):
    """The lines of JSON that these programs print."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


class VerifiableClientsTest(ToolTest):
    def events_of(self, program, *arguments):
        """Of a program in a JVM of its own, which it ends itself, past Kafka's own way to."""
        command = java(PACKAGE + program, "--bootstrap-server", BOOTSTRAP, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              timeout=DEADLINE_S)
        return events(self.checked(done))

    def produce(self, topic, count):
        sent = self.events_of("VerifiableProducer", "--topic", topic, "--max-messages", str(count))
        (summary,) = [event for event in sent if event["name"] == "tool_data"]
        self.assertEqual((summary["sent"], summary["acked"]), (count, count))
        return [event for event in sent if event["name"] == "producer_send_success"]

    def consume(self, topic, count, *more):
        """The values that a group of its own reads."""
        seen = self.events_of(
            "VerifiableConsumer", "--topic", topic, "--group-id", unique("group"),
            "--max-messages", str(count), "--verbose", *more)
        self.assertTrue(all(event["success"] for event in seen
                            if event["name"] == "offsets_committed"))
        return [int(event["value"]) for event in seen if event["name"] == "record_data"]

    def test_what_is_acknowledged_is_consumed(self):
        topic = self.new_topic()
        sent = self.produce(topic, 100)
        self.assertEqual([event["offset"] for event in sent], list(range(100)))
        self.assertEqual(self.consume(topic, 100), [int(event["value"]) for event in sent])


class TransactionalMessageCopierTest(ToolTest):
    tool = PACKAGE + "TransactionalMessageCopier"
    COUNT = 2000

    def test_every_record_is_copied_once_whatever_aborts_and_crashes(self):
        source, sink = self.new_topic(), self.new_topic()
        self.write(source, self.COUNT)
        copying = ["--broker-list", BOOTSTRAP, "--input-topic", source, "--input-partition", "0",
                   "--output-topic", sink, "--transaction-size", "10", "--consumer-group",
                   unique("group"), "--transactional-id", unique("copier"),
                   "--use-group-metadata", "--enable-random-aborts"]
        with background(self.tool, *copying) as copier:
            for line in copier.stdout:
                if any(event["consumed"] > 100 for event in events(line)):
                    break
        done = run_java(self.tool, *copying, "--group-mode")
        last = events(self.checked(done))[-1]
        self.assertEqual((last["stage"], last["remaining"]), ("ShutdownComplete", 0))
        self.assertTrue(0 < last["consumed"] < self.COUNT, last)
        copied = self.read(sink, self.COUNT, "--isolation-level", "read_committed")
        self.assertEqual(copied, [str(number) for number in range(self.COUNT)])
