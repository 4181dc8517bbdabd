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
    /** What one run of the application works on. */
    record Job(String applicationId, String input, String output, Path stateDirectory) {}

    private CountingApplication() {}

    static KafkaStreams create(Job job) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(job.input)
            .groupByKey()
            .count(Materialized.as("counts"))
            .toStream()
            .to(job.output, Produced.with(Serdes.String(), Serdes.Long()));
        Properties settings = Clients.settings(Map.ofEntries(
            Map.entry("application.id", job.applicationId),
            Map.entry("state.dir", job.stateDirectory.toString()),
            Map.entry("processing.guarantee", "exactly_once_v2"),
            Map.entry("commit.interval.ms", "50"),
            Map.entry("statestore.cache.max.bytes", "0"),
            Map.entry("num.stream.threads", "2"),
            Map.entry("default.key.serde", Serdes.StringSerde.class),
            Map.entry("default.value.serde", Serdes.StringSerde.class),
            Map.entry("auto.offset.reset", "earliest"),
            Map.entry("heartbeat.interval.ms", "300"),
            // A member that was killed is replaced at once by the next one of its name.
            Map.entry("group.instance.id", "the-instance"),
            // What it left open ends soon, should its successor not know its transactional ids.
            Map.entry("transaction.timeout.ms", "2000")));
        return new KafkaStreams(builder.build(), settings);
    }

    public static void main(String[] words) {
        KafkaStreams streams =
            create(new Job(words[0], words[1], words[2], Path.of(words[3])));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    /** The application in a process of its own. */
    static final class Running implements AutoCloseable {
        private final Process process;

        Running(Job job) throws java.io.IOException {
            process = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
                System.getProperty("java.class.path"), "CountingApplication", job.applicationId,
                job.input, job.output, job.stateDirectory.toString()).inheritIO().start();
        }

        /** Ends it as a crash does. */
        void kill() {
            process.destroyForcibly().onExit().join();
        }

        /** Lets it finish its transaction and leave. */
        @Override
        public void close() {
            process.destroy();
            process.onExit().orTimeout(Clients.DEADLINE.toSeconds(),
                java.util.concurrent.TimeUnit.SECONDS).join();
        }
    }
}
