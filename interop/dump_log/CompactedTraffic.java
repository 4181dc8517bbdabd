// Writes keyed transactions, aborts and tombstones to a compacted topic, and checks what a reader
// from the beginning finds there: `produce BOOTSTRAP TOPIC ROUND`, `check BOOTSTRAP TOPIC ROUNDS`.

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class CompactedTraffic {
    private static final int TRANSACTIONS = 400;
    private static final int KEYS = 50;

    public static void main(String[] arguments) {
        String bootstrap = arguments[1];
        String topic = arguments[2];
        int round = Integer.parseInt(arguments[3]);
        if (arguments[0].equals("produce")) {
            write(bootstrap, topic, round, new HashMap<>());
            return;
        }
        Map<String, String> expected = new HashMap<>();
        for (int i = 0; i < round; ++i) {
            write(null, topic, i, expected);
        }
        Map<String, String> found = read(bootstrap, topic);
        if (!found.equals(expected)) {
            throw new AssertionError("found " + found + " instead of " + expected);
        }
        System.out.println("found the last value of each of " + found.size() + " keys");
    }

    // The same transactions for each round; without a bootstrap server only what they come to.
    private static void write(
            String bootstrap, String topic, int round, Map<String, String> state) {
        Random random = new Random(round);
        KafkaProducer<String, String> producer =
            bootstrap == null ? null : producer(bootstrap, round);
        for (int i = 0; i < TRANSACTIONS; ++i) {
            if (producer != null) {
                producer.beginTransaction();
            }
            Map<String, String> written = new HashMap<>();
            for (int records = 1 + random.nextInt(20); records > 0; --records) {
                String key = "key-" + random.nextInt(KEYS);
                String value =
                    random.nextInt(4) == 0 ? null : "value-" + round + "-" + random.nextInt();
                written.put(key, value);
                if (producer != null) {
                    producer.send(new ProducerRecord<>(topic, 0, key, value));
                }
            }
            boolean commits = random.nextInt(3) != 0;
            if (producer != null && commits) {
                producer.commitTransaction();
            } else if (producer != null) {
                producer.flush();
                producer.abortTransaction();
            }
            if (commits) {
                written.forEach((key, value) -> {
                    if (value == null) {
                        state.remove(key);
                    } else {
                        state.put(key, value);
                    }
                });
            }
        }
        if (producer != null) {
            producer.close();
        }
    }

    private static KafkaProducer<String, String> producer(String bootstrap, int round) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("transactional.id", "compacted-" + round % 2);
        settings.put("compression.type", List.of("none", "gzip", "lz4", "zstd").get(round % 4));
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private static Map<String, String> read(String bootstrap, String topic) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("isolation.level", "read_committed");
        Map<String, String> state = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                 settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> {
                    if (record.value() == null) {
                        state.remove(record.key());
                    } else {
                        state.put(record.key(), record.value());
                    }
                });
            }
        }
        return state;
    }
}
