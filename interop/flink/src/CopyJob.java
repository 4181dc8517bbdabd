import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaPartitioner;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Copies a topic to another: a Flink cluster in one process, with checkpoints every 100 ms, each of
 * which ends with the commit of what was written before it.
 */
final class CopyJob {
    static final int LINES = 2;

    /** What one run works on, and the checkpoint that it goes on from, "" for none. */
    record Job(String name, String input, String output, Path directory, String naming,
        String checkpoint) {
        Path checkpoints() {
            return directory.resolve("checkpoints");
        }

        /** While it exists the job ends itself after its next checkpoint with records. */
        Path halt() {
            return directory.resolve("halt");
        }
    }

    private CopyJob() {}

    public static void main(String[] words) throws Exception {
        Job job = new Job(words[0], words[1], words[2], Path.of(words[3]), words[4], words[5]);
        var environment = StreamExecutionEnvironment.getExecutionEnvironment(settings(job));
        environment
            .fromSource(source(job), WatermarkStrategy.noWatermarks(), "source").uid("source")
            .map(new Halting(job.halt().toString())).uid("map")
            .sinkTo(sink(job)).uid("sink");
        environment.execute(job.name);
    }

    private static Configuration settings(Job job) {
        var settings = Configuration.fromMap(Map.of(
            "parallelism.default", Integer.toString(LINES),
            "execution.checkpointing.interval", "100 ms",
            "execution.checkpointing.dir", job.checkpoints().toUri().toString(),
            "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION",
            // Each step is a task of its own, which hears by itself that a checkpoint is complete.
            "pipeline.operator-chaining.enabled", "false",
            "restart-strategy.type", "disable",
            "io.tmp.dirs", job.directory.toString()));
        if (!job.checkpoint.isEmpty()) {
            settings.setString("execution.state-recovery.path", job.checkpoint);
        }
        return settings;
    }

    private static KafkaSource<String> source(Job job) {
        return KafkaSource.<String>builder()
            .setBootstrapServers(Clients.BOOTSTRAP)
            .setTopics(job.input)
            .setGroupId(job.name)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new SimpleStringSchema())
            .build();
    }

    private static KafkaSink<String> sink(Job job) {
        return KafkaSink.<String>builder()
            .setBootstrapServers(Clients.BOOTSTRAP)
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(job.name)
            .setTransactionNamingStrategy(TransactionNamingStrategy.valueOf(job.naming))
            // Far beyond the test: what a killed job left open is its successor's to end.
            .setProperty("transaction.timeout.ms", "600000")
            .setRecordSerializer(KafkaRecordSerializationSchema.<String>builder()
                .setTopic(job.output)
                .setPartitioner(new ByLine())
                .setValueSerializationSchema(new SimpleStringSchema())
                .build())
            .build();
    }

    /** Records are "LINE:NUMBER" and stand in the line's partition. */
    private static final class ByLine implements KafkaPartitioner<String> {
        private static final long serialVersionUID = 1;

        @Override
        public int partition(
            String record, byte[] key, byte[] value, String topic, int[] partitions) {
            return Integer.parseInt(record.substring(0, record.indexOf(':')));
        }
    }

    /** Ends the process, without a word to anyone, when a checkpoint with records is complete. */
    private static final class Halting
        implements MapFunction<String, String>, CheckpointedFunction, CheckpointListener {
        private static final long serialVersionUID = 1;
        private static final long NONE = Long.MAX_VALUE;
        private final String file;
        private boolean hasRecords;
        private long haltAt = NONE;

        Halting(String file) {
            this.file = file;
        }

        @Override
        public String map(String record) {
            hasRecords = true;
            return record;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {}

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            if (hasRecords && haltAt == NONE && Files.exists(Path.of(file))) {
                haltAt = context.getCheckpointId();
            }
            hasRecords = false;
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            if (checkpoint >= haltAt) {
                Runtime.getRuntime().halt(1);
            }
        }
    }

    static Program start(Job job) throws IOException {
        return new Program(384, CopyJob.class, job.name, job.input, job.output,
            job.directory.toString(), job.naming, job.checkpoint);
    }
}
