"""What stock clients get through: librdkafka by a program of ours, and Kafka's own measuring
tools, which no one here wrote."""
import re
import subprocess

import kafka_wire
import peers
from scenario import GB, Scenario

CLIENT_LOAD = peers.BUILD / "tools/bench/client/client_load"


def make_topic(context):
    """Not every peer makes one that a client asks for."""
    topic = context.topic()
    with kafka_wire.Client(context.running.port, peers.PATIENCE_S) as client:
        client.ask(kafka_wire.create_topic(topic.encode(), 1))
    return topic


def librdkafka(mode):
    def run(context):
        topic = make_topic(context)
        before = context.running.cpu_s()
        done = subprocess.run([CLIENT_LOAD, context.running.address, mode, topic,
                               str(context.size(6, 3))],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=peers.PATIENCE_S)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        seconds, records, value_bytes = map(float, done.stdout.split())
        gigabytes = records * value_bytes / GB
        context.drop(topic)
        return {"mb_per_s": gigabytes * 1000 / seconds,
                "cpu_s_per_gb": (context.running.cpu_s() - before) / gigabytes}
    return run


def perf_tool(context, tool, *arguments):
    """The MB/s that the tool prints last, of 2^20 bytes there."""
    command = ["java", "-Xmx512m", "-cp", peers.shell("kafka_tools_classpath"),
               f"org.apache.kafka.tools.{tool}", "--bootstrap-server", context.running.address,
               *map(str, arguments)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True,
                             timeout=peers.PATIENCE_S).stdout
    if tool == "ProducerPerformance":
        return float(re.findall(r"\(([\d.]+) MB/sec\)", printed)[-1]) * 2 ** 20 / 10 ** 6
    return float(printed.strip().splitlines()[-1].split(",")[3]) * 2 ** 20 / 10 ** 6


def measured(context, gigabytes, run):
    before = context.running.cpu_s()
    return {"mb_per_s": run(), "cpu_s_per_gb": (context.running.cpu_s() - before) / gigabytes}


def producer_perf(*arguments):
    def run(context):
        topic = make_topic(context)
        records = context.size(GB, GB // 5) // 1024
        figures = measured(context, records * 1024 / GB, lambda: perf_tool(
            context, "ProducerPerformance", "--topic", topic, "--num-records", records,
            "--record-size", 1024, "--throughput", -1, *arguments))
        context.drop(topic)
        return figures
    return run


def consumer_perf(context):
    topic = context.topic()
    records = context.size(GB, GB // 5) // 1024
    context.load("produce", topic=topic, records=records)
    figures = measured(context, records * 1024 / GB, lambda: perf_tool(
        context, "ConsumerPerformance", "--topic", topic, "--num-records", records))
    context.drop(topic)
    return figures


def warm_up(context):
    librdkafka("at-most-once")(context)


SCENARIOS = [
    Scenario("librdkafka-at-most-once", "librdkafka, at most once", librdkafka("at-most-once")),
    Scenario("librdkafka-exactly-once", "librdkafka, exactly once, transactions of 100 ms",
             librdkafka("exactly-once")),
    Scenario("producer-perf-acks-0", "kafka-producer-perf-test, acks=0",
             producer_perf("--command-property", "acks=0", "enable.idempotence=false")),
    Scenario("producer-perf-transactions", "kafka-producer-perf-test, transactions of 100 ms",
             producer_perf("--transactional-id", "perf", "--transaction-duration-ms", 100)),
    Scenario("consumer-perf", "kafka-consumer-perf-test", consumer_perf),
]
