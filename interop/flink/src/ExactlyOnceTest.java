import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A copying job that is killed, and ends between a checkpoint and its commit: its successor takes
 * over a transaction by its producer id and epoch, which were kept in the checkpoint, and commits.
 */
class ExactlyOnceTest {
    private static final int STAGE = 1000;

    @TempDir
    Path directory;

    private String name;
    private String input;
    private String output;
    private String naming;
    private int written;

    private Program start() throws IOException {
        return CopyJob.start(new CopyJob.Job(
            name, input, output, directory, naming, newestCheckpoint()));
    }

    private Path halt() {
        return directory.resolve("halt");
    }

    /** The one with the highest number that has been completed; "" before there is any. */
    private String newestCheckpoint() throws IOException {
        if (!Files.exists(directory.resolve("checkpoints"))) {
            return "";
        }
        try (var files = Files.walk(directory.resolve("checkpoints"))) {
            return files.filter(file -> file.endsWith("_metadata"))
                .max(Comparator.comparingLong(file -> Long.parseLong(
                    file.getParent().getFileName().toString().substring("chk-".length()))))
                .map(file -> file.getParent().toUri().toString()).orElse("");
        }
    }

    private static List<String> records(int line, int begin, int end) {
        return Clients.numbered(line + ":", end).subList(begin, end);
    }

    private void writeStage() throws Exception {
        for (int line = 0; line < CopyJob.LINES; line++) {
            Clients.write(input, line, records(line, written, written + STAGE));
        }
        written += STAGE;
    }

    private List<String> copied(int line) throws Exception {
        return Clients.read(output, line, Clients.READ_COMMITTED).stream()
            .map(ConsumerRecord::value).toList();
    }

    private void checkEachCopiedOnce() throws Exception {
        for (int line = 0; line < CopyJob.LINES; line++) {
            int partition = line;
            Clients.waitUntil("line " + line + " is copied",
                () -> copied(partition).size() >= written);
            assertEquals(records(line, 0, written), copied(line));
        }
    }

    /** A record at a time, so that there are some in each checkpoint, until the program ends. */
    private void writeUntilItEnds(Program program) throws Exception {
        Clients.waitUntil("the job has ended itself", () -> {
            for (int line = 0; line < CopyJob.LINES; line++) {
                Clients.write(input, line, records(line, written, written + 1));
            }
            written++;
            return !program.isAlive();
        });
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("every record is copied once by a job that is killed, or ends before a commit")
    @ValueSource(strings = {"INCREMENTING", "POOLING"})
    void killedAndHalted(String naming) throws Exception {
        this.naming = naming;
        name = Clients.unique("copy");
        input = Clients.newTopic("input", CopyJob.LINES);
        output = Clients.newTopic("output", CopyJob.LINES);
        try (var first = start()) {
            writeStage();
            checkEachCopiedOnce();
            writeStage();
            first.kill();
        }
        try (var second = start()) {
            checkEachCopiedOnce();
            Files.createFile(halt());
            writeUntilItEnds(second);
        }
        Files.delete(halt());
        try (var third = start()) {
            writeStage();
            checkEachCopiedOnce();
        }
    }
}
