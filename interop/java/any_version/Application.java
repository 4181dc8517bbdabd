import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The application of the exactly-once scenarios: copies records and commits its place in the input
 * with them. It runs in this process, or in one of its own that a test kills or suspends.
 */
final class Application {
    static final int RECORD_COUNT = 50;

    /** What one run of the application works on. */
    record Job(String transactionalId, String group, String input, String output) {}

    private Application() {}

    /** Copies RECORD_COUNT records in one transaction; calls beforeCommit when all is written. */
    static void copyInTransaction(Job job, Runnable beforeCommit) {
        TopicPartition place = new TopicPartition(job.input, 0);
        try (var consumer = Clients.consumer(
                 Map.of("group.id", job.group, "isolation.level", Clients.READ_COMMITTED));
             var producer = Clients.transactional(job.transactionalId)) {
            consumer.assign(List.of(place));
            producer.beginTransaction();
            for (int copied = 0; copied < RECORD_COUNT;) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    producer.send(new ProducerRecord<>(
                        job.output, 0, null, "copy of " + record.value()));
                    copied++;
                }
            }
            producer.flush();
            GroupOffsets.send(producer, job.input, consumer.position(place), job.group);
            beforeCommit.run();
            producer.commitTransaction();
        }
    }

    public static void main(String[] words) {
        String outcome = "committed";
        try {
            copyInTransaction(new Job(words[0], words[1], words[2], words[3]), () -> {
                System.out.println("ready");
                try {
                    System.in.read();
                } catch (IOException exception) {
                    throw new java.io.UncheckedIOException(exception);
                }
            });
        } catch (RuntimeException exception) {
            outcome = exception.getClass().getSimpleName();
        }
        System.out.println(outcome);
    }

    /** The application in its own process, which stops before its commit until told to go on. */
    static Program start(Job job) throws IOException {
        return new Program(128, Application.class, job.transactionalId, job.group, job.input,
            job.output);
    }
}
