import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Producers, consumers and reads with deadlines, as all tests here use them. */
final class Clients {
    static final String BOOTSTRAP = System.getenv("EINMAL_BOOTSTRAP");
    /** Of whatever should happen at once, on a machine that has much else to do. */
    static final Duration DEADLINE = Duration.ofSeconds(120);
    static final String READ_COMMITTED = "read_committed";
    static final String READ_UNCOMMITTED = "read_uncommitted";

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private Clients() {}

    /** A name that no other test and no other run uses. */
    static String unique(String prefix) {
        return prefix + "-" + System.currentTimeMillis() + "-" + ProcessHandle.current().pid() + "-"
            + COUNTER.incrementAndGet();
    }

    static List<String> numbered(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    @SafeVarargs
    static List<String> concat(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    static Properties settings(Map<String, ?> own) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", BOOTSTRAP);
        properties.putAll(own);
        return properties;
    }

    static AdminClient admin() {
        return AdminClient.create(settings(Map.of()));
    }

    static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The exception that the future ends with; fails if it ends without one. */
    static Throwable errorOf(java.util.concurrent.Future<?> future) throws Exception {
        try {
            future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException exception) {
            return exception.getCause();
        }
        throw new AssertionError("ended without an error");
    }

    static void createTopic(String topic, int partitions, Map<String, String> configs)
        throws Exception {
        try (AdminClient admin = admin()) {
            NewTopic wanted = new NewTopic(topic, partitions, (short) 1).configs(configs);
            get(admin.createTopics(List.of(wanted)).all());
        }
    }

    static String newTopic(String prefix, int partitions) throws Exception {
        String topic = unique(prefix);
        createTopic(topic, partitions, Map.of());
        return topic;
    }

    static KafkaProducer<String, String> producer(Map<String, ?> own) {
        return new KafkaProducer<>(settings(own), new StringSerializer(), new StringSerializer());
    }

    /** A transactional producer that has taken over its id. */
    static KafkaProducer<String, String> transactional(String id, int timeoutMs) {
        KafkaProducer<String, String> producer =
            producer(Map.of("transactional.id", id, "transaction.timeout.ms", timeoutMs));
        producer.initTransactions();
        return producer;
    }

    static KafkaProducer<String, String> transactional(String id) {
        return transactional(id, 60_000);
    }

    static KafkaConsumer<String, String> consumer(Map<String, ?> own) {
        Properties properties = settings(Map.of("auto.offset.reset", "earliest",
            "enable.auto.commit", "false", "fetch.max.wait.ms", "50"));
        properties.putAll(own);
        return new KafkaConsumer<>(
            properties, new StringDeserializer(), new StringDeserializer());
    }

    /** Writes the values and waits for their acknowledgements. */
    static List<RecordMetadata> write(
        KafkaProducer<String, String> producer, String topic, int partition, List<String> values)
        throws Exception {
        var sent = values.stream()
            .map(value -> producer.send(new ProducerRecord<>(topic, partition, null, value)))
            .toList();
        producer.flush();
        List<RecordMetadata> acknowledged = new ArrayList<>();
        for (var future : sent) {
            acknowledged.add(future.get());
        }
        return acknowledged;
    }

    static void write(String topic, int partition, List<String> values) throws Exception {
        try (var producer = producer(Map.of())) {
            write(producer, topic, partition, values);
        }
    }

    /** All records that an isolation level shows of a partition, from beginning to end. */
    static List<ConsumerRecord<String, String>> read(String topic, int partition, String isolation)
        throws Exception {
        TopicPartition place = new TopicPartition(topic, partition);
        try (var consumer = consumer(Map.of("isolation.level", isolation))) {
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            long end = consumer.endOffsets(List.of(place)).get(place);
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            waitUntil("the end of the partition is reached", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return consumer.position(place) >= end;
            });
            return records;
        }
    }

    static List<String> valuesOf(String topic, String isolation) throws Exception {
        return read(topic, 0, isolation).stream().map(ConsumerRecord::value).toList();
    }

    /** Calls the condition, which does the waiting, until it holds. */
    static void waitUntil(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain until " + what);
            }
        }
    }
}
