"""Consumer groups (KIP-848) of confluent-kafka (librdkafka) against a broker."""

import pytest

from common import numbered, unique, wait_until
from confluent import Group, RecordingProducer, check_three_members, consumer, create_topic

CLASSIC = {}
NEXT_GENERATION = {"group_protocol": "consumer"}


@pytest.mark.parametrize("assignor", ["uniform", "range"])
def test_three_members_share_and_take_over_what_one_leaves(assignor):
    topic = unique("shared")
    create_topic(topic, partitions=6)
    check_three_members(Group(topic, **NEXT_GENERATION, group_remote_assignor=assignor))


def test_members_move_to_the_next_protocol_and_back_one_by_one():
    topic = unique("migrated")
    create_topic(topic, partitions=4)
    group = Group(topic)
    producer = RecordingProducer()
    group.join()
    group.join()
    group.wait_for_shares(2, 2)
    written = []
    for settings in (NEXT_GENERATION, NEXT_GENERATION, CLASSIC, CLASSIC):
        for partition in range(4):
            values = numbered(f"{len(written)} {partition} ", 5)
            producer.write(topic, values, partition)
            written += values
        group.wait_for_values(len(written))
        group.commit()
        group.leave()
        group.join(**settings)
        group.wait_for_shares(2, 2)
    group.close()
    assert sorted(group.values) == sorted(written)


def test_the_broker_knows_which_topics_a_regular_expression_stands_for():
    prefix = unique("pattern")
    create_topic(f"{prefix}-a", partitions=1)
    create_topic(f"{prefix}-b", partitions=2)
    create_topic(unique("other"), partitions=1)
    member = consumer(group_id=unique("group"), **NEXT_GENERATION)
    member.subscribe([f"^{prefix}-[ab]"])

    def settled():
        member.poll(0.05)
        return len(member.assignment()) == 3
    wait_until("all three partitions are assigned", settled)
    member.close()
