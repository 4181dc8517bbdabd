import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches that are wrong in one thing each, and the sequences of idempotent producers. */
final class BatchCases {
    private static final String TOPIC = "batches";
    private static final long NOW = System.currentTimeMillis();

    // Where the fields of a batch's header are.
    private static final int BASE_OFFSET = 0;
    private static final int LENGTH = 8;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int BASE_TIMESTAMP = 27;
    private static final int MAX_TIMESTAMP = 35;
    private static final int PRODUCER_ID = 43;
    private static final int PRODUCER_EPOCH = 51;
    private static final int BASE_SEQUENCE = 53;
    private static final int COUNT = 57;
    private static final int RECORDS = 61;

    private BatchCases() {
    }

    static void addTo(Cases cases) {
        addFrameSpoilers(cases);
        addHeaderSpoilers(cases);
        addRecordSpoilers(cases);
        addSequences(cases);
        addTargets(cases);
    }

    static ProduceRequestData request(Broker broker, int version, String topic, int partition,
        MemoryRecords records) throws Exception {
        var topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData()
                .setName(version < 13 ? topic : "")
                .setTopicId(broker.topicId(topic))
                .setPartitionData(
                    List.of(new PartitionProduceData().setIndex(partition).setRecords(records))));
        return new ProduceRequestData()
            .setAcks((short) -1)
            .setTimeoutMs(5_000)
            .setTopicData(topics);
    }

    static short errorOf(ProduceResponseData answer) {
        return answer.responses().iterator().next().partitionResponses().get(0).errorCode();
    }

    /** What stands around a batch, or is no batch. */
    private static void addFrameSpoilers(Cases cases) {
        spoilt(cases, "an untouched batch", batch -> batch);
        spoilt(cases, "a wrong CRC", batch -> batch.putInt(CRC, batch.getInt(CRC) + 1));
        for (int length : new int[] {-1, 0, 13, 14, 48, 49, Integer.MAX_VALUE}) {
            spoilt(cases, "batch length " + length, batch -> batch.putInt(LENGTH, length));
        }
        for (int magic : new int[] {0, 1, 3, -1, 127}) {
            spoilt(cases, "magic " + magic, batch -> crc(batch.put(MAGIC, (byte) magic)));
        }
        for (int size : new int[] {0, 1, 12, 17, 60, 61, 62}) {
            spoilt(cases, "only the first " + size + " bytes", batch -> batch.limit(size));
        }
        spoilt(cases, "a byte missing", batch -> batch.limit(batch.limit() - 1));
        spoilt(cases, "a byte too many", batch -> append(batch, 1, new byte[1]));
        spoilt(cases, "a byte after the batch", batch -> append(batch, 0, new byte[1]));
        spoilt(cases, "two batches", batch -> append(batch, 0, batch.array()));
        spoilt(cases, "base offset 1", batch -> batch.putLong(BASE_OFFSET, 1));
        spoilt(cases, "base offset -1", batch -> batch.putLong(BASE_OFFSET, -1));
    }

    private static void addHeaderSpoilers(Cases cases) {
        for (int delta : new int[] {-1, 0, 2, Integer.MAX_VALUE}) {
            spoilt(cases, "last offset delta " + delta,
                batch -> crc(batch.putInt(LAST_OFFSET_DELTA, delta)));
        }
        for (int count : new int[] {-1, 0, 1, 3, Integer.MAX_VALUE}) {
            spoilt(cases, "count " + count, batch -> crc(batch.putInt(COUNT, count)));
        }
        spoilt(cases, "count and last offset delta one too high",
            batch -> crc(batch.putInt(COUNT, 3).putInt(LAST_OFFSET_DELTA, 2)));
        spoilt(cases, "no records",
            batch -> crc(shorten(batch, RECORDS).putInt(COUNT, 0).putInt(LAST_OFFSET_DELTA, -1)));
        int[] bits = {3, 4, 5, 6, 7, 14};
        for (int bit : bits) {
            spoilt(cases, "attribute bit " + bit,
                batch -> crc(batch.putShort(ATTRIBUTES, (short) (1 << bit))));
        }
        for (int codec = 1; codec < 8; codec++) {
            short attributes = (short) codec;
            spoilt(cases, "codec " + codec + " over plain records",
                batch -> crc(batch.putShort(ATTRIBUTES, attributes)));
        }
        spoilt(cases, "base timestamp -1", batch -> crc(batch.putLong(BASE_TIMESTAMP, -1)));
        spoilt(cases, "base timestamp -2", batch -> crc(batch.putLong(BASE_TIMESTAMP, -2)));
        spoilt(cases, "base timestamp 2^63-1",
            batch -> crc(batch.putLong(BASE_TIMESTAMP, Long.MAX_VALUE)));
        spoilt(cases, "a wrong max timestamp", batch -> crc(batch.putLong(MAX_TIMESTAMP, 1)));
        spoilt(cases, "producer id -2", batch -> crc(batch.putLong(PRODUCER_ID, -2)));
        spoilt(cases, "a producer id alone", batch -> crc(batch.putLong(PRODUCER_ID, 77_001)));
        spoilt(cases, "an epoch alone", batch -> crc(batch.putShort(PRODUCER_EPOCH, (short) 0)));
        spoilt(
            cases, "a producer without a sequence", batch -> crc(producer(batch, 77_002, 0, -1)));
        spoilt(cases, "a producer with sequence -2", batch -> crc(producer(batch, 77_003, 0, -2)));
        spoilt(cases, "producer epoch -1 and sequence 0",
            batch -> crc(producer(batch, 77_004, -1, 0)));
        spoilt(cases, "producer epoch -2", batch -> crc(producer(batch, 77_005, -2, 0)));
        spoilt(cases, "a sequence alone", batch -> crc(batch.putInt(BASE_SEQUENCE, 0)));
        spoilt(cases, "a transactional batch of no transactional id",
            batch -> crc(producer(batch, 77_006, 0, 0).putShort(ATTRIBUTES, (short) 16)));
    }

    /** The first record is at RECORDS: size, attributes, timestamp delta, offset delta, key... */
    private static void addRecordSpoilers(Cases cases) {
        record Spoiler(String name, int at, int value) {
        }
        for (var spoiler :
            List.of(new Spoiler("record size 0", 0, 0), new Spoiler("record size -1", 0, 1),
                new Spoiler("a record one byte shorter", 0, 14),
                new Spoiler("a record one byte longer", 0, 18),
                new Spoiler("record attributes 1", 1, 1), new Spoiler("timestamp delta -1", 2, 1),
                new Spoiler("first offset delta 1", 3, 2),
                new Spoiler("first offset delta -1", 3, 1), new Spoiler("key length 5", 4, 10),
                new Spoiler("key length -2", 4, 3), new Spoiler("header count 1", 8, 2),
                new Spoiler("header count -1", 8, 1))) {
            spoilt(cases, spoiler.name,
                batch -> crc(batch.put(RECORDS + spoiler.at, (byte) spoiler.value)));
        }
    }

    private static void addSequences(Cases cases) {
        record Batch(int epoch, int sequence) {
        }
        record Conversation(String name, List<Batch> batches) {
        }
        var first = new Batch(0, 0);
        for (var talk : List.of(new Conversation("a first batch", List.of(first)),
                 new Conversation("a first batch with sequence 5", List.of(new Batch(0, 5))),
                 new Conversation("a next batch", List.of(first, new Batch(0, 2))),
                 new Conversation("a duplicate", List.of(first, first)),
                 new Conversation(
                     "a duplicate of the last but one", List.of(first, new Batch(0, 2), first)),
                 new Conversation("a duplicate of the last but five",
                     List.of(first, new Batch(0, 2), new Batch(0, 4), new Batch(0, 6),
                         new Batch(0, 8), new Batch(0, 10), first)),
                 new Conversation("a gap", List.of(first, new Batch(0, 3))),
                 new Conversation("an overlap", List.of(first, new Batch(0, 1))),
                 new Conversation("an old sequence", List.of(new Batch(0, 10), new Batch(0, 4))),
                 new Conversation("a new epoch", List.of(first, new Batch(1, 0))),
                 new Conversation("a new epoch with sequence 2", List.of(first, new Batch(1, 2))),
                 new Conversation("an old epoch", List.of(new Batch(1, 0), new Batch(0, 2))),
                 new Conversation(
                     "an old epoch's duplicate", List.of(first, new Batch(1, 0), first)),
                 new Conversation("sequences around 2^31",
                     List.of(new Batch(0, Integer.MAX_VALUE), new Batch(0, 1))),
                 new Conversation("a sequence of 0 instead of 1 after 2^31",
                     List.of(new Batch(0, Integer.MAX_VALUE), new Batch(0, 0))))) {
            cases.each(ApiKeys.PRODUCE, talk.name, (broker, version) -> {
                String topic = "sequences";
                long producerId = 5_000_000 + broker.nextNumber();
                long start = -1;
                Facts facts = null;
                for (Batch batch : talk.batches) {
                    var records = MemoryRecords.withIdempotentRecords(Compression.NONE, producerId,
                        (short) batch.epoch, batch.sequence, twoRecords());
                    ProduceResponseData answer =
                        broker.ask(version, request(broker, version, topic, 0, records));
                    var partition =
                        answer.responses().iterator().next().partitionResponses().get(0);
                    start = start < 0 ? partition.baseOffset() : start;
                    long offset = partition.baseOffset() < 0 ? -1 : partition.baseOffset() - start;
                    facts =
                        Facts.error(partition.errorCode()).and("offset after the first", offset);
                }
                return facts;
            });
        }
    }

    private static void addTargets(Cases cases) {
        for (int acks : new int[] {-1, 1, 2, -2}) {
            cases.each(ApiKeys.PRODUCE, "acks " + acks,
                (broker, version)
                    -> answer(broker, version,
                        request(broker, version, TOPIC, 0, records()).setAcks((short) acks)));
        }
        for (int partition : new int[] {-1, 4}) {
            cases.each(ApiKeys.PRODUCE, "partition " + partition + " of 4",
                (broker, version)
                    -> answer(
                        broker, version, request(broker, version, TOPIC, partition, records())));
        }
        cases.each(ApiKeys.PRODUCE, 3, 12, "an internal topic", (broker, version) -> {
            var request = request(broker, version, TOPIC, 0, records());
            request.topicData().iterator().next().setName("__consumer_offsets");
            return answer(broker, version, request);
        });
        cases.each(ApiKeys.PRODUCE, 3, 12, "an unknown topic", (broker, version) -> {
            var request = request(broker, version, TOPIC, 0, records());
            request.topicData().iterator().next().setName("nowhere");
            return answer(broker, version, request);
        });
        cases.each(ApiKeys.PRODUCE, 13, 13, "an unknown topic id", (broker, version) -> {
            var request = request(broker, version, TOPIC, 0, records());
            request.topicData().iterator().next().setTopicId(
                new org.apache.kafka.common.Uuid(1, 2));
            return answer(broker, version, request);
        });
    }

    private static void spoilt(Cases cases, String name, UnaryOperator<ByteBuffer> spoil) {
        cases.each(ApiKeys.PRODUCE, name, (broker, version) -> {
            ByteBuffer batch = ByteBuffer.wrap(records().buffer().array().clone());
            var records = MemoryRecords.readableRecords(spoil.apply(batch));
            return answer(broker, version, request(broker, version, TOPIC, 0, records));
        });
    }

    /** Offsets depend on which cases ran before: only whether there is one counts. */
    private static Facts answer(Broker broker, short version, ProduceRequestData request)
        throws Exception {
        ProduceResponseData answer = broker.ask(version, request);
        Facts facts = Facts.of(version, answer);
        facts.replaceAll((path, value)
                             -> path.endsWith("ffset") && !value.equals("-1") && !value.equals("0")
                ? "some"
                : value);
        return facts;
    }

    private static SimpleRecord[] twoRecords() {
        return new SimpleRecord[] {new SimpleRecord(NOW, "k".getBytes(), "v".getBytes()),
            new SimpleRecord(NOW, "l".getBytes(), "w".getBytes())};
    }

    private static MemoryRecords records() {
        return MemoryRecords.withRecords(Compression.NONE, twoRecords());
    }

    private static ByteBuffer producer(ByteBuffer batch, long id, int epoch, int sequence) {
        return batch.putLong(PRODUCER_ID, id)
            .putShort(PRODUCER_EPOCH, (short) epoch)
            .putInt(BASE_SEQUENCE, sequence);
    }

    private static ByteBuffer shorten(ByteBuffer batch, int size) {
        return batch.limit(size).putInt(LENGTH, size - 12);
    }

    /** Adds bytes of which `counted` belong to the batch by its length. */
    private static ByteBuffer append(ByteBuffer batch, int counted, byte[] bytes) {
        ByteBuffer longer = ByteBuffer.allocate(batch.limit() + bytes.length).put(batch).put(bytes);
        longer.flip().putInt(LENGTH, batch.limit() - 12 + counted);
        return counted > 0 ? crc(longer) : longer;
    }

    private static ByteBuffer crc(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.array(), ATTRIBUTES, batch.limit() - ATTRIBUTES);
        return batch.putInt(CRC, (int) crc.getValue());
    }
}
