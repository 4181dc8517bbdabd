import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The three scenarios that exactly-once is known by. */
class ExactlyOnceTest {
    private static final List<String> COPIES =
        Clients.numbered("copy of ", Application.RECORD_COUNT);

    private static Application.Job prepare() throws Exception {
        var job = new Application.Job(Clients.unique("copier"), Clients.unique("copiers"),
            Clients.newTopic("input", 1), Clients.newTopic("output", 1));
        Clients.write(job.input(), 0, Clients.numbered("", Application.RECORD_COUNT));
        return job;
    }

    private static void checkCopiedOnce(Application.Job job) throws Exception {
        assertEquals(COPIES, Clients.valuesOf(job.output(), Clients.READ_COMMITTED));
        GroupOffsets.assertCommitted(Application.RECORD_COUNT, job.group(), job.input());
    }

    @Test
    @DisplayName("a transaction that fails does not advance the group's offsets")
    void failedTransaction() throws Exception {
        var job = prepare();
        try (var producer = Clients.transactional(job.transactionalId())) {
            producer.beginTransaction();
            Clients.write(producer, job.output(), 0, COPIES);
            GroupOffsets.send(producer, job.input(), Application.RECORD_COUNT, job.group());
            producer.abortTransaction();
        }
        assertNull(GroupOffsets.committed(job.group(), job.input()));
        assertEquals(List.of(), Clients.valuesOf(job.output(), Clients.READ_COMMITTED));
        Application.copyInTransaction(job, () -> {});
        checkCopiedOnce(job);
    }

    @Test
    @DisplayName("an application crashes mid-transaction and restarts with its transactional id")
    void crash() throws Exception {
        var job = prepare();
        try (var first = Application.start(job)) {
            assertEquals("ready", first.readLine());
            first.kill();
        }
        assertEquals(List.of(), Clients.valuesOf(job.output(), Clients.READ_COMMITTED));
        try (var second = Application.start(job)) {
            assertEquals("ready", second.readLine());
            second.proceed();
            assertEquals("committed", second.readLine());
        }
        checkCopiedOnce(job);
        assertEquals(2 * Application.RECORD_COUNT,
            Clients.valuesOf(job.output(), Clients.READ_UNCOMMITTED).size());
    }

    @Test
    @DisplayName("a zombie application wakes after its successor has taken over")
    void zombie() throws Exception {
        var job = prepare();
        try (var zombie = Application.start(job)) {
            assertEquals("ready", zombie.readLine());
            zombie.suspend();
            Application.copyInTransaction(job, () -> {});
            checkCopiedOnce(job);
            zombie.wake();
            zombie.proceed();
            assertEquals("ProducerFencedException", zombie.readLine());
        }
        checkCopiedOnce(job);
    }
}
