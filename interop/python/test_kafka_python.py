"""kafka-python (pure Python) against a broker."""

import contextlib
import threading
import time

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaError, ProducerFencedError

from common import CODECS, DEADLINE_S, RECORD_COUNT, Job, Process, numbered, unique, wait_until
from kafkapython import (admin, committed, consumer, copy_in_transaction, create_topic, producer,
                         read_partition, records_of, send_offset, transactional, values_of, write,
                         write_alone)


@pytest.mark.parametrize("codec", CODECS)
def test_records_come_back_as_they_were_written(codec):
    topic = unique(codec)
    create_topic(topic)
    written, sent = [], []
    with producer(compression_type=None if codec == "none" else codec, linger_ms=50) as client:
        for i in range(200):
            key = None if i % 3 == 0 else f"key-{i}".encode()
            value = None if i % 3 == 1 else bytes([97 + i % 26]) * 200
            headers = [("number", str(i).encode()), ("twice", b"1"), ("twice", b"2"),
                       ("empty", b"")]
            written.append((i, key, value, headers, 1_700_000_000_000 + i))
            sent.append(client.send(topic, value, key, headers, partition=0,
                                    timestamp_ms=1_700_000_000_000 + i))
    assert [one.get(DEADLINE_S).offset for one in sent] == list(range(200))
    read = read_partition(topic, "read_uncommitted")
    assert [(r.offset, r.key, r.value, list(r.headers), r.timestamp) for r in read] == written


class Member(threading.Thread):
    """Polls by itself: a poll stands still while the group waits for its other members."""

    def __init__(self, topic, group, values):
        super().__init__()
        self.topic, self.group, self.values = topic, group, values
        self.share, self.leaving = set(), threading.Event()
        self.start()

    def run(self):
        with contextlib.closing(consumer(self.topic, group_id=self.group,
                                         heartbeat_interval_ms=300)) as client:
            while not self.leaving.is_set():
                # Long enough for a rebalance: one whose poll ends meanwhile gets no share.
                records = records_of(client.poll(2_000))
                self.values.extend(record.value.decode() for record in records)
                self.share = client.assignment()
                if records:
                    client.commit()

    def leave(self):
        self.leaving.set()
        self.join()


def test_three_members_share_and_take_over_what_one_leaves():
    topic, group = unique("shared"), unique("group")
    create_topic(topic, partitions=6)
    values = []

    def wait_for_shares(*sizes):
        def settled():
            time.sleep(0.01)
            shares = [member.share for member in members]
            return sorted(map(len, shares)) == list(sizes) and len(set().union(*shares)) == 6
        wait_until(f"the group has settled in shares of {sizes}", settled)

    def write_and_read(prefix, total):
        with producer() as client:
            for partition in range(6):
                write(client, topic, numbered(f"{prefix} {partition} ", 10), partition)

        def complete():
            time.sleep(0.01)
            return len(values) >= total
        wait_until(f"{total} records are read", complete)

    members = [Member(topic, group, values) for _ in range(3)]
    try:
        wait_for_shares(2, 2, 2)
        write_and_read("before", 60)
        members.pop(0).leave()
        wait_for_shares(3, 3)
        write_and_read("after", 120)
    finally:
        for member in members:
            member.leave()
    for partition in range(6):
        mine = [value for value in values if value.split()[1] == str(partition)]
        assert mine == numbered(f"before {partition} ", 10) + numbered(f"after {partition} ", 10)


def test_commit_and_abort_are_seen_from_both_isolation_levels():
    topic = unique("isolation")
    create_topic(topic)
    with transactional(unique("id")) as client:
        client.begin_transaction()
        write(client, topic, numbered("kept ", 5))
        client.commit_transaction()
        client.begin_transaction()
        write(client, topic, numbered("dropped ", 5))
        assert values_of(topic, "read_committed") == numbered("kept ", 5)
        client.abort_transaction()
        client.begin_transaction()
        write(client, topic, numbered("kept too ", 5))
        client.commit_transaction()
    assert values_of(topic, "read_committed") == numbered("kept ", 5) + numbered("kept too ", 5)
    assert values_of(topic, "read_uncommitted") == (
        numbered("kept ", 5) + numbered("dropped ", 5) + numbered("kept too ", 5))


def test_offsets_in_a_transaction_are_the_groups_after_its_commit_only():
    topic, group = unique("source"), unique("group")
    create_topic(topic)
    with transactional(unique("id")) as client:
        client.begin_transaction()
        send_offset(client, group, topic, 5)
        client.abort_transaction()
        assert committed(group, topic) is None
        client.begin_transaction()
        send_offset(client, group, topic, 7)
        client.commit_transaction()
        assert committed(group, topic) == 7


def test_a_zombie_producer_is_fenced():
    topic, transactional_id = unique("fenced"), unique("id")
    create_topic(topic)
    with transactional(transactional_id) as zombie:
        zombie.begin_transaction()
        write(zombie, topic, numbered("zombie ", 3))
        with transactional(transactional_id) as successor:
            successor.begin_transaction()
            write(successor, topic, numbered("successor ", 3))
            with pytest.raises(ProducerFencedError):
                zombie.commit_transaction()
            successor.commit_transaction()
    assert values_of(topic, "read_committed") == numbered("successor ", 3)


def test_a_transaction_that_takes_too_long_is_aborted():
    topic = unique("slow")
    create_topic(topic)
    with transactional(unique("id"), timeout_ms=1000) as slow:
        slow.begin_transaction()
        write(slow, topic, numbered("slow ", 3))
        write_alone(topic, ["plain"])
        wait_until("the broker has aborted it",
                   lambda: values_of(topic, "read_committed") == ["plain"])
        with pytest.raises(KafkaError):
            slow.commit_transaction()
    assert values_of(topic, "read_committed") == ["plain"]


def prepare():
    job = Job()
    create_topic(job.source)
    create_topic(job.target)
    write_alone(job.source, numbered("", RECORD_COUNT))
    return job


def check_copied_once(job):
    assert values_of(job.target, "read_committed") == numbered("copy of ", RECORD_COUNT)
    assert committed(job.group, job.source) == RECORD_COUNT


def test_a_transaction_that_fails_does_not_advance_the_groups_offsets():
    job = prepare()
    with transactional(job.transactional_id) as client:
        client.begin_transaction()
        write(client, job.target, numbered("copy of ", RECORD_COUNT))
        send_offset(client, job.group, job.source, RECORD_COUNT)
        client.abort_transaction()
    assert committed(job.group, job.source) is None
    assert values_of(job.target, "read_committed") == []
    assert copy_in_transaction(job) is None
    check_copied_once(job)


def test_an_application_crashes_mid_transaction_and_restarts_with_its_transactional_id():
    job = prepare()
    with Process("kafkapython.py", job) as first:
        assert first.read_line() == "ready"
        first.kill()
    assert values_of(job.target, "read_committed") == []
    with Process("kafkapython.py", job) as second:
        assert second.read_line() == "ready"
        second.proceed()
        assert second.read_line() == "committed"
    check_copied_once(job)
    assert len(values_of(job.target, "read_uncommitted")) == 2 * RECORD_COUNT


def test_a_zombie_application_wakes_after_its_successor_has_taken_over():
    job = prepare()
    with Process("kafkapython.py", job) as zombie:
        assert zombie.read_line() == "ready"
        zombie.suspend()
        assert copy_in_transaction(job) is None
        check_copied_once(job)
        zombie.wake()
        zombie.proceed()
        assert zombie.read_line() == "ProducerFencedError"
    check_copied_once(job)


def test_admin_describes_and_deletes():
    topic, transactional_id = unique("administered"), unique("id")
    create_topic(topic, partitions=2, configs={"retention.ms": "12345"})
    write_alone(topic, numbered("", 10))
    place = TopicPartition(topic, 0)
    with admin() as client:
        described = client.describe_topics([topic])
        assert [len(one["partitions"]) for one in described] == [2]
        assert len(client.describe_cluster()["brokers"]) == 1
        with transactional(transactional_id) as open_one:
            open_one.begin_transaction()
            write(open_one, topic, ["open"], partition=1)
            described = client.describe_transactions([transactional_id])[transactional_id]
            assert described.state.value == "Ongoing"
            open_one.abort_transaction()
        client.delete_records({place: 6})
        with contextlib.closing(consumer()) as reader:
            assert reader.beginning_offsets([place]) == {place: 6}
            assert reader.end_offsets([place]) == {place: 10}
        client.delete_topics([topic])
        assert topic not in client.list_topics()
