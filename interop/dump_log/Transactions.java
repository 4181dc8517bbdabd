import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Fills a topic with what a dump has to show: arguments BOOTSTRAP TOPIC CODEC COUNT. Of COUNT
 * transactions, each with offsets of a group, every third is aborted, and two overlap at a time;
 * the last one stays open. Records have headers, and some no key or no value.
 */
public class Transactions {
    static KafkaProducer<String, String> producer(String bootstrap, String codec, String id) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", codec);
        properties.put("transactional.id", id);
        KafkaProducer<String, String> producer = new KafkaProducer<>(
                properties, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    static void send(KafkaProducer<String, String> producer, String topic, int number) {
        for (int at = 0; at < 20; at++) {
            String key = at % 5 == 0 ? null : "key " + at % 7;
            String value = at % 7 == 3 && key != null ? null : "value " + number + " " + at + " é";
            ProducerRecord<String, String> record = new ProducerRecord<>(topic, key, value);
            byte[] text = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
            record.headers().add("number", text);
            if (at % 4 == 0) record.headers().add("empty", null);
            producer.send(record);
        }
        producer.sendOffsetsToTransaction(
                Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(number, "at " + number)),
                new ConsumerGroupMetadata("dump-log-transactions"));
        producer.flush();
    }

    static void end(KafkaProducer<String, String> producer, int number) {
        if (number % 3 == 0)
            producer.abortTransaction();
        else
            producer.commitTransaction();
    }

    public static void main(String[] arguments) {
        String bootstrap = arguments[0], topic = arguments[1], codec = arguments[2];
        int count = Integer.parseInt(arguments[3]);
        try (var one = producer(bootstrap, codec, codec + "-one");
                var other = producer(bootstrap, codec, codec + "-other")) {
            for (int number = 0; number < count; number += 2) {
                one.beginTransaction();
                send(one, topic, number);
                other.beginTransaction();
                send(other, topic, number + 1);
                end(one, number);
                end(other, number + 1);
            }
            one.beginTransaction();
            send(one, topic, count);
            Runtime.getRuntime().halt(0);
        }
    }
}
