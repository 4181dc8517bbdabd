//! rdkafka: records, groups, transactions and the exactly-once scenarios.

use std::collections::BTreeSet;
use std::time::Duration;

use interop::application::{Job, Process, RECORD_COUNT};
use interop::librdkafka::*;
use interop::{numbered, unique, wait_until, DEADLINE};
use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::Offset;

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

#[tokio::test]
async fn records_come_back_as_they_were_written() {
    for codec in CODECS {
        let topic = new_topic(codec, 1).await;
        let producer = producer(&[("compression.codec", codec)]);
        let values: Vec<_> = (0..200).map(|i| format!("{i} ").repeat(100)).collect();
        let keys = numbered("key-", 200);
        let mut sent = Vec::new();
        for (i, value) in values.iter().enumerate() {
            let headers = OwnedHeaders::new()
                .insert(Header { key: "number", value: Some(&i.to_string()) })
                .insert(Header { key: "null", value: None::<&str> });
            let mut record = FutureRecord::to(&topic).headers(headers);
            record.partition = Some(0);
            record.timestamp = Some(1_700_000_000_000 + i as i64);
            record.key = (i % 3 != 0).then_some(&keys[i]);
            record.payload = (i % 7 != 0).then_some(value);
            sent.push(producer.send(record, DEADLINE));
        }
        for (i, delivery) in sent.into_iter().enumerate() {
            let delivery = delivery.await.unwrap();
            assert_eq!((delivery.partition, delivery.offset), (0, i as i64));
        }
        let messages = read(&topic, READ_UNCOMMITTED);
        assert_eq!(messages.len(), 200);
        for (i, message) in messages.iter().enumerate() {
            assert_eq!(message.offset(), i as i64);
            assert_eq!(message.timestamp().to_millis(), Some(1_700_000_000_000 + i as i64));
            assert_eq!(message.key(), (i % 3 != 0).then_some(keys[i].as_bytes()));
            assert_eq!(message.payload(), (i % 7 != 0).then_some(values[i].as_bytes()));
            let headers = message.headers().unwrap();
            assert_eq!(headers.get(0).value, Some(i.to_string().as_bytes()));
            assert_eq!((headers.get(1).key, headers.get(1).value), ("null", None));
        }
    }
}

/// Reads until it has `count` more, whoever of the members gets them.
fn read_as_group(members: &[BaseConsumer], values: &mut Vec<String>, count: usize) {
    let wanted = values.len() + count;
    wait_until("the group has read everything", || {
        for member in members {
            match member.poll(Duration::from_millis(20)) {
                Some(Ok(message)) => {
                    values.push(text(&message));
                    member.store_offset_from_message(&message).unwrap();
                }
                Some(Err(KafkaError::PartitionEOF(_))) | None => {}
                Some(Err(error)) => panic!("{error}"),
            }
        }
        values.len() == wanted
    });
}

#[tokio::test]
async fn three_members_share_and_take_over_what_one_leaves() {
    for protocol in ["classic", "consumer"] {
        let topic = new_topic("shared", 6).await;
        let producer = producer(&[]);
        let group = unique("group");
        let own = [
            ("group.id", group.as_str()),
            ("group.protocol", protocol),
            ("enable.auto.commit", "true"),
            ("enable.auto.offset.store", "false"),
        ];
        let mut members: Vec<BaseConsumer> = Vec::new();
        for _ in 0..3 {
            let member: BaseConsumer = consumer(&own).create().unwrap();
            member.subscribe(&[&topic]).unwrap();
            members.push(member);
        }
        wait_until("each of three has two partitions", || {
            for member in &members {
                assert!(!matches!(member.poll(Duration::from_millis(20)), Some(Ok(_))));
            }
            members.iter().all(|member| member.assignment().unwrap().count() == 2)
        });
        let mut values = Vec::new();
        write_to_each(&producer, &topic, "before").await;
        read_as_group(&members, &mut values, 60);
        members.pop(); // Leaves, and commits what it has read.
        write_to_each(&producer, &topic, "after").await;
        read_as_group(&members, &mut values, 60);
        for partition in 0..6 {
            let mine = format!(" {partition} ");
            let read: Vec<_> = values.iter().filter(|value| value.contains(&mine)).collect();
            let before = numbered(&format!("before{mine}"), 10);
            let after = numbered(&format!("after{mine}"), 10);
            assert_eq!(read, before.iter().chain(&after).collect::<Vec<_>>(), "{protocol}");
        }
    }
}

async fn write_to_each(producer: &FutureProducer, topic: &str, when: &str) {
    for partition in 0..6 {
        for value in numbered(&format!("{when} {partition} "), 10) {
            let record: FutureRecord<(), _> = FutureRecord::to(topic).payload(&value);
            producer.send(record.partition(partition), DEADLINE).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_stream_of_a_group_has_every_record() {
    let topic = new_topic("stream", 3).await;
    let producer = producer(&[]);
    let mut written = BTreeSet::new();
    for (i, value) in numbered("", 90).iter().enumerate() {
        let record: FutureRecord<(), _> = FutureRecord::to(&topic).payload(value);
        producer.send(record.partition(i as i32 % 3), DEADLINE).await.unwrap();
        written.insert(value.clone());
    }
    let stream: StreamConsumer = consumer(&[("enable.partition.eof", "false")]).create().unwrap();
    stream.subscribe(&[&topic]).unwrap();
    let mut read = BTreeSet::new();
    while read.len() < 90 {
        let message = tokio::time::timeout(DEADLINE, stream.recv()).await.unwrap().unwrap();
        assert!(read.insert(text(&message)));
    }
    assert_eq!(read, written);
}

#[tokio::test]
async fn commit_and_abort_are_seen_from_both_isolation_levels() {
    let topic = new_topic("levels", 1).await;
    let producer = transactional(&unique("id"), &[]);
    let mut all = Vec::new();
    for (what, is_committed) in [("committed ", true), ("aborted ", false), ("last ", true)] {
        let written = numbered(what, 10);
        producer.begin_transaction().unwrap();
        send(&producer, &topic, &written).await.unwrap();
        if is_committed {
            producer.commit_transaction(DEADLINE).unwrap();
        } else {
            producer.abort_transaction(DEADLINE).unwrap();
        }
        all.extend(written);
    }
    producer.begin_transaction().unwrap();
    send(&producer, &topic, &numbered("open ", 3)).await.unwrap();
    let visible: Vec<_> =
        all.iter().filter(|value| !value.starts_with("aborted")).cloned().collect();
    assert_eq!(values(&topic, READ_COMMITTED), visible);
    all.extend(numbered("open ", 3));
    assert_eq!(values(&topic, READ_UNCOMMITTED), all);
    producer.abort_transaction(DEADLINE).unwrap();
}

#[tokio::test]
async fn a_zombie_producer_is_fenced() {
    let topic = new_topic("fenced", 1).await;
    let id = unique("id");
    let zombie = transactional(&id, &[]);
    zombie.begin_transaction().unwrap();
    send(&zombie, &topic, &numbered("zombie ", 1)).await.unwrap();
    let successor = transactional(&id, &[]);
    let error = zombie.commit_transaction(DEADLINE).unwrap_err();
    assert!(matches!(&error, KafkaError::Transaction(inner) if inner.is_fatal()), "{error:?}");
    assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::Fenced));
    successor.begin_transaction().unwrap();
    send(&successor, &topic, &numbered("successor ", 1)).await.unwrap();
    successor.commit_transaction(DEADLINE).unwrap();
    assert_eq!(values(&topic, READ_COMMITTED), ["successor 0"]);
}

#[tokio::test]
async fn a_transaction_that_takes_too_long_is_aborted() {
    let topic = new_topic("slow", 1).await;
    let producer = transactional(&unique("id"), &[("transaction.timeout.ms", "1000")]);
    producer.begin_transaction().unwrap();
    send(&producer, &topic, &numbered("late ", 3)).await.unwrap();
    let other = self::producer(&[]);
    send(&other, &topic, &numbered("after ", 1)).await.unwrap();
    wait_until("the transaction is aborted", || values(&topic, READ_COMMITTED) == ["after 0"]);
    assert!(producer.commit_transaction(DEADLINE).is_err());
}

/// A job whose input is written.
async fn new_job() -> Job {
    let job = Job {
        transactional_id: unique("id"),
        group: unique("group"),
        input: new_topic("input", 1).await,
        output: new_topic("output", 1).await,
    };
    send(&producer(&[]), &job.input, &numbered("", 2 * RECORD_COUNT)).await.unwrap();
    job
}

fn copies(count: usize) -> Vec<String> {
    numbered("copy of ", count)
}

#[tokio::test]
async fn a_transaction_that_fails_does_not_advance_the_groups_offsets() {
    let job = new_job().await;
    let producer = transactional(&job.transactional_id, &[]);
    let reader: BaseConsumer = consumer(&[("group.id", &job.group)]).create().unwrap();
    for (is_committed, expected) in [(false, Offset::Invalid), (true, Offset::Offset(7))] {
        producer.begin_transaction().unwrap();
        send(&producer, &job.output, &copies(7)).await.unwrap();
        let group = reader.group_metadata().unwrap();
        let place = at(&job.input, Offset::Offset(7));
        producer.send_offsets_to_transaction(&place, &group, DEADLINE).unwrap();
        if is_committed {
            producer.commit_transaction(DEADLINE).unwrap();
        } else {
            producer.abort_transaction(DEADLINE).unwrap();
        }
        assert_eq!(committed(&job.group, &job.input), expected);
    }
    assert_eq!(values(&job.output, READ_COMMITTED), copies(7));
}

const APPLICATION: &str = env!("CARGO_BIN_EXE_rdkafka_application");

#[tokio::test]
async fn an_application_crashes_mid_transaction_and_restarts_with_its_transactional_id() {
    let job = new_job().await;
    let mut crashing = Process::start(APPLICATION, &job);
    crashing.expect_line("ready");
    crashing.kill();
    assert_eq!(values(&job.output, READ_UNCOMMITTED), copies(RECORD_COUNT));
    for done in 1..=2 {
        copy_in_transaction(&job, || {}).await.unwrap();
        let count = done * RECORD_COUNT;
        assert_eq!(values(&job.output, READ_COMMITTED), copies(count));
        assert_eq!(committed(&job.group, &job.input), Offset::Offset(count as i64));
    }
}

#[tokio::test]
async fn a_zombie_application_wakes_after_its_successor_has_taken_over() {
    let job = new_job().await;
    let mut zombie = Process::start(APPLICATION, &job);
    zombie.expect_line("ready");
    zombie.signal("STOP");
    copy_in_transaction(&job, || {}).await.unwrap();
    zombie.proceed();
    zombie.signal("CONT");
    zombie.expect_line("Fenced");
    assert_eq!(values(&job.output, READ_COMMITTED), copies(RECORD_COUNT));
    assert_eq!(committed(&job.group, &job.input), Offset::Offset(RECORD_COUNT as i64));
}

#[tokio::test]
async fn offsets_are_told_by_time_and_place() {
    let topic = new_topic("offsets", 1).await;
    send(&producer(&[]), &topic, &numbered("", 10)).await.unwrap();
    let reader: BaseConsumer = consumer(&[]).create().unwrap();
    assert_eq!(reader.fetch_watermarks(&topic, 0, DEADLINE).unwrap(), (0, 10));
    for (time, offset) in [(0, Offset::Offset(0)), (i64::MAX / 2, Offset::End)] {
        let asked = at(&topic, Offset::Offset(time));
        let told = reader.offsets_for_times(asked, DEADLINE).unwrap();
        assert_eq!(told.elements()[0].offset(), offset, "{time}");
    }
}
