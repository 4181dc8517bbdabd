import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Stock producers and consumers. */
final class Clients {
    private static final long DEADLINE_NS = 30_000_000_000L;

    private Clients() {}

    static KafkaProducer<String, String> producer(String bootstrap, Map<String, ?> own) {
        return new KafkaProducer<>(
            settings(bootstrap, own), new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String bootstrap, Map<String, ?> own) {
        var settings = settings(bootstrap, own);
        settings.putIfAbsent("auto.offset.reset", "earliest");
        settings.putIfAbsent("enable.auto.commit", "false");
        settings.putIfAbsent("allow.auto.create.topics", "false");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static KafkaShareConsumer<String, String> shareConsumer(String bootstrap, Map<String, ?> own) {
        return new KafkaShareConsumer<>(
            settings(bootstrap, own), new StringDeserializer(), new StringDeserializer());
    }

    /** All records of the partitions, up to where they end for this isolation level. */
    static List<ConsumerRecord<String, String>> readAll(
        String bootstrap, List<TopicPartition> partitions, String level) {
        List<ConsumerRecord<String, String>> all = new ArrayList<>();
        try (var consumer = consumer(bootstrap, Map.of("isolation.level", level))) {
            var ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + DEADLINE_NS;
            while (!partitions.stream().allMatch(
                partition -> consumer.position(partition) >= ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(all::add);
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the end is not reached: " + ends);
                }
            }
        }
        return all;
    }

    private static Properties settings(String bootstrap, Map<String, ?> own) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.putAll(own);
        return properties;
    }
}
