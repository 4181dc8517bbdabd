"""Helpers around confluent-kafka, and, as a program, the exactly-once scenarios' application."""

import functools
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from common import (BOOTSTRAP, DEADLINE_S, RECORD_COUNT, Job, numbered, unique, wait_for_proceed,
                    wait_until)

OFFSET_NONE = -1001


@functools.cache  # Its calls end with it, so it has to outlive them.
def admin():
    return AdminClient({"bootstrap.servers": BOOTSTRAP, "log_level": 2})


def create_topic(topic, partitions=1, config=None):
    new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config or {})
    admin().create_topics([new])[topic].result(DEADLINE_S)


class RecordingProducer(Producer):
    """A producer that remembers what was acknowledged and what was not."""

    def __init__(self, **settings):
        config = {"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True, "linger.ms": 2,
                  "log_level": 2}
        config.update({name.replace("_", "."): value for name, value in settings.items()})
        super().__init__(config)
        self.delivered, self.failures = [], []

    def _on_delivery(self, error, message):
        if error is None:
            self.delivered.append((message.partition(), message.offset()))
        else:
            self.failures.append(error.name())

    def write(self, topic, values, partition=0, **rest):
        for value in values:
            self.produce(topic, value, partition=partition, on_delivery=self._on_delivery, **rest)
        assert self.flush(DEADLINE_S) == 0

    def write_in_transaction(self, topic, values):
        self.begin_transaction()
        self.write(topic, values)
        assert self.failures == []


def transactional(transactional_id, timeout_ms=60_000):
    producer = RecordingProducer(
        transactional_id=transactional_id, transaction_timeout_ms=timeout_ms)
    producer.init_transactions(DEADLINE_S)
    return producer


def consumer(**settings):
    config = {"bootstrap.servers": BOOTSTRAP, "group.id": unique("reader"),
              "auto.offset.reset": "earliest", "enable.auto.commit": False,
              "fetch.wait.max.ms": 50, "log_level": 2, "check.crcs": True,
              "enable.partition.eof": True}
    config.update({name.replace("_", "."): value for name, value in settings.items()})
    return Consumer(config)


_readers = {}


def read_partition(topic, isolation_level, partition=0):
    """All messages that an isolation level shows of a partition, from beginning to end."""
    # A consumer needs half a second to find its coordinator, so one serves all reads.
    reader = _readers.setdefault(isolation_level, None)
    if reader is None:
        reader = _readers[isolation_level] = consumer(isolation_level=isolation_level)
    reader.list_topics(topic, DEADLINE_S)
    reader.assign([TopicPartition(topic, partition, 0)])
    messages = []

    def at_end():
        message = reader.poll(0.1)
        if message is None:
            return False
        if message.error() is None:
            messages.append(message)
            return False
        return message.error().code() == KafkaError._PARTITION_EOF

    wait_until("the end of the partition is reached", at_end)
    reader.unassign()
    return messages


def values_of(topic, isolation_level, partition=0):
    return [m.value().decode() for m in read_partition(topic, isolation_level, partition)]


def committed(group, topic):
    """The group's committed offset of partition 0; OFFSET_NONE if it has none."""
    reader = consumer(group_id=group)
    try:
        return reader.committed([TopicPartition(topic, 0)], DEADLINE_S)[0].offset
    finally:
        reader.close()


class Group:
    """Members of one group that are polled together, so that all take part in a rebalance."""

    def __init__(self, topic, **settings):
        self.topic, self.members, self.values = topic, [], []
        self.settings = {"group_id": unique("group"), **settings}

    def join(self, **own):
        settings = {**self.settings, **own}
        if settings.get("group_protocol") != "consumer":
            # Which the broker tells the members of consumer groups.
            settings.setdefault("heartbeat_interval_ms", 300)
        member = consumer(**settings)
        member.subscribe([self.topic])
        self.members.append(member)

    def leave(self):
        self.members.pop(0).close()

    def close(self):
        while self.members:
            self.leave()

    def poll(self):
        for member in self.members:
            while (message := member.poll(0.02)) is not None:
                if message.error() is None:
                    self.values.append(message.value().decode())

    def commit(self):
        for member in self.members:
            member.commit(offsets=member.position(member.assignment()), asynchronous=False)

    def wait_for_shares(self, *sizes):
        def settled():
            self.poll()
            shares = [[p.partition for p in m.assignment()] for m in self.members]
            return (sorted(map(len, shares)) == list(sizes)
                    and len(set(sum(shares, []))) == sum(sizes))
        wait_until(f"the group has settled in shares of {sizes}", settled)

    def wait_for_values(self, count):
        def complete():
            self.poll()
            return len(self.values) >= count
        wait_until(f"{count} records are read", complete)


def check_three_members(group):
    """They share six partitions, and the others take over what one of them leaves."""
    producer = RecordingProducer()
    for _ in range(3):
        group.join()
    group.wait_for_shares(2, 2, 2)
    for partition in range(6):
        producer.write(group.topic, numbered(f"before {partition} ", 10), partition)
    group.wait_for_values(60)
    group.commit()
    group.leave()
    group.wait_for_shares(3, 3)
    for partition in range(6):
        producer.write(group.topic, numbered(f"after {partition} ", 10), partition)
    group.wait_for_values(120)
    group.close()
    for partition in range(6):
        mine = [v for v in group.values if v.split()[1] == str(partition)]
        assert mine == numbered(f"before {partition} ", 10) + numbered(f"after {partition} ", 10)


def error_of(call, *arguments):
    """The KafkaError that the call raises; None if it raises none."""
    try:
        call(*arguments)
    except KafkaException as exception:
        return exception.args[0]
    return None


def copy_in_transaction(job, before_commit=lambda: None):
    """Copies RECORD_COUNT records in one transaction; returns the error of its commit."""
    source = consumer(group_id=job.group, isolation_level="read_committed")
    producer = transactional(job.transactional_id)
    source.assign([TopicPartition(job.source, 0)])
    producer.begin_transaction()
    copied = 0
    while copied < RECORD_COUNT:
        message = source.poll(0.1)
        if message is None or message.error() is not None:
            continue
        producer.produce(job.target, b"copy of " + message.value(), partition=0)
        copied += 1
    producer.flush(DEADLINE_S)
    producer.send_offsets_to_transaction(
        source.position([TopicPartition(job.source, 0)]), source.consumer_group_metadata(),
        DEADLINE_S)
    before_commit()
    error = error_of(producer.commit_transaction, DEADLINE_S)
    source.close()
    return error


if __name__ == "__main__":
    outcome = copy_in_transaction(Job(*sys.argv[1:]), wait_for_proceed)
    print("committed" if outcome is None else outcome.name(), flush=True)
