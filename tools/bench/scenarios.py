"""The table of what is measured, in groups: for each of them a broker starts anew."""
import json
import time

import clients
import curves
import peers
import starting
from scenario import GB, Context, Group, Scenario

# Batches of 16 KB, as the Java client fills them.
BATCH_RECORDS = {1024: 15, 100: 140}


def produce(mode, value_bytes=1024, partitions=1, **options):
    def run(context):
        load = {"topic": context.topic(), "partitions": partitions, "value_bytes": value_bytes}
        # The first record of each partition, for which files are made, is not counted.
        context.load("produce", mode="idempotent", batch_records=1, records=partitions, **load)
        size = context.size(GB, GB // 5) if value_bytes > 100 else context.size(GB // 3, GB // 15)
        figures = context.load("produce", mode=mode, batch_records=BATCH_RECORDS[value_bytes],
                               records=size // value_bytes, seconds_max=20, **load, **options)
        context.drop(load["topic"])
        return figures
    return run


def warm_up_produce(context):
    for mode in ("acks-0", "acks-all", "idempotent", "transactions"):
        if mode != "transactions" or not context.peer.is_null:
            topic = context.topic()
            context.load("produce", mode=mode, topic=topic, records=10 ** 6,
                         seconds_max=context.size(2, 1))
            context.drop(topic)


MODES = {
    "acks-0": ("acks=0", {"mode": "acks-0"}),
    "acks-all": ("acks=all", {"mode": "acks-all"}),
    "idempotent": ("idempotent", {"mode": "idempotent"}),
    "transactions-100-ms": ("transactions of 100 ms", {"mode": "transactions"}),
    "transactions-1000": ("transactions of 1,000 records",
                          {"mode": "transactions", "transaction_ms": 60_000,
                           "transaction_records": 1000}),
}


def produce_scenarios():
    for value_bytes, value in ((1024, "1 KiB"), (100, "100 B")):
        for name, (title, options) in MODES.items():
            yield Scenario(f"produce-{value_bytes}-1-{name}", f"{value}, 1 partition, {title}",
                           produce(value_bytes=value_bytes, **options),
                           knows_null=options["mode"] != "transactions")
    for partitions in (12, 100):
        for name in ("idempotent", "transactions-100-ms"):
            title, options = MODES[name]
            yield Scenario(f"produce-1024-{partitions}-{name}",
                           f"1 KiB, {partitions} partitions, {title}",
                           produce(partitions=partitions, **options),
                           knows_null=name == "idempotent")
    for codec in ("lz4", "zstd"):
        yield Scenario(f"produce-1024-1-{codec}", f"1 KiB, 1 partition, idempotent, {codec}",
                       produce("idempotent", compression=codec), knows_null=True)


class Fetch:
    """Fills a topic and reads it over and over; its log is in the page cache."""

    def __init__(self, value_bytes=1024, partitions=1, committed=False):
        self.fill = {"mode": "acks-all", "partitions": partitions, "value_bytes": value_bytes,
                     "batch_records": BATCH_RECORDS[value_bytes]}
        self.read = {"partitions": partitions,
                     "partition_bytes_max": max(1 << 16, (1 << 20) // partitions)}
        if committed:
            self.fill |= {"mode": "transactions", "transaction_ms": 60_000,
                          "transaction_records": 1000, "abort_every": 10}
            self.read["read_committed"] = True

    def _fill(self, context):
        topic = context.topic()
        size = context.size(GB // 2, GB // 5)
        context.load("produce", topic=topic, records=size // self.fill["value_bytes"], **self.fill)
        return topic

    def __call__(self, context):
        gigabytes = context.size(2, 0.5)
        if context.peer.is_null:
            return context.load("fetch", gigabytes=gigabytes)
        topic = self._fill(context)
        figures = context.load("fetch", topic=topic, gigabytes=gigabytes, seconds_max=20,
                               **self.read)
        context.drop(topic)
        return figures

    def answers(self, context):
        """Those of einmal, for the null broker."""
        einmal, file = peers.ALL["einmal"], context.directory / "answers"
        with peers.serving(einmal, context.directory) as running:
            source = Context(einmal, context.directory, context.quick, running)
            source.load("fetch", topic=self._fill(source), gigabytes=0.01, save=file, **self.read)
        return file


def fetch_scenario(name, title, **options):
    fetch = Fetch(**options)
    return Scenario(name, title, fetch, knows_null=True, answers=fetch.answers)


def follow(context):
    topic = context.topic()
    records = context.size(GB // 2, GB // 5) // 1024
    with context.beside("fetch", topic=topic, follow_records=records, seconds_max=60) as reader:
        context.load("produce", topic=topic, mode="idempotent", records=records)
        figures = json.loads(reader.stdout.readline())
    context.drop(topic)
    return figures


FETCH = [
    fetch_scenario("fetch-1024-1", "1 KiB, 1 partition, warm"),
    fetch_scenario("fetch-1024-12", "1 KiB, 12 partitions, warm", partitions=12),
    fetch_scenario("fetch-1024-100", "1 KiB, 100 partitions, warm", partitions=100),
    fetch_scenario("fetch-100-1", "100 B, 1 partition, warm", value_bytes=100),
    fetch_scenario("fetch-committed", "1 KiB, 1 partition, warm, read_committed", committed=True),
    Scenario("fetch-tail", "1 KiB, 1 partition, the tail", follow),
]


def transactions(**options):
    def run(context):
        topic = context.topic()
        figures = context.load("transactions", topic=topic, seconds=context.size(4, 1.5), **options)
        context.drop(topic)
        return figures
    return run


def transaction_scenarios():
    for version, title, options in ((2, "TV2", {}), (1, "TV1", {"first_version": True})):
        for producers in (1, 16, 100):
            yield Scenario(f"transactions-tv{version}-{producers}",
                           f"{title}, {producers} producer{'s' * (producers > 1)}",
                           transactions(producers=producers, partitions=min(producers, 16),
                                        **options))
    for producers in (1, 16):
        yield Scenario(f"transactions-consume-{producers}",
                       f"consume, produce, commit offsets, TV2, {producers} at a time",
                       transactions(producers=producers, partitions=producers, consume=True))


def latency(rate):
    def run(context):
        topic = context.topic()
        figures = context.load("latency", topic=topic, rate=rate, seconds=context.size(10, 2))
        context.drop(topic)
        return figures
    return run


def small(command, **options):
    def run(context):
        topic = context.topic()
        figures = context.load(command, topic=topic, **options)
        context.drop(topic)
        return figures
    return run


def small_scenarios():
    yield Scenario("many-connections", "100 connections, one record of 100 B each",
                   lambda context: small("requests", requests=context.size(100_000, 20_000))(
                       context), knows_null=True)
    yield Scenario("many-producer-ids", "100,000 producer ids on one partition",
                   lambda context: small("producer-ids", producers=100_000,
                                         requests=context.size(100_000, 20_000))(context))
    yield Scenario("many-groups", "1,000 groups of one member",
                   lambda context: small("groups", groups=1000,
                                         commits=context.size(50_000, 10_000))(context))


REFUSED = [
    Scenario(f"refused-{kind}", title, small("refused", kind=kind, requests=30_000))
    for kind, title in (("accepted", "accepted"), ("duplicate", "sent again"),
                        ("out-of-order", "out of order"), ("fenced", "of a fenced producer"))]


def idle_connections(connections):
    def run(context):
        with context.beside("hold", connections=connections) as holder:
            figures = json.loads(holder.stdout.readline())
        return {**figures, "rss_growth_mib": figures["rss_mib"] - figures["rss_before_mib"]}
    return run


def idle(context):
    time.sleep(context.size(3, 1))
    before = context.running.cpu_s()
    seconds = context.size(5, 2)
    time.sleep(seconds)
    return {"rss_mib": context.running.memory_mib(),
            "idle_cpu_ms_per_s": (context.running.cpu_s() - before) * 1000 / seconds}


MEMORY = [
    Scenario("memory-idle", "idle, on an empty directory", idle),
    Scenario("memory-connections-1000", "1,000 idle connections", idle_connections(1000)),
    Scenario("memory-connections-10000", "10,000 idle connections", idle_connections(10_000)),
    Scenario("memory-topics-1000", "1,000 topics with 10 partitions each",
             lambda context: context.load("topics", topics=1000)),
]

GROUPS = [
    Group("start", "Cold start",
          "From exec on an empty directory; each time a new process. Apache Kafka's directory has "
          "been formatted before.",
          [Scenario("cold-start", "cold start", starting.cold_start)],
          ["api_versions_ms", "first_record_ms", "first_commit_ms"], starts_brokers=True),
    Group("memory", "Memory and idling",
          "Resident memory of the process, one step after the other on the same broker.",
          MEMORY, ["rss_mib", "rss_growth_mib", "idle_cpu_ms_per_s"]),
    Group("produce", "Produce",
          "One connection sends prepared frames with batches of 16 KB, five of them unanswered "
          "at a time; a GB is one of values. Memory is what the broker holds after the load.",
          list(produce_scenarios()), ["cpu_s_per_gb", "mb_per_s", "rss_mib"],
          warm_up=warm_up_produce),
    Group("fetch", "Fetch",
          "One connection sends prepared frames, one at a time, and lets the kernel drop the "
          "answers; a GB is one of answers. Of what is read with read_committed every tenth "
          "transaction, of 1,000 records, is aborted. The tail is read with long polls while an "
          "idempotent producer writes: what that costs is counted, too.",
          FETCH, ["cpu_s_per_gb", "mb_per_s"], warm_up=Fetch()),
    Group("transactions", "Small transactions",
          "Producers that each write one record of 100 B in a transaction, commit it, and begin "
          "the next. TV2 is KIP-890's kind; with TV1 AddPartitionsToTxn comes first.",
          list(transaction_scenarios()),
          ["transactions_per_s", "cpu_us_per_transaction", "commit_p50_ms", "commit_p99_ms",
           "transaction_p50_ms", "transaction_p99_ms"],
          warm_up=transactions(producers=4)),
    Group("latency", "Latency",
          "Records of 1 KiB at a fixed rate, a request each millisecond; an idempotent producer "
          "with acks=all, and a consumer that long-polls.",
          [Scenario("latency-1000", "1,000 records per second", latency(1000), knows_null=True),
           Scenario("latency-50000", "50,000 records per second", latency(50_000),
                    knows_null=True)],
          ["produce_p50_ms", "produce_p99_ms", "produce_p999_ms", "end_to_end_p50_ms",
           "end_to_end_p99_ms", "end_to_end_p999_ms"],
          warm_up=latency(20_000)),
    Group("small", "Many clients",
          "Each client waits for its answer before it sends the next request.",
          list(small_scenarios()),
          ["records_per_s", "cpu_us_per_record", "produce_p99_ms", "init_cpu_us", "join_cpu_us",
           "commits_per_s", "cpu_us_per_commit", "rss_mib"],
          warm_up=small("requests", requests=20_000, seconds_max=3)),
    Group("refused", "Batches that are not stored",
          "An idempotent producer sends batches of one record, five of them unanswered at a time.",
          REFUSED, ["cpu_us_per_record"],
          warm_up=small("refused", kind="duplicate", requests=20_000)),
    Group("restart", "Restart after SIGKILL",
          "A partition is filled, the process killed at once, and started again.",
          [Scenario("restart-1", "1 GB in one partition", starting.restart(1)),
           Scenario("restart-10", "10 GB in one partition", starting.restart(10))],
          ["restart_ms"], starts_brokers=True),
    Group("clients", "Stock clients",
          "The client works on the same cores as the broker, and more than it: what comes through "
          "tells of both.",
          clients.SCENARIOS, ["mb_per_s", "cpu_s_per_gb"], warm_up=clients.warm_up),
    *curves.GROUPS,
]
