import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * The obstacle's partition, filled until nothing more goes into its file. einmal, a single broker,
 * waits for no other; its markers wait for room on the disk. The suite starts it with a limit to
 * the size of a file.
 */
final class FullPartition {
    private static final int RECORD_BYTES_MAX = 1_000_000;

    private FullPartition() {
    }

    static void place(Broker broker) throws Exception {
        // A batch with an empty record is smaller than a marker.
        for (int bytes = RECORD_BYTES_MAX; bytes > 0; bytes /= 2) {
            fill(broker, bytes);
        }
        fill(broker, 0);
    }

    /** With records of that size, until one is refused. */
    private static void fill(Broker broker, int bytes) throws Exception {
        Errors error = Errors.NONE;
        while (error == Errors.NONE) {
            var record = new SimpleRecord(System.currentTimeMillis(), new byte[bytes]);
            var records = MemoryRecords.withRecords(Compression.NONE, record);
            ProduceResponseData answer = broker.ask(
                11, BatchCases.request(broker, (short) 11, Obstacle.TOPIC, 0, records));
            error = Errors.forCode(BatchCases.errorOf(answer));
        }
        if (error != Errors.KAFKA_STORAGE_ERROR) {
            throw new AssertionError("the partition is not full: " + error);
        }
    }
}
