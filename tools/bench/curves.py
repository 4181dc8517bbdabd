"""What a record costs the broker as something else grows that it does not belong to."""
import json

import peers
import sparse_log
import starting
from scenario import GB, Context, Group, Scenario

STEPS = (1, 10, 100, 1000, 10_000)
RECORDS = 50_000


def per_record(context, **options):
    """Records of 100 B, one in a request, by ten clients."""
    return context.load("requests", requests=context.size(RECORDS, RECORDS // 5), seconds_max=20,
                        **{"connections": 10, **options})


def partitions(count):
    def run(context):
        topic = context.topic()
        load = {"topic": topic, "mode": "idempotent", "partitions": count, "value_bytes": 100,
                "batch_records": 1, "seconds_max": 20}
        # The first record of each partition, for which files are made, is not counted.
        context.load("produce", records=count, **load)
        figures = context.load("produce", records=context.size(RECORDS, RECORDS // 5), **load)
        context.drop(topic)
        return figures
    return run


def watched_partitions(count):
    def run(context):
        topic = context.topic()
        figures = context.load("sessions", topic=topic, partitions=count,
                               requests=context.size(RECORDS, RECORDS // 5))
        context.drop(topic)
        return figures
    return run


def producer_ids(count):
    def run(context):
        topic = context.topic()
        figures = context.load("producer-ids", topic=topic, producers=count, seconds_max=20,
                               requests=context.size(RECORDS, RECORDS // 5))
        context.drop(topic)
        return figures
    return run


def connections(count):
    def run(context):
        topic = context.topic()
        figures = per_record(context, topic=topic, connections=count)
        context.drop(topic)
        return figures
    return run


def idle_connections(count):
    def run(context):
        topic = context.topic()
        with context.beside("hold", connections=count) as holder:
            holder.stdout.readline()
            figures = per_record(context, topic=topic)
        context.drop(topic)
        return figures
    return run


def open_transactions(count):
    def run(context):
        topic = context.topic()
        with context.beside("hold", transactions=count, topic=topic, seconds_max=60) as holder:
            if json.loads(holder.stdout.readline())["open_transactions"] < count:
                raise RuntimeError("not opened within a minute")
            figures = per_record(context, topic=topic)
        context.drop(topic)
        return figures
    return run


def log_size(gigabytes):
    """The log is mostly holes: what matters is how large it looks."""
    def run(context):
        peer, directory, topic = context.peer, context.directory, context.topic()
        if not peer.has_kafka_files:
            raise RuntimeError("its files are not Kafka's")
        peer.prepare(directory)
        with peers.serving(peer, directory) as running:
            Context(peer, directory, context.quick, running).load(
                "requests", topic=topic, connections=1, requests=1)
            running.end()
        end_offset = sparse_log.grow(directory / "data" / f"{topic}-0", int(gigabytes * GB))
        with peers.serving(peer, directory) as running:
            if starting.latest_offset(running, topic.encode()) != end_offset:
                raise RuntimeError("it does not take the log for what it is")
            started = Context(peer, directory, context.quick, running)
            warm_up(started)
            return per_record(started, topic=topic)
    return run


def _curve(name, axis, about, steps, step, **options):
    return Group(name, f"Cost per record over {axis}", about,
                 [Scenario(f"{name}-{count}", f"{count:,}", step(count)) for count in steps],
                 ["cpu_us_per_record"], warm_up=warm_up, axis=axis, **options)


def warm_up(context):
    topic = context.topic()
    context.load("requests", topic=topic, connections=10, requests=10 ** 6,
                 seconds_max=context.size(6, 3))
    context.drop(topic)


GROUPS = [
    _curve("partitions", "partitions",
           "An idempotent producer writes one record at a time, to each partition in turn, after "
           "it has written one before.",
           STEPS, partitions),
    _curve("watched-partitions", "partitions of a fetch session",
           "One partition at a time gets a record, which a consumer of them all fetches.",
           STEPS, watched_partitions),
    _curve("producer-ids", "producer ids on one partition",
           "Each producer id writes one record in turn, after it has written one before.",
           (*STEPS, 100_000), producer_ids),
    _curve("connections", "connections", "Each writes one record and waits for the answer.",
           STEPS, connections),
    _curve("idle-connections", "idle connections", "Ten others write one record at a time.",
           STEPS, idle_connections),
    _curve("open-transactions", "open transactions on the partition",
           "Ten clients without a transaction write one record at a time.",
           STEPS, open_transactions),
    _curve("log-size", "GB in the partition",
           "Ten clients write one record at a time behind segments of 1 GB that are there, but for "
           "a batch's header each mostly holes; on a broker of its own.",
           (0.1, 1, 10, 50), log_size, starts_brokers=True),
]
