"""kafka-producer-perf-test, kafka-consumer-perf-test, kafka-e2e-latency."""

import re

from kafka_tools import ToolTest, run_tool, unique

PRODUCER_PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


class PerformanceTest(ToolTest):
    def produce(self, topic, count, *more):
        done = self.checked(run_tool(
            PRODUCER_PERFORMANCE, "--topic", topic, "--num-records", str(count), "--throughput",
            "-1", *more))
        self.assertRegex(done, rf"(?m)^{count} records sent, ")
        return done


class ConsumerPerformanceTest(PerformanceTest):
    tool = "org.apache.kafka.tools.ConsumerPerformance"

    def consumed(self, topic, count, *more):
        names, row = [line.split(", ") for line in self.run_well(
            "--topic", topic, "--num-records", str(count), *more).splitlines()[-2:]]
        return int(dict(zip(names, row))["data.consumed.in.nMsg"])

    def test_all_that_is_produced_is_consumed(self):
        topic = self.new_topic()
        for codec in ("none", "lz4", "zstd"):
            self.produce(topic, 2000, "--record-size", "100", "--command-property",
                         f"compression.type={codec}")
        self.assertEqual(self.consumed(topic, 6000), 6000)

    def test_what_is_produced_in_transactions_is_consumed(self):
        topic = self.new_topic(partitions=3)
        self.produce(topic, 3000, "--payload-monotonic", "--transactional-id", unique("perf"),
                     "--transaction-duration-ms", "10")
        self.assertEqual(
            self.consumed(topic, 3000, "--command-property", "isolation.level=read_committed"),
            3000)

    def test_metrics_are_printed(self):
        done = self.produce(self.new_topic(), 10, "--record-size", "10", "--print-metrics")
        self.assertRegex(done, r"producer-metrics:record-send-total:\{client-id=.*\} *: 10\.0")


class EndToEndLatencyTest(ToolTest):
    tool = "org.apache.kafka.tools.EndToEndLatency"

    def test_each_record_is_seen_when_it_is_acknowledged(self):
        done = self.run_well("--topic", self.new_topic(), "--num-records", "20",
                             "--producer-acks", "all", "--record-size", "10", "--record-key-size",
                             "5", "--num-headers", "2")
        self.assertTrue(re.search(r"Avg latency: \d+\.\d+ ms", done), done)
