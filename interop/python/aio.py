"""Helpers around aiokafka, and, as a program, the exactly-once scenarios' application."""

import asyncio
import contextlib
import functools
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from common import BOOTSTRAP, DEADLINE_S, RECORD_COUNT, Job, unique, wait_for_proceed


def asynchronous(test):
    """Makes a coroutine a test that pytest can run, with a deadline."""
    @functools.wraps(test)
    def run(*arguments, **keywords):
        asyncio.run(asyncio.wait_for(test(*arguments, **keywords), 2 * DEADLINE_S))
    return run


@contextlib.asynccontextmanager
async def started(client):
    await client.start()
    try:
        yield client
    finally:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())


def admin():
    return started(AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP))


async def create_topic(topic, partitions=1, config=None):
    async with admin() as client:
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1,
                       topic_configs=config or {})
        response = await client.create_topics([new])
        assert [error[1] for error in response.topic_errors] == [0]


def producer(**settings):
    return started(AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, enable_idempotence=True,
                                    **settings))


def transactional(transactional_id, timeout_ms=60_000):
    return producer(transactional_id=transactional_id, transaction_timeout_ms=timeout_ms)


def consumer(*topics, **settings):
    settings = {"group_id": None, "auto_offset_reset": "earliest", "enable_auto_commit": False,
                "fetch_max_wait_ms": 50, **settings}
    return started(AIOKafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, **settings))


async def write(client, topic, values, partition=0):
    sent = [await client.send(topic, value.encode(), partition=partition) for value in values]
    return [await record for record in sent]


async def read_partition(topic, isolation_level, partition=0):
    """All records that an isolation level shows of a partition, from beginning to end."""
    place = TopicPartition(topic, partition)
    async with consumer(isolation_level=isolation_level) as reader:
        reader.assign([place])
        await reader.seek_to_beginning(place)
        end = (await reader.end_offsets([place]))[place]  # As the isolation level sees it.
        records = []
        while await reader.position(place) < end:
            for batch in (await reader.getmany(timeout_ms=100)).values():
                records += batch
        return records


async def values_of(topic, isolation_level, partition=0):
    records = await read_partition(topic, isolation_level, partition)
    return [record.value.decode() for record in records]


async def committed(group, topic):
    async with consumer(group_id=group) as reader:
        return await reader.committed(TopicPartition(topic, 0))


async def copy_in_transaction(job, before_commit=lambda: None):
    """Copies RECORD_COUNT records in one transaction; returns the exception of its commit."""
    place = TopicPartition(job.source, 0)
    async with consumer(group_id=job.group, isolation_level="read_committed") as source:
        async with transactional(job.transactional_id) as target:
            source.assign([place])
            await target.begin_transaction()
            for _ in range(RECORD_COUNT):
                record = await source.getone()
                await target.send(job.target, b"copy of " + record.value, partition=0)
            await target.flush()
            await target.send_offsets_to_transaction(
                {place: await source.position(place)}, job.group)
            before_commit()
            try:
                await target.commit_transaction()
            except Exception as exception:  # The test tells which one it wants.
                return exception
            return None


if __name__ == "__main__":
    outcome = asyncio.run(copy_in_transaction(Job(*sys.argv[1:]), wait_for_proceed))
    print("committed" if outcome is None else type(outcome).__name__, flush=True)
