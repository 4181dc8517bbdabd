import java.io.OutputStream;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;

/**
 * A member of a streams group (KIP-1071), which counts how often each value occurs in a topic: a
 * repartition topic and a changelog. BOOTSTRAP GROUP SOURCE OUTPUT DIRECTORY. Says when it is
 * running, and leaves its group when its input ends.
 */
final class StreamsProgram {
    private StreamsProgram() {}

    public static void main(String[] words) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(words[2])
            .groupBy((key, value) -> value, Grouped.as("by-value"))
            .count(Materialized.as("counts"))
            .toStream()
            .mapValues(String::valueOf)
            .to(words[3]);
        Properties settings = new Properties();
        settings.put("bootstrap.servers", words[0]);
        settings.put("application.id", words[1]);
        settings.put("client.id", "streams");
        settings.put("group.protocol", "streams");
        settings.put("state.dir", words[4]);
        settings.put("commit.interval.ms", "50");
        settings.put("statestore.cache.max.bytes", "0");
        settings.put("default.key.serde", Serdes.StringSerde.class);
        settings.put("default.value.serde", Serdes.StringSerde.class);
        settings.put("auto.offset.reset", "earliest");
        var isRunning = new CountDownLatch(1);
        var streams = new KafkaStreams(builder.build(), settings);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                isRunning.countDown();
            }
        });
        streams.start();
        isRunning.await();
        System.out.println("running");
        System.in.transferTo(OutputStream.nullOutputStream());
        streams.close(CloseOptions.groupMembershipOperation(
            CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
