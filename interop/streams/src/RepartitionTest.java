import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A join and an aggregation over repartition topics, whose instances are killed at their work. */
class RepartitionTest {
    private static final int PARTITIONS = 2;
    private static final List<String> CUSTOMERS = Clients.numbered("customer-", 20);
    private static final List<String> REGIONS = Clients.numbered("region-", 5);
    private static final int CUSTOMERS_OF_REGION = CUSTOMERS.size() / REGIONS.size();
    private static final int ROUNDS = 500;

    @TempDir
    Path directory;

    private String applicationId;
    private String orders;
    private String customers;
    private String output;
    private CountReader reader;
    private int rounds;

    @BeforeEach
    void open() throws Exception {
        applicationId = Clients.unique("joining");
        orders = Clients.newTopic("orders", PARTITIONS);
        customers = Clients.newTopic("customers", PARTITIONS);
        output = Clients.newTopic("output", PARTITIONS);
        reader = new CountReader(output, PARTITIONS);
        try (var producer = Clients.producer(Map.of())) {
            for (int i = 0; i < CUSTOMERS.size(); i++) {
                producer.send(new ProducerRecord<>(
                    customers, CUSTOMERS.get(i), REGIONS.get(i % REGIONS.size())));
            }
        }
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private Program start(String protocol, Path stateDirectory) throws IOException {
        return JoiningApplication.start(new JoiningApplication.Job(
            applicationId, protocol, orders, customers, output, stateDirectory));
    }

    /** ROUNDS orders of each customer. */
    private void order() {
        try (var producer = Clients.producer(Map.of())) {
            for (int i = 0; i < ROUNDS; i++) {
                for (String customer : CUSTOMERS) {
                    producer.send(new ProducerRecord<>(
                        orders, "order-" + rounds + "-" + customer, customer));
                }
                rounds++;
            }
        }
    }

    /** Kills the instance, which must have orders left to count, and deletes its state. */
    private void lose(Program instance, Path stateDirectory) throws IOException {
        instance.kill();
        assertTrue(reader.countsRead() < (long) rounds * CUSTOMERS.size(),
            "the application was not in the middle of its work");
        try (var files = Files.walk(stateDirectory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void checkEveryOrderCountedOnce() throws Exception {
        reader.checkCountedOnce(REGIONS, rounds * CUSTOMERS_OF_REGION);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {CountingApplication.CLASSIC, CountingApplication.STREAMS})
    @DisplayName("a killed application whose state is deleted restores it from the changelog")
    void restore(String protocol) throws Exception {
        Path state = directory.resolve("state");
        order();
        try (var first = start(protocol, state)) {
            reader.waitForCounts(REGIONS.size());
            lose(first, state);
        }
        order();
        try (var second = start(protocol, state)) {
            second.waitForLine("restored [1-9].*");
            checkEveryOrderCountedOnce();
            checkRepartitionTopicsArePurged();
        }
    }

    /** What the next step has committed is deleted from the topic between them. */
    private void checkRepartitionTopicsArePurged() throws Exception {
        for (String step
            : List.of(JoiningApplication.BY_CUSTOMER, JoiningApplication.BY_REGION)) {
            String topic = applicationId + "-" + step + "-repartition";
            for (int partition = 0; partition < PARTITIONS; partition++) {
                waitForBegin(new TopicPartition(topic, partition));
            }
        }
    }

    private static void waitForBegin(TopicPartition place) throws Exception {
        try (var admin = Clients.admin()) {
            Clients.waitUntil(place + " is purged", () -> Clients.get(admin.listOffsets(
                Map.of(place, OffsetSpec.earliest())).partitionResult(place))
                .offset() > 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {CountingApplication.CLASSIC, CountingApplication.STREAMS})
    @DisplayName("every order is counted once by two instances, one of which is killed and returns")
    void rebalance(String protocol) throws Exception {
        Path mortal = directory.resolve("mortal");
        order();
        try (var first = start(protocol, mortal);
             var second = start(protocol, directory.resolve("second"))) {
            first.waitForLine("running with [1-9].*");
            second.waitForLine("running with [1-9].*");
            order();
            reader.waitForCounts(REGIONS.size());
            lose(first, mortal);
            order();
            try (var third = start(protocol, mortal)) {
                third.waitForLine("running with [1-9].*");
                order();
                checkEveryOrderCountedOnce();
            }
        }
    }
}
