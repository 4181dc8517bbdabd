"""Helpers around kafka-python, and, as a program, the exactly-once scenarios' application."""

import contextlib
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from common import BOOTSTRAP, DEADLINE_S, RECORD_COUNT, Job, wait_for_proceed, wait_until


@contextlib.contextmanager
def admin():
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=BOOTSTRAP)) as client:
        yield client


def create_topic(topic, partitions=1, configs=None):
    with admin() as client:
        client.create_topics({topic: {"num_partitions": partitions, "replication_factor": 1,
                                      "configs": configs or {}}})


@contextlib.contextmanager
def producer(**settings):
    client = KafkaProducer(bootstrap_servers=BOOTSTRAP, **settings)
    try:
        yield client
    finally:
        client.close(timeout=DEADLINE_S)


@contextlib.contextmanager
def transactional(transactional_id, timeout_ms=60_000):
    with producer(transactional_id=transactional_id, transaction_timeout_ms=timeout_ms) as client:
        client.init_transactions()
        yield client


def consumer(*topics, **settings):
    return KafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, **{
        "auto_offset_reset": "earliest", "enable_auto_commit": False, "fetch_max_wait_ms": 50,
        **settings})


def write(client, topic, values, partition=0):
    sent = [client.send(topic, value.encode(), partition=partition) for value in values]
    return [record.get(DEADLINE_S) for record in sent]


def write_alone(topic, values, partition=0):
    with producer() as client:
        write(client, topic, values, partition)


def records_of(batches):
    return [record for batch in batches.values() for record in batch]


def read_partition(topic, isolation_level, partition=0):
    """All records that an isolation level shows of a partition, from beginning to end."""
    place = TopicPartition(topic, partition)
    records = []
    with contextlib.closing(consumer(isolation_level=isolation_level)) as reader:
        reader.assign([place])
        reader.seek_to_beginning(place)
        end = reader.end_offsets([place])[place]  # As the isolation level sees it.

        def at_end():
            records.extend(records_of(reader.poll(100)))
            return reader.position(place) >= end

        wait_until("the end of the partition is reached", at_end)
    return records


def values_of(topic, isolation_level, partition=0):
    return [record.value.decode() for record in read_partition(topic, isolation_level, partition)]


def committed(group, topic):
    """The group's committed offset of partition 0; None if it has none."""
    with contextlib.closing(consumer(group_id=group)) as reader:
        return reader.committed(TopicPartition(topic, 0))


def send_offset(client, group_metadata, topic, offset):
    client.send_offsets_to_transaction(
        {TopicPartition(topic, 0): OffsetAndMetadata(offset, "", -1)}, group_metadata)


def copy_in_transaction(job, before_commit=lambda: None):
    """Copies RECORD_COUNT records in one transaction; returns the exception of its commit."""
    source = consumer(group_id=job.group, isolation_level="read_committed")
    with contextlib.closing(source), transactional(job.transactional_id) as target:
        source.assign([TopicPartition(job.source, 0)])
        target.begin_transaction()
        records = []

        def all_read():
            records.extend(records_of(source.poll(100, max_records=RECORD_COUNT - len(records))))
            return len(records) == RECORD_COUNT

        wait_until("the input is read", all_read)
        for record in records:
            target.send(job.target, b"copy of " + record.value, partition=0)
        target.flush(DEADLINE_S)
        send_offset(target, source.group_metadata(), job.source, records[-1].offset + 1)
        before_commit()
        try:
            target.commit_transaction()
        except KafkaError as exception:  # The test tells which one it wants.
            return exception
        return None


if __name__ == "__main__":
    outcome = copy_in_transaction(Job(*sys.argv[1:]), wait_for_proceed)
    print("committed" if outcome is None else type(outcome).__name__, flush=True)
