//! rdkafka, the crate around librdkafka, as its tests use it.

use std::collections::HashMap;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{Message, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::application::{Job, RECORD_COUNT};
use crate::{bootstrap, unique, wait_until, DEADLINE};

pub const READ_COMMITTED: &str = "read_committed";
pub const READ_UNCOMMITTED: &str = "read_uncommitted";

pub fn config(own: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap()).set("log_level", "2");
    for (key, value) in own {
        config.set(*key, *value);
    }
    config
}

pub fn admin() -> AdminClient<DefaultClientContext> {
    config(&[]).create().unwrap()
}

pub async fn new_topic(prefix: &str, partitions: i32) -> String {
    let topic = unique(prefix);
    let wanted = NewTopic::new(&topic, partitions, TopicReplication::Fixed(1));
    let results = admin().create_topics([&wanted], &AdminOptions::new()).await.unwrap();
    results[0].as_ref().unwrap();
    topic
}

pub fn producer(own: &[(&str, &str)]) -> FutureProducer {
    let mut all = vec![("enable.idempotence", "true"), ("linger.ms", "2")];
    all.extend_from_slice(own);
    config(&all).create().unwrap()
}

/// A producer that has fenced those before it.
pub fn transactional(id: &str, own: &[(&str, &str)]) -> FutureProducer {
    let mut all = vec![("transactional.id", id)];
    all.extend_from_slice(own);
    let producer = producer(&all);
    producer.init_transactions(DEADLINE).unwrap();
    producer
}

/// Writes to partition 0, and waits for the acknowledgements.
pub async fn send(producer: &FutureProducer, topic: &str, values: &[String]) -> KafkaResult<()> {
    let records = values
        .iter()
        .map(|value| FutureRecord::<(), String>::to(topic).partition(0).payload(value));
    let sent: Vec<_> = records.map(|record| producer.send(record, DEADLINE)).collect();
    for delivery in sent {
        delivery.await.map_err(|(error, _)| error)?;
    }
    Ok(())
}

pub fn consumer(own: &[(&str, &str)]) -> ClientConfig {
    let group = unique("reader");
    let mut all = vec![
        ("group.id", group.as_str()),
        ("auto.offset.reset", "earliest"),
        ("enable.auto.commit", "false"),
        ("enable.partition.eof", "true"),
        ("fetch.wait.max.ms", "50"),
        ("check.crcs", "true"),
    ];
    all.extend_from_slice(own);
    config(&all)
}

pub fn at(topic: &str, offset: Offset) -> TopicPartitionList {
    let mut place = TopicPartitionList::new();
    place.add_partition_offset(topic, 0, offset).unwrap();
    place
}

/// All messages that an isolation level shows of partition 0.
pub fn read(topic: &str, isolation: &str) -> Vec<OwnedMessage> {
    let reader: BaseConsumer = consumer(&[("isolation.level", isolation)]).create().unwrap();
    reader.assign(&at(topic, Offset::Beginning)).unwrap();
    let mut messages = Vec::new();
    wait_until("the end of the partition is reached", || {
        while let Some(polled) = reader.poll(DEADLINE) {
            match polled {
                Ok(message) => messages.push(message.detach()),
                Err(KafkaError::PartitionEOF(_)) => return true,
                Err(error) => panic!("{error}"),
            }
        }
        false
    });
    messages
}

pub fn text(message: &impl Message) -> String {
    String::from_utf8(message.payload().unwrap().to_vec()).unwrap()
}

pub fn values(topic: &str, isolation: &str) -> Vec<String> {
    read(topic, isolation).iter().map(text).collect()
}

/// The group's offset of partition 0.
pub fn committed(group: &str, topic: &str) -> Offset {
    let reader: BaseConsumer = consumer(&[("group.id", group)]).create().unwrap();
    let offsets = reader.committed_offsets(at(topic, Offset::Invalid), DEADLINE).unwrap();
    offsets.elements()[0].offset()
}

pub fn code(result: KafkaResult<()>) -> Option<RDKafkaErrorCode> {
    result.err().map(|error| error.rdkafka_error_code().unwrap())
}

/// Copies `RECORD_COUNT` records in one transaction. Says how its commit went.
pub async fn copy_in_transaction(job: &Job, before_commit: impl FnOnce()) -> KafkaResult<()> {
    let own = [("group.id", job.group.as_str()), ("isolation.level", READ_COMMITTED)];
    let reader: BaseConsumer = consumer(&own).create()?;
    let producer = transactional(&job.transactional_id, &[]);
    reader.assign(&at(&job.input, Offset::Stored))?;
    producer.begin_transaction()?;
    let mut copies = Vec::new();
    let mut places = HashMap::new();
    wait_until("the input is read", || {
        match reader.poll(DEADLINE) {
            Some(Ok(message)) => {
                copies.push(format!("copy of {}", text(&message)));
                places.insert(message.partition(), message.offset() + 1);
            }
            Some(Err(KafkaError::PartitionEOF(_))) | None => {}
            Some(Err(error)) => panic!("{error}"),
        }
        copies.len() == RECORD_COUNT
    });
    send(&producer, &job.output, &copies).await?;
    let place = at(&job.input, Offset::Offset(places[&0]));
    let group = reader.group_metadata().unwrap();
    producer.send_offsets_to_transaction(&place, &group, DEADLINE)?;
    before_commit();
    producer.commit_transaction(DEADLINE)
}
