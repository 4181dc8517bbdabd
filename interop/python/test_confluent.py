"""confluent-kafka (librdkafka) against a broker."""

import pytest
from confluent_kafka import TopicPartition

from common import (CODECS, DEADLINE_S, RECORD_COUNT, Job, Process, numbered, unique, wait_until)
from confluent import (OFFSET_NONE, Group, RecordingProducer, check_three_members, committed,
                       consumer, copy_in_transaction, create_topic, error_of, read_partition,
                       transactional, values_of)


@pytest.mark.parametrize("codec", CODECS)
def test_records_come_back_as_they_were_written(codec):
    topic = unique(codec)
    create_topic(topic)
    producer = RecordingProducer(compression_type=codec, linger_ms=50)
    written = []
    for i in range(200):
        key = None if i % 3 == 0 else f"key-{i}".encode()
        value = None if i % 7 == 0 else bytes([97 + i % 26]) * 200
        headers = [("number", str(i).encode()), ("twice", b"1"), ("twice", b"2"),
                   ("null", None), ("empty", b"")]
        written.append((key, value, headers, 1_700_000_000_000 + i))
        producer.produce(topic, value, key, partition=0, headers=headers,
                         timestamp=1_700_000_000_000 + i)
    assert producer.flush(DEADLINE_S) == 0
    read = read_partition(topic, "read_uncommitted")
    assert [(m.key(), m.value(), m.headers(), m.timestamp()[1]) for m in read] == written
    assert [m.offset() for m in read] == list(range(200))


@pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
def test_three_members_share_and_take_over_what_one_leaves(assignor):
    topic = unique("shared")
    create_topic(topic, partitions=6)
    check_three_members(Group(topic, partition_assignment_strategy=assignor))


def test_commit_and_abort_are_seen_from_both_isolation_levels():
    topic = unique("isolation")
    create_topic(topic)
    producer = transactional(unique("id"))
    producer.write_in_transaction(topic, numbered("kept ", 5))
    producer.commit_transaction()
    producer.write_in_transaction(topic, numbered("dropped ", 5))
    assert values_of(topic, "read_committed") == numbered("kept ", 5)
    producer.abort_transaction()
    producer.write_in_transaction(topic, numbered("kept too ", 5))
    producer.commit_transaction()
    assert values_of(topic, "read_committed") == numbered("kept ", 5) + numbered("kept too ", 5)
    assert values_of(topic, "read_uncommitted") == (
        numbered("kept ", 5) + numbered("dropped ", 5) + numbered("kept too ", 5))


def test_offsets_in_a_transaction_are_the_groups_after_its_commit_only():
    topic = unique("source")
    create_topic(topic)
    member = consumer(group_id=unique("group"))
    producer = transactional(unique("id"))
    group = member.consumer_group_metadata()
    for offset, end in [(5, producer.abort_transaction), (7, producer.commit_transaction)]:
        producer.begin_transaction()
        producer.send_offsets_to_transaction([TopicPartition(topic, 0, offset)], group, DEADLINE_S)
        end()
        found = member.committed([TopicPartition(topic, 0)], DEADLINE_S)[0].offset
        assert found == (OFFSET_NONE if offset == 5 else 7)
    member.close()


def test_a_zombie_producer_is_fenced():
    topic = unique("fenced")
    transactional_id = unique("id")
    create_topic(topic)
    zombie = transactional(transactional_id)
    zombie.write_in_transaction(topic, numbered("zombie ", 3))
    successor = transactional(transactional_id)
    successor.write_in_transaction(topic, numbered("successor ", 3))
    error = error_of(zombie.commit_transaction)
    assert (error.name(), error.fatal()) == ("_FENCED", True)
    successor.commit_transaction()
    assert values_of(topic, "read_committed") == numbered("successor ", 3)
    assert values_of(topic, "read_uncommitted") == (
        numbered("zombie ", 3) + numbered("successor ", 3))


def test_a_transaction_that_takes_too_long_is_aborted():
    topic = unique("slow")
    create_topic(topic)
    slow = transactional(unique("id"), timeout_ms=1500)
    slow.write_in_transaction(topic, numbered("slow ", 3))
    RecordingProducer().write(topic, ["plain"])
    wait_until("the broker has aborted it", lambda: values_of(topic, "read_committed") == ["plain"])
    assert error_of(slow.commit_transaction) is not None
    assert values_of(topic, "read_committed") == ["plain"]


def prepare():
    job = Job()
    create_topic(job.source)
    create_topic(job.target)
    RecordingProducer().write(job.source, numbered("", RECORD_COUNT))
    return job


def check_copied_once(job):
    assert values_of(job.target, "read_committed") == numbered("copy of ", RECORD_COUNT)
    assert committed(job.group, job.source) == RECORD_COUNT


def test_a_transaction_that_fails_does_not_advance_the_groups_offsets():
    job = prepare()
    member = consumer(group_id=job.group)
    producer = transactional(job.transactional_id)
    producer.write_in_transaction(job.target, numbered("copy of ", RECORD_COUNT))
    producer.send_offsets_to_transaction(
        [TopicPartition(job.source, 0, RECORD_COUNT)], member.consumer_group_metadata(), DEADLINE_S)
    producer.abort_transaction()
    member.close()
    assert committed(job.group, job.source) == OFFSET_NONE
    assert values_of(job.target, "read_committed") == []
    assert copy_in_transaction(job) is None
    check_copied_once(job)


def test_an_application_crashes_mid_transaction_and_restarts_with_its_transactional_id():
    job = prepare()
    with Process("confluent.py", job) as first:
        assert first.read_line() == "ready"
        first.kill()
    assert values_of(job.target, "read_committed") == []
    with Process("confluent.py", job) as second:
        assert second.read_line() == "ready"
        second.proceed()
        assert second.read_line() == "committed"
    check_copied_once(job)
    assert len(values_of(job.target, "read_uncommitted")) == 2 * RECORD_COUNT


def test_a_zombie_application_wakes_after_its_successor_has_taken_over():
    job = prepare()
    with Process("confluent.py", job) as zombie:
        assert zombie.read_line() == "ready"
        zombie.suspend()
        assert copy_in_transaction(job) is None
        check_copied_once(job)
        zombie.wake()
        zombie.proceed()
        assert zombie.read_line() == "_FENCED"
    check_copied_once(job)
