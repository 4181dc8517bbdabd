"""confluent-kafka's AdminClient, of which old versions have little, against a broker."""

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import ConfigResource, OffsetSpec, ResourceType

from common import DEADLINE_S, numbered, unique, wait_until
from confluent import Group, RecordingProducer, admin, consumer, create_topic, transactional


def test_admin_lists_offsets_of_every_kind():
    topic = unique("offsets")
    create_topic(topic)
    producer = RecordingProducer()
    for i, timestamp in enumerate([1_000, 5_000, 3_000]):
        producer.write(topic, [str(i)], timestamp=1_700_000_000_000 + timestamp)
    open_one = transactional(unique("id"))
    open_one.write_in_transaction(topic, ["open"])

    def offset(spec, isolation_level=IsolationLevel.READ_UNCOMMITTED):
        partition = TopicPartition(topic, 0)
        return admin().list_offsets({partition: spec}, isolation_level=isolation_level)[
            partition].result(DEADLINE_S).offset

    assert offset(OffsetSpec.earliest()) == 0
    assert offset(OffsetSpec.latest()) == 4
    assert offset(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED) == 3
    assert offset(OffsetSpec.for_timestamp(1_700_000_000_000 + 2_000)) == 1
    assert offset(OffsetSpec.for_timestamp(1_700_000_000_000 + 5_001)) == 3
    assert offset(OffsetSpec.max_timestamp()) == 3
    open_one.abort_transaction()
    wait_until("the abort's marker is written",
               lambda: offset(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED) == 5)


def test_admin_describes_topics_cluster_configs_and_groups():
    topic = unique("described")
    create_topic(topic, partitions=3, config={"retention.ms": "12345"})
    metadata = admin().list_topics(topic, DEADLINE_S).topics[topic]
    assert sorted(metadata.partitions) == [0, 1, 2]
    cluster = admin().describe_cluster().result(DEADLINE_S)
    assert len(cluster.nodes) == 1 and cluster.cluster_id
    resource = ConfigResource(ResourceType.TOPIC, topic)
    entries = admin().describe_configs([resource])[resource].result(DEADLINE_S)
    assert (entries["retention.ms"].value, entries["retention.ms"].is_default) == ("12345", False)
    assert (entries["cleanup.policy"].value, entries["cleanup.policy"].is_default) == (
        "delete", True)

    group = Group(topic)
    group.join()
    group.wait_for_shares(3)
    name = group.settings["group_id"]
    described = admin().describe_consumer_groups([name])[name].result(DEADLINE_S)
    assert described.state.name == "STABLE"
    assert [len(m.assignment.topic_partitions) for m in described.members] == [3]
    listed = admin().list_consumer_groups().result(DEADLINE_S)
    assert name in [g.group_id for g in listed.valid]
    group.members[0].commit(offsets=[TopicPartition(topic, 1, 4)], asynchronous=False)
    request = ConsumerGroupTopicPartitions(name)
    offsets = admin().list_consumer_group_offsets([request])[name].result(DEADLINE_S)
    assert [(p.partition, p.offset) for p in offsets.topic_partitions] == [(1, 4)]
    group.close()


def test_admin_deletes_records_and_topics():
    topic = unique("deleted")
    create_topic(topic)
    RecordingProducer().write(topic, numbered("", 10))
    partition = TopicPartition(topic, 0, 6)
    result = admin().delete_records([partition])[partition].result(DEADLINE_S)
    assert result.low_watermark == 6
    reader = consumer()
    assert reader.get_watermark_offsets(TopicPartition(topic, 0), DEADLINE_S) == (6, 10)
    reader.close()
    admin().delete_topics([topic])[topic].result(DEADLINE_S)
    assert topic not in admin().list_topics(timeout=DEADLINE_S).topics
