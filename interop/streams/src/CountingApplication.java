import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts the records of each key in a state store and writes every new count: one output record
 * for each input record, so that a lost or doubled one shows as a gap or a repetition.
 */
final class CountingApplication {
    static final String CLASSIC = "classic";
    /** KIP-1071: the broker knows the topology and assigns its tasks. */
    static final String STREAMS = "streams";

    /** What one run of the application works on, and how its group divides the work. */
    record Job(String applicationId, String protocol, String input, String output,
        Path stateDirectory) {}

    private CountingApplication() {}

    static KafkaStreams create(Job job) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(job.input)
            .groupByKey()
            .count(Materialized.as("counts"))
            .toStream()
            .to(job.output, Produced.with(Serdes.String(), Serdes.Long()));
        Properties settings = settings(job.applicationId, job.protocol, job.stateDirectory);
        settings.put("num.stream.threads", "2");
        // A member that was killed is replaced at once by the next one of its name.
        if (job.protocol.equals(CLASSIC)) {
            settings.put("group.instance.id", "the-instance");
        }
        return new KafkaStreams(builder.build(), settings);
    }

    /** What all applications here have in common: exactly once, small transactions, no cache. */
    static Properties settings(String applicationId, String protocol, Path stateDirectory) {
        return Clients.settings(Map.ofEntries(
            Map.entry("application.id", applicationId),
            Map.entry("group.protocol", protocol),
            Map.entry("state.dir", stateDirectory.toString()),
            Map.entry("processing.guarantee", "exactly_once_v2"),
            Map.entry("commit.interval.ms", "50"),
            Map.entry("statestore.cache.max.bytes", "0"),
            Map.entry("default.key.serde", Serdes.StringSerde.class),
            Map.entry("default.value.serde", Serdes.StringSerde.class),
            Map.entry("auto.offset.reset", "earliest"),
            Map.entry("heartbeat.interval.ms", "300"),
            // What is left open ends soon, should a successor not know its transactional ids.
            Map.entry("transaction.timeout.ms", "2000")));
    }

    public static void main(String[] words) {
        KafkaStreams streams =
            create(new Job(words[0], words[1], words[2], words[3], Path.of(words[4])));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    static Program start(Job job) throws IOException {
        return new Program(256, CountingApplication.class, job.applicationId, job.protocol,
            job.input, job.output, job.stateDirectory.toString());
    }
}
