import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Counts orders by the region of their customers: an order is sent on by customer, joined with the
 * table of their regions, sent on by region and counted, so that there are two repartition topics
 * and two stores with changelogs on its way. Every order makes one count.
 */
final class JoiningApplication {
    /** The names of its repartition topics, after the application's id. */
    static final String BY_CUSTOMER = "by-customer";
    static final String BY_REGION = "by-region";
    /** The store of counts, whose restoration is printed. */
    static final String COUNTS = "counts";

    /** What one instance works on: orders are customers, customers are regions by customer. */
    record Job(String applicationId, String protocol, String orders, String customers,
        String output, Path stateDirectory) {}

    private JoiningApplication() {}

    static KafkaStreams create(Job job) {
        StreamsBuilder builder = new StreamsBuilder();
        var regions = builder.<String, String>table(job.customers);
        builder.<String, String>stream(job.orders)
            .selectKey((order, customer) -> customer)
            .join(regions, (customer, region) -> region, Joined.as(BY_CUSTOMER))
            .groupBy((customer, region) -> region, Grouped.as(BY_REGION))
            .count(Materialized.as(COUNTS))
            .toStream()
            .to(job.output, Produced.with(Serdes.String(), Serdes.Long()));
        Properties settings =
            CountingApplication.settings(job.applicationId, job.protocol, job.stateDirectory);
        settings.put("num.stream.threads", "1");
        settings.put("repartition.purge.interval.ms", "100");
        // The least that a broker allows by default.
        settings.put("session.timeout.ms", "6000");
        return new KafkaStreams(builder.build(), settings);
    }

    /** Prints "running with N tasks" after each rebalance, and "restored N" for the counts. */
    public static void main(String[] words) {
        KafkaStreams streams =
            create(new Job(words[0], words[1], words[2], words[3], words[4], Path.of(words[5])));
        streams.setGlobalStateRestoreListener(new RestorePrinter());
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                int tasks = streams.metadataForLocalThreads().stream()
                    .mapToInt(thread -> thread.activeTasks().size()).sum();
                System.out.println("running with " + tasks + " tasks");
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static final class RestorePrinter implements StateRestoreListener {
        @Override
        public void onRestoreStart(
            TopicPartition changelog, String store, long begin, long end) {}

        @Override
        public void onBatchRestored(
            TopicPartition changelog, String store, long end, long count) {}

        @Override
        public void onRestoreEnd(TopicPartition changelog, String store, long count) {
            if (store.equals(COUNTS)) {
                System.out.println("restored " + count);
            }
        }
    }

    static Program start(Job job) throws IOException {
        return new Program(256, JoiningApplication.class, job.applicationId, job.protocol,
            job.orders, job.customers, job.output, job.stateDirectory.toString());
    }
}
