//! rskafka, which is written in Rust from the protocol up. It has neither groups nor transactions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use futures::StreamExt;
use interop::{bootstrap, librdkafka, numbered, unique, DEADLINE};
use rdkafka::producer::Producer;
use rskafka::client::consumer::{StartOffset, StreamConsumerBuilder};
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::producer::{aggregator::RecordAggregator, BatchProducerBuilder};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::Record;

const TIMEOUT_MS: i32 = 20_000;
const EVERYTHING: Range<i32> = 1..10_000_000;

async fn client() -> Client {
    ClientBuilder::new(vec![bootstrap()]).build().await.unwrap()
}

/// Partition 0 of a new topic.
async fn new_partition(client: &Client, prefix: &str) -> PartitionClient {
    let topic = unique(prefix);
    client.controller_client().unwrap().create_topic(&topic, 1, 1, TIMEOUT_MS).await.unwrap();
    client.partition_client(topic, 0, UnknownTopicHandling::Retry).await.unwrap()
}

fn record(value: &str) -> Record {
    Record {
        key: None,
        value: Some(value.into()),
        headers: BTreeMap::new(),
        timestamp: at_ms(1_700_000_000_000),
    }
}

fn at_ms(time: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(time).unwrap()
}

async fn write(partition: &PartitionClient, values: &[String]) -> Vec<i64> {
    let records = values.iter().map(|value| record(value)).collect();
    partition.produce(records, Compression::NoCompression).await.unwrap()
}

/// The values from an offset on, and the high watermark.
async fn read(partition: &PartitionClient, offset: i64, bytes: Range<i32>) -> (Vec<String>, i64) {
    let (records, high_watermark) = partition.fetch_records(offset, bytes, 50).await.unwrap();
    let values = records.into_iter().map(|one| text(one.record)).collect();
    (values, high_watermark)
}

fn text(record: Record) -> String {
    String::from_utf8(record.value.unwrap()).unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ProtocolError {
    match result {
        Err(Error::ServerError { protocol_error, .. }) => protocol_error,
        other => panic!("the broker did not refuse: {other:?}"),
    }
}

#[tokio::test]
async fn records_come_back_as_they_were_written() {
    let client = client().await;
    for codec in [
        Compression::NoCompression,
        Compression::Gzip,
        Compression::Lz4,
        Compression::Snappy,
        Compression::Zstd,
    ] {
        let partition = new_partition(&client, "records").await;
        let written: Vec<_> = (0..200)
            .map(|i| Record {
                key: (i % 3 != 0).then(|| format!("key-{i}").into()),
                value: (i % 7 != 0).then(|| format!("{i} ").repeat(100).into()),
                headers: BTreeMap::from([("number".into(), i.to_string().into())]),
                timestamp: at_ms(1_700_000_000_000 + i),
            })
            .collect();
        let offsets = partition.produce(written.clone(), codec).await.unwrap();
        assert_eq!(offsets, (0..200).collect::<Vec<_>>());
        let (read, high_watermark) = partition.fetch_records(0, EVERYTHING, 50).await.unwrap();
        assert_eq!(high_watermark, 200);
        assert_eq!(read.iter().map(|one| one.offset).collect::<Vec<_>>(), offsets);
        assert!(read.into_iter().map(|one| one.record).eq(written), "{codec:?}");
    }
}

#[tokio::test]
async fn topics_are_made_listed_and_deleted() {
    let client = client().await;
    let controller = client.controller_client().unwrap();
    let topic = unique("topic");
    controller.create_topic(&topic, 3, 1, TIMEOUT_MS).await.unwrap();
    let again = controller.create_topic(&topic, 3, 1, TIMEOUT_MS).await;
    assert_eq!(code(again), ProtocolError::TopicAlreadyExists);
    let listed = client.list_topics().await.unwrap();
    let made = listed.iter().find(|one| one.name == topic).unwrap();
    assert_eq!(made.partitions.iter().copied().collect::<Vec<_>>(), [0, 1, 2]);
    controller.delete_topic(&topic, TIMEOUT_MS).await.unwrap();
    let listed = client.list_topics().await.unwrap();
    assert!(listed.iter().all(|one| one.name != topic));
    let again = controller.delete_topic(&topic, TIMEOUT_MS).await;
    assert_eq!(code(again), ProtocolError::UnknownTopicOrPartition);
}

#[tokio::test]
async fn offsets_follow_what_is_written_and_deleted() {
    let partition = new_partition(&client().await, "offsets").await;
    assert_eq!(write(&partition, &numbered("", 10)).await, (0..10).collect::<Vec<_>>());
    let epoch = OffsetAt::Timestamp(at_ms(0));
    for (asked, offset) in [(OffsetAt::Earliest, 0), (OffsetAt::Latest, 10), (epoch, 0)] {
        assert_eq!(partition.get_offset(asked).await.unwrap(), offset);
    }
    partition.delete_records(4, TIMEOUT_MS).await.unwrap();
    assert_eq!(partition.get_offset(OffsetAt::Earliest).await.unwrap(), 4);
    assert_eq!(read(&partition, 4, EVERYTHING).await, (numbered("", 10).split_off(4), 10));
    for outside in [3, 11] {
        let refused = partition.fetch_records(outside, EVERYTHING, 50).await;
        assert_eq!(code(refused), ProtocolError::OffsetOutOfRange);
    }
}

#[tokio::test]
async fn batches_and_streams_keep_the_order() {
    let partition = Arc::new(new_partition(&client().await, "stream").await);
    let batches = BatchProducerBuilder::new(Arc::clone(&partition))
        .with_linger(Duration::from_millis(5))
        .with_compression(Compression::Zstd)
        .build(RecordAggregator::new(1024));
    for value in numbered("", 100) {
        batches.produce(record(&value)).await.unwrap();
    }
    let stream = StreamConsumerBuilder::new(Arc::clone(&partition), StartOffset::Earliest)
        .with_max_wait_ms(50)
        .build();
    let read = stream.take(100).map(|one| text(one.unwrap().0.record)).collect::<Vec<_>>();
    let read = tokio::time::timeout(DEADLINE, read).await.unwrap();
    assert_eq!(read, numbered("", 100));
}

/// It reads only what is stable. It cannot read markers, so that just the records are asked for.
#[tokio::test]
async fn nothing_of_an_open_transaction_is_read() {
    let partition = new_partition(&client().await, "open").await;
    let producer = librdkafka::transactional(&unique("id"), &[]);
    producer.begin_transaction().unwrap();
    librdkafka::send(&producer, partition.topic(), &numbered("", 1)).await.unwrap();
    assert_eq!(read(&partition, 0, EVERYTHING).await, (vec![], 1));
    producer.commit_transaction(DEADLINE).unwrap();
    let one_batch = 1..2;
    assert_eq!(read(&partition, 0, one_batch).await.0, numbered("", 1));
}
