"""aiokafka (pure Python, older versions of the protocol) against a broker."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError, ProducerFenced

from aio import (admin, asynchronous, committed, consumer, copy_in_transaction, create_topic,
                 producer, read_partition, transactional, values_of, write)
from common import CODECS, RECORD_COUNT, Job, Process, numbered, unique


async def wait_until_async(condition):
    # asynchronous() holds the deadline.
    while not await condition():
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("codec", CODECS)
@asynchronous
async def test_records_come_back_as_they_were_written(codec):
    topic = unique(codec)
    await create_topic(topic)
    written, sent = [], []
    async with producer(compression_type=None if codec == "none" else codec) as client:
        for i in range(200):
            key = None if i % 3 == 0 else f"key-{i}".encode()
            value = None if i % 3 == 1 else bytes([97 + i % 26]) * 200
            headers = (("number", str(i).encode()), ("twice", b"1"), ("twice", b"2"),
                       ("empty", b""))
            written.append((i, key, value, headers, 1_700_000_000_000 + i))
            sent.append(await client.send(topic, value, key, partition=0, headers=list(headers),
                                          timestamp_ms=1_700_000_000_000 + i))
        await client.flush()
    assert [(await s).offset for s in sent] == list(range(200))
    read = await read_partition(topic, "read_uncommitted")
    assert [(r.offset, r.key, r.value, r.headers, r.timestamp) for r in read] == written


@asynchronous
async def test_three_members_share_and_take_over_what_one_leaves():
    topic, group = unique("shared"), unique("group")
    await create_topic(topic, partitions=6)
    values = []

    def member():
        return consumer(topic, group_id=group, heartbeat_interval_ms=300,
                        metadata_max_age_ms=60_000)

    async def read(members, count):
        while len(values) < count:
            for one in members:
                for batch in (await one.getmany(timeout_ms=20)).values():
                    values.extend(record.value.decode() for record in batch)

    async def shared(members, sizes):
        shares = [one.assignment() for one in members]
        return sorted(map(len, shares)) == sizes and len(set().union(*shares)) == 6

    async with producer() as client, member() as second, member() as third:
        async with member() as first:
            everyone = [first, second, third]
            await wait_until_async(lambda: shared(everyone, [2, 2, 2]))
            for partition in range(6):
                await write(client, topic, numbered(f"before {partition} ", 10), partition)
            await read(everyone, 60)
            for one in everyone:
                await one.commit()
        rest = [second, third]
        await wait_until_async(lambda: shared(rest, [3, 3]))
        for partition in range(6):
            await write(client, topic, numbered(f"after {partition} ", 10), partition)
        await read(rest, 120)
    for partition in range(6):
        mine = [v for v in values if v.split()[1] == str(partition)]
        assert mine == numbered(f"before {partition} ", 10) + numbered(f"after {partition} ", 10)


@asynchronous
async def test_commit_and_abort_are_seen_from_both_isolation_levels():
    topic = unique("isolation")
    await create_topic(topic)
    async with transactional(unique("id")) as client:
        async with client.transaction():
            await write(client, topic, numbered("kept ", 5))
        with pytest.raises(ZeroDivisionError):
            async with client.transaction():
                await write(client, topic, numbered("dropped ", 5))
                assert await values_of(topic, "read_committed") == numbered("kept ", 5)
                raise ZeroDivisionError
        async with client.transaction():
            await write(client, topic, numbered("kept too ", 5))
    assert await values_of(topic, "read_committed") == (
        numbered("kept ", 5) + numbered("kept too ", 5))
    assert await values_of(topic, "read_uncommitted") == (
        numbered("kept ", 5) + numbered("dropped ", 5) + numbered("kept too ", 5))


@asynchronous
async def test_offsets_in_a_transaction_are_the_groups_after_its_commit_only():
    topic, group = unique("source"), unique("group")
    await create_topic(topic)
    place = TopicPartition(topic, 0)
    async with transactional(unique("id")) as client:
        await client.begin_transaction()
        await client.send_offsets_to_transaction({place: 5}, group)
        await client.abort_transaction()
        assert await committed(group, topic) is None
        await client.begin_transaction()
        await client.send_offsets_to_transaction({place: 7}, group)
        await client.commit_transaction()

        async def visible():  # This client does not ask for stable offsets.
            return await committed(group, topic) == 7
        await wait_until_async(visible)


@asynchronous
async def test_a_zombie_producer_is_fenced():
    topic, transactional_id = unique("fenced"), unique("id")
    await create_topic(topic)
    async with transactional(transactional_id) as zombie:
        await zombie.begin_transaction()
        await write(zombie, topic, numbered("zombie ", 3))
        async with transactional(transactional_id) as successor:
            await successor.begin_transaction()
            await write(successor, topic, numbered("successor ", 3))
            with pytest.raises(ProducerFenced):
                await zombie.commit_transaction()
            await successor.commit_transaction()
    assert await values_of(topic, "read_committed") == numbered("successor ", 3)


@asynchronous
async def test_a_transaction_that_takes_too_long_is_aborted():
    topic = unique("slow")
    await create_topic(topic)
    async with transactional(unique("id"), timeout_ms=1000) as slow, producer() as plain:
        await slow.begin_transaction()
        await write(slow, topic, numbered("slow ", 3))
        await write(plain, topic, ["plain"])

        async def aborted():
            return await values_of(topic, "read_committed") == ["plain"]
        await wait_until_async(aborted)
        with pytest.raises(KafkaError):
            await slow.commit_transaction()
    assert await values_of(topic, "read_committed") == ["plain"]


async def prepare():
    job = Job()
    await create_topic(job.source)
    await create_topic(job.target)
    async with producer() as client:
        await write(client, job.source, numbered("", RECORD_COUNT))
    return job


async def check_copied_once(job):
    assert await values_of(job.target, "read_committed") == numbered("copy of ", RECORD_COUNT)
    assert await committed(job.group, job.source) == RECORD_COUNT


@asynchronous
async def test_a_transaction_that_fails_does_not_advance_the_groups_offsets():
    job = await prepare()
    async with transactional(job.transactional_id) as client:
        await client.begin_transaction()
        await write(client, job.target, numbered("copy of ", RECORD_COUNT))
        await client.send_offsets_to_transaction(
            {TopicPartition(job.source, 0): RECORD_COUNT}, job.group)
        await client.abort_transaction()
    assert await committed(job.group, job.source) is None
    assert await values_of(job.target, "read_committed") == []
    assert await copy_in_transaction(job) is None
    await check_copied_once(job)


@asynchronous
async def test_an_application_crashes_mid_transaction_and_restarts_with_its_transactional_id():
    job = await prepare()
    with Process("aio.py", job) as first:
        assert first.read_line() == "ready"
        first.kill()
    assert await values_of(job.target, "read_committed") == []
    with Process("aio.py", job) as second:
        assert second.read_line() == "ready"
        second.proceed()
        assert second.read_line() == "committed"
    await check_copied_once(job)
    assert len(await values_of(job.target, "read_uncommitted")) == 2 * RECORD_COUNT


@asynchronous
async def test_a_zombie_application_wakes_after_its_successor_has_taken_over():
    job = await prepare()
    with Process("aio.py", job) as zombie:
        assert zombie.read_line() == "ready"
        zombie.suspend()
        assert await copy_in_transaction(job) is None
        await check_copied_once(job)
        zombie.wake()
        zombie.proceed()
        assert zombie.read_line() == "ProducerFenced"
    await check_copied_once(job)


@asynchronous
async def test_admin_describes_and_deletes():
    topic = unique("administered")
    await create_topic(topic, partitions=2, config={"retention.ms": "12345"})
    async with producer() as client:
        await write(client, topic, numbered("", 10))
    place = TopicPartition(topic, 0)
    async with admin() as client:
        described = await client.describe_topics([topic])
        assert [len(one["partitions"]) for one in described] == [2]
        assert len((await client.describe_cluster())["brokers"]) == 1
        await client.delete_records({place: RecordsToDelete(before_offset=6)})
        async with consumer() as reader:
            assert (await reader.beginning_offsets([place]))[place] == 6
            assert (await reader.end_offsets([place]))[place] == 10
        await client.delete_topics([topic])
        assert topic not in await client.list_topics()
