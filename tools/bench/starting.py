"""How long a broker takes from its start to its first answers: new, and after a kill."""
import signal
import struct
import tempfile
import time
from pathlib import Path

import kafka_wire
import peers
from scenario import GB, Context

TOPIC = b"first"
TRANSACTIONAL_ID = b"first"
ERROR_AT = kafka_wire.partition_answer(TOPIC)


def until_accepted(client, request, error_at):
    """Asks again while the answer has an error, as it has while a log is being created."""
    while True:
        answer = client.ask(request)
        if struct.unpack_from(">h", answer, error_at)[0] == 0:
            return answer
        time.sleep(0.0005)


def write_first_record(client):
    """In a transaction that stays open; gives the producer's id and epoch."""
    client.ask(kafka_wire.create_topic(TOPIC, 1))
    # Behind correlation id and throttle time.
    until_accepted(client, kafka_wire.find_transaction_coordinator(TRANSACTIONAL_ID), 8)
    answer = until_accepted(client, kafka_wire.init_producer_id(TRANSACTIONAL_ID), 8)
    producer = struct.unpack_from(">qh", answer, 10)
    until_accepted(client, kafka_wire.add_partition_to_txn(TRANSACTIONAL_ID, *producer, TOPIC, 0),
                   4 + 4 + 4 + 2 + len(TOPIC) + 4 + 4)
    batch = kafka_wire.batch([b"x" * 100], kafka_wire.TRANSACTIONAL, *producer, sequence=0)
    until_accepted(client, kafka_wire.produce(TOPIC, 0, batch, TRANSACTIONAL_ID), ERROR_AT)
    return producer


def start_once(peer):
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        peer.prepare(directory)
        begin = time.perf_counter()
        running = peer.start(directory)

        def passed_ms():
            return (time.perf_counter() - begin) * 1000
        try:
            peers.wait_until_serving(running)
            figures = {"api_versions_ms": passed_ms()}
            with kafka_wire.Client(running.port, peers.PATIENCE_S) as client:
                producer = write_first_record(client)
                figures["first_record_ms"] = passed_ms()
                until_accepted(client, kafka_wire.commit_txn(TRANSACTIONAL_ID, *producer), 8)
                figures["first_commit_ms"] = passed_ms()
            return figures
        finally:
            running.end(signal.SIGKILL)


def cold_start(context):
    """The median of some starts."""
    runs = [start_once(context.peer) for _ in range(context.size(5, 3))]
    return {name: sorted(run[name] for run in runs)[len(runs) // 2] for name in runs[0]}


def latest_offset(running, topic):
    """Waits until the partition is served."""
    with kafka_wire.Client(running.port, peers.PATIENCE_S) as client:
        at = kafka_wire.partition_answer(topic)
        answer = until_accepted(client, kafka_wire.latest_offset(topic, 0), at)
        # Behind the error code and a timestamp.
        return struct.unpack_from(">q", answer, at + 10)[0]


def restart(gigabytes):
    def run(context):
        if not context.peer.keeps_records:
            raise RuntimeError("keeps nothing")
        peer, directory = context.peer, context.directory
        peer.prepare(directory)
        running = peer.start(directory)
        try:
            peers.wait_until_serving(running)
            filled = Context(peer, directory, context.quick, running)
            filled.load("produce", topic=TOPIC.decode(), mode="idempotent", batch_records=900,
                        records=gigabytes * GB // 1024)
            running.end(signal.SIGKILL)
            begin = time.perf_counter()
            running = peer.start(directory, running.port)
            peers.wait_until_serving(running)
            latest_offset(running, TOPIC)
            return {"restart_ms": (time.perf_counter() - begin) * 1000}
        finally:
            running.end(signal.SIGKILL)
    return run
