import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * One visit to a data directory by way of the broker that has it open: what was there when the
 * broker before it went has to be there, what that one began goes on, and then more is written.
 */
final class Visit extends Claims {
    private static final int OPEN_TIMEOUT_MS = 900_000;
    /** More than Kafka's ten seconds from one look at the timeouts to the next. */
    private static final int PATIENCE_MS = 30_000;
    private static final String PLAIN = "plain";
    private static final String ROLLED = "rolled";
    private static final String COMPACTED = "compacted";
    private static final String TRANSACTIONAL = "transactional";
    private static final String SEQUENCES = "sequences";
    private static final String PASSING = Observation.PASSING;
    private static final String HANGING = "hanging";
    /** A group that subscribes to a regular expression; and how many partitions match it. */
    private static final String PATTERN = "pattern";
    private static final int PATTERN_PARTITIONS = 4;
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    private final int number;
    private final Path directory;
    private final String bootstrap;
    private final int passingTimeoutMs;
    private final boolean usesTool;
    private final Admin admin;
    private final Raw raw;
    private final Properties state = new Properties();
    private final Streaming streaming;

    private Visit(String way, int number, Path directory, String bootstrap, int passingTimeoutMs,
        boolean usesTool) throws Exception {
        super(way);
        this.passingTimeoutMs = passingTimeoutMs;
        this.usesTool = usesTool;
        this.number = number;
        this.directory = directory;
        this.bootstrap = bootstrap;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        raw = new Raw(bootstrap);
        streaming = new Streaming(raw, state);
    }

    /**
     * WAY NUMBER DIRECTORY BOOTSTRAP TIMEOUT [tool]: a line for each claim, and status 1 when one
     * does not hold. The timeout, in ms, is that of a transaction which is begun at last. With
     * `tool` kafka-transactions looks, too, at the end of the first visit and on the second; the
     * first broker must not verify transactions, since one is made to hang.
     */
    public static void main(String[] arguments) throws Exception {
        var visit = new Visit(arguments[0], Integer.parseInt(arguments[1]), Path.of(arguments[2]),
            arguments[3], Integer.parseInt(arguments[4]), arguments.length > 5);
        visit.run();
        System.exit(visit.exitStatus());
    }

    private void run() throws Exception {
        Path seen = directory.resolve("seen");
        Path seenByTool = directory.resolve("seen-by-tool");
        Path kept = directory.resolve("state");
        if (Files.exists(seen)) {
            try (var reader = Files.newBufferedReader(kept)) {
                state.load(reader);
            }
            compare(Observation.read(seen), Observation.of(admin, bootstrap));
            if (usesTool) {
                compare(Observation.read(seenByTool), lookByTool().facts());
                abortByTool();
            }
            goOn();
        } else {
            makeTopics();
        }
        write();
        if (usesTool && !Files.exists(seenByTool)) {
            hang();
            lookByTool().facts().write(seenByTool);
        }
        Observation.of(admin, bootstrap).write(seen);
        beginPassing();
        try (var writer = Files.newBufferedWriter(kept)) {
            state.store(writer, null);
        }
    }

    private void compare(Observation before, Observation now) {
        before.facts.forEach((about, expected) -> claim("the same " + about, () -> {
            List<String> found = now.facts.getOrDefault(about, List.of());
            List<String> gone = new ArrayList<>(expected);
            gone.removeAll(found);
            List<String> come = new ArrayList<>(found);
            come.removeAll(expected);
            if (!gone.isEmpty() || !come.isEmpty()) {
                throw new AssertionError("gone " + gone + "\n    come " + come);
            }
        }));
    }

    /** What the broker before this one began is continued here. */
    private void goOn() throws Exception {
        var idempotent = Raw.Producer.parse(state.getProperty("idempotent"));
        int last = Integer.parseInt(state.getProperty("idempotent.last"));
        long offset = Long.parseLong(state.getProperty("idempotent.offset"));
        claim("a duplicate of an idempotent producer's batch is recognised", () -> {
            long end = end(SEQUENCES);
            equal(new Raw.Produced(Errors.NONE, offset),
                raw.produce(idempotent, SEQUENCES, last, "sequence " + last));
            equal(end, end(SEQUENCES));
        });
        claim("a gap in its sequence is refused",
            ()
                -> equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    raw.produce(idempotent, SEQUENCES, last + 2, "gap").error()));
        claim("its next sequence is accepted",
            ()
                -> equal(new Raw.Produced(Errors.NONE, offset + 1),
                    raw.produce(idempotent, SEQUENCES, last + 1, "sequence " + (last + 1))));

        var fenced = Raw.Producer.parse(state.getProperty("fenced"));
        claim("a fenced producer stays fenced", () -> {
            equal(Errors.INVALID_PRODUCER_EPOCH,
                raw.produce(fenced, TRANSACTIONAL, 1, "zombie").error());
            equal(Errors.PRODUCER_FENCED, raw.end(fenced, true));
        });
        var open = Raw.Producer.parse(state.getProperty("open"));
        claim("a transaction left open is committed by whoever has its producer id", () -> {
            equal(TransactionState.ONGOING, stateOf(open.transactionalId()));
            equal(Errors.NONE, raw.end(open, true));
            awaitState(open.transactionalId(), TransactionState.COMPLETE_COMMIT);
            equal(end(TRANSACTIONAL), stableEnd(TRANSACTIONAL));
        });
        var passing = state.getProperty(PASSING);
        boolean comesBack = Integer.parseInt(state.getProperty("passing.timeout")) > PATIENCE_MS;
        String when = comesBack ? "when its producer comes back" : "at its timeout";
        claim("a transaction left open is aborted " + when, () -> {
            if (comesBack) {
                raw.init(passing, OPEN_TIMEOUT_MS);
            } else {
                awaitState(passing, TransactionState.COMPLETE_ABORT);
            }
            equal(end(PASSING), stableEnd(PASSING));
            var all = List.of(new TopicPartition(PASSING, 0));
            equal(List.of(),
                Clients.readAll(bootstrap, all, "read_committed")
                    .stream()
                    .map(it -> it.value())
                    .toList());
        });
        claim("a group goes on where it was", this::consume);
        claim("a static member of a consumer group comes back", this::consumeStatically);
        claim("a member of a consumer group is where it was", () -> {
            int epoch = Integer.parseInt(state.getProperty("member.epoch"));
            var answer = beat(epoch, topicsBesides(number - 1));
            equal(epoch, answer.memberEpoch());
            equal(partitionsOf(number - 1), count(answer));
        });
        claim("members of a streams group are where they were", streaming::find);
        claim("a transactional producer of the same id goes on", () -> transact("same", true));
        claim("topic ids are not used again", () -> {
            admin.deleteTopics(List.of("short-lived")).all().get(20, TimeUnit.SECONDS);
            awaitGone("short-lived");
            var before = state.getProperty("short-lived");
            create(new NewTopic("short-lived", 1, (short) 1));
            if (before.contains(topicId("short-lived"))) {
                throw new AssertionError(before);
            }
        });
    }

    /** A transaction that no coordinator knows of: its partition was never added to it. */
    private void hang() throws Exception {
        create(new NewTopic(HANGING, 1, (short) 1));
        Raw.require(raw.produce(raw.init(null, OPEN_TIMEOUT_MS), HANGING, 0, "first").error());
        var hanging = raw.init(HANGING, OPEN_TIMEOUT_MS);
        var written = raw.produce(hanging, HANGING, 0, "hanging");
        Raw.require(written.error());
        state.setProperty(HANGING, hanging.toString());
        state.setProperty(HANGING + ".offset", "" + written.offset());
    }

    private ToolObservation lookByTool() throws Exception {
        var open = Raw.Producer.parse(state.getProperty("open"));
        var ids = List.of(open.transactionalId(), "same", "committed");
        var seen = ToolObservation.of(
            new TransactionsTool(bootstrap), ids, List.of(TRANSACTIONAL, SEQUENCES, HANGING));
        var states = Map.of(open.transactionalId(), "Ongoing", "same", "CompleteAbort", "committed",
            "CompleteCommit", "fenced", "Empty");
        states.forEach((id, expected) -> claim("kafka-transactions list: " + id, () -> {
            var row = seen.row(ToolObservation.LIST, "TransactionalId", id);
            equal("1 " + expected, row.get("Coordinator") + " " + row.get("TransactionState"));
        }));
        claim("kafka-transactions describe: the open one", () -> {
            String command = "describe " + open.transactionalId();
            var row = seen.row(command, "TransactionalId", open.transactionalId());
            equal("" + open.id(), row.get("ProducerId"));
            equal("" + open.epoch(), row.get("ProducerEpoch"));
            equal("Ongoing", row.get("TransactionState"));
            equal("" + OPEN_TIMEOUT_MS, row.get("TransactionTimeoutMs"));
            equal(TRANSACTIONAL + "-0", row.get("TopicPartitions"));
            Long.parseLong(row.get("CurrentTransactionStartTimeMs"));
        });
        for (String id : List.of("same", "committed")) {
            claim("kafka-transactions describe: " + id, () -> {
                var row = seen.row("describe " + id, "TransactionalId", id);
                equal(states.get(id), row.get("TransactionState"));
                equal("", row.get("TopicPartitions"));
            });
        }
        var hanging = Raw.Producer.parse(state.getProperty(HANGING));
        claimBeginning(seen, TRANSACTIONAL, open, state.getProperty("open.offset"));
        claimBeginning(seen, HANGING, hanging, state.getProperty(HANGING + ".offset"));
        claim("kafka-transactions find-hanging: the one that nobody coordinates, no other", () -> {
            equal(1, seen.rows(ToolObservation.FIND_HANGING).size());
            var row = seen.rows(ToolObservation.FIND_HANGING).get(0);
            equal(HANGING + "-0", row.get("Topic") + "-" + row.get("Partition"));
            equal("" + hanging.id(), row.get("ProducerId"));
            equal("" + hanging.epoch(), row.get("ProducerEpoch"));
            equal(state.getProperty(HANGING + ".offset"), row.get("StartOffset"));
        });
        return seen;
    }

    /** The producer has a transaction open since this offset, and no other producer has. */
    private void claimBeginning(
        ToolObservation seen, String topic, Raw.Producer producer, String offset) {
        claim("kafka-transactions describe-producers: " + topic, () -> {
            String column = "CurrentTransactionStartOffset";
            String command = "describe-producers " + topic;
            var row = seen.row(command, "ProducerId", producer.id());
            equal(offset, row.get(column));
            equal("" + producer.epoch(), row.get("ProducerEpoch"));
            var others = seen.rows(command).stream().filter(it -> it != row).toList();
            equal(false, others.isEmpty());
            others.forEach(it -> equal("None", it.get(column)));
        });
    }

    private void abortByTool() {
        claim("kafka-transactions abort: the hanging one, which is not found again", () -> {
            var tool = new TransactionsTool(bootstrap);
            equal(false, end(HANGING) == stableEnd(HANGING));
            tool.run("abort", "--topic", HANGING, "--partition", "0", "--start-offset",
                state.getProperty(HANGING + ".offset"));
            equal(List.of(), ToolObservation.findHanging(tool));
            equal(end(HANGING), stableEnd(HANGING));
        });
    }

    private void makeTopics() throws Exception {
        create(new NewTopic(PLAIN, 3, (short) 1)
                .configs(Map.of("retention.ms", "86400000", "max.message.bytes", "500000")));
        create(new NewTopic(ROLLED, 1, (short) 1)
                .configs(Map.of("segment.bytes", "1048576", "index.interval.bytes", "1024")));
        create(new NewTopic(COMPACTED, 1, (short) 1)
                .configs(
                    Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.9")));
        for (String name : List.of(TRANSACTIONAL, SEQUENCES, PASSING, "short-lived")) {
            create(new NewTopic(name, 1, (short) 1));
        }
    }

    private void create(NewTopic topic) throws Exception {
        try {
            admin.createTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException exception) {
            if (!(exception.getCause() instanceof TopicExistsException)) {
                throw exception;
            }
        }
        // Kafka's metadata is ahead of its partitions for a moment.
        if (!topic.name().equals(PLAIN)) {
            end(topic.name());
        }
    }

    /** Some of everything. */
    private void write() throws Exception {
        for (String codec : CODECS) {
            send(Map.of("compression.type", codec, "linger.ms", "50"),
                IntStream.range(0, 30).mapToObj(
                    i -> new ProducerRecord<>(PLAIN, i % 3, "key " + i, codec + i)));
        }
        var header = List.<Header>of(new RecordHeader("name", "value".getBytes()));
        send(Map.of("acks", "1"),
            Stream.of(new ProducerRecord<String, String>(PLAIN, 0, null, null, header)));
        int segments = number < 2 ? 1_300 : 200;
        send(Map.of("linger.ms", "10"),
            IntStream.range(0, segments)
                .mapToObj(i -> new ProducerRecord<>(ROLLED, "" + i, "x".repeat(1_000))));
        send(Map.of(), IntStream.range(0, 20).mapToObj(i -> new ProducerRecord<>(
            COMPACTED, "key " + i % 4, "visit " + number)));

        transact("same", true);
        transact("same", false);
        transact("visit-" + number, number % 2 == 0);
        transact("committed", true);
        consume();
        consumeStatically();
        subscribe();
        streaming.change(number, PLAIN);
        var offsets = Map.of(new TopicPartition(PLAIN, 1),
            new OffsetAndMetadata(number, "metadata of visit " + number));
        Configs.change(admin, number, ROLLED);
        admin.alterConsumerGroupOffsets("simple", offsets).all().get(20, TimeUnit.SECONDS);

        int sequence = 0;
        if (state.containsKey("idempotent")) {
            sequence = Integer.parseInt(state.getProperty("idempotent.last")) + 2;
        } else {
            state.setProperty("idempotent", raw.init(null, OPEN_TIMEOUT_MS).toString());
        }
        var written = raw.produce(Raw.Producer.parse(state.getProperty("idempotent")), SEQUENCES,
            sequence, "sequence " + sequence);
        Raw.require(written.error());
        state.setProperty("idempotent.last", "" + sequence);
        state.setProperty("idempotent.offset", "" + written.offset());

        state.setProperty("fenced", raw.init("fenced", OPEN_TIMEOUT_MS).toString());
        raw.init("fenced", OPEN_TIMEOUT_MS);
        var open = raw.init("open-" + number, OPEN_TIMEOUT_MS);
        raw.addPartition(open, TRANSACTIONAL);
        var begun = raw.produce(open, TRANSACTIONAL, 0, "open " + number);
        Raw.require(begun.error());
        state.setProperty("open", open.toString());
        state.setProperty("open.offset", "" + begun.offset());
        state.setProperty(
            "short-lived", state.getProperty("short-lived", "") + " " + topicId("short-lived"));
    }

    /** The last thing of a visit: a transaction that the next broker is to abort. */
    private void beginPassing() throws Exception {
        var passing = raw.init(PASSING + "-" + number, passingTimeoutMs);
        raw.addPartition(passing, PASSING);
        Raw.require(raw.produce(passing, PASSING, 0, "never seen").error());
        state.setProperty(PASSING, passing.transactionalId());
        state.setProperty("passing.timeout", "" + passingTimeoutMs);
    }

    private void send(
        Map<String, ?> settings, Stream<ProducerRecord<String, String>> records) throws Exception {
        try (var producer = Clients.producer(bootstrap, settings)) {
            var sent = records.map(producer::send).toList();
            for (var one : sent) {
                one.get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** A transaction with records and offsets. */
    @SuppressWarnings("removal") // The group has no members whose metadata there would be.
    private void transact(String id, boolean commit) throws Exception {
        try (var producer = Clients.producer(bootstrap, Map.of("transactional.id", id))) {
            producer.initTransactions();
            producer.beginTransaction();
            String outcome = commit ? "committed " : "aborted ";
            for (int i = 0; i < 5; i++) {
                producer.send(new ProducerRecord<>(TRANSACTIONAL, id, outcome + number + "." + i));
                producer.send(new ProducerRecord<>(PLAIN, 2, id, outcome + number + "." + i));
            }
            producer.sendOffsetsToTransaction(
                Map.of(new TopicPartition(PLAIN, 2),
                    new OffsetAndMetadata(number * 10 + (commit ? 1 : 2), outcome)),
                new ConsumerGroupMetadata("transactional"));
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    /** A member joins its group, reads what the group has not read yet, and leaves. */
    private void consume() throws Exception {
        consume("members", Map.of());
    }

    /** In a consumer group (KIP-848), to which it comes back. */
    private void consumeStatically() throws Exception {
        consume("next-generation", Map.of("group.protocol", "consumer", "group.instance.id", "1"));
    }

    private void consume(String group, Map<String, String> own) throws Exception {
        var partition = new TopicPartition(SEQUENCES, 0);
        Map<String, String> settings = new HashMap<>(own);
        settings.put("group.id", group);
        settings.put("isolation.level", "read_committed");
        try (var consumer = Clients.consumer(bootstrap, settings)) {
            consumer.subscribe(List.of(SEQUENCES));
            long expected = Long.parseLong(state.getProperty(group, "0"));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long deadline = deadline();
            while (expected < end || consumer.assignment().isEmpty()) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    equal(expected++, record.offset());
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("it reads nothing at " + expected);
                }
            }
            consumer.commitSync(
                Map.of(partition, new OffsetAndMetadata(expected, "read " + expected)));
            state.setProperty(group, "" + expected);
        }
    }

    /** What a member asks for besides its regular expression, other in each visit. */
    private static List<String> topicsBesides(int visit) {
        return visit % 2 == 0 ? List.of(COMPACTED) : List.of();
    }

    private static int partitionsOf(int visit) {
        return PATTERN_PARTITIONS + topicsBesides(visit).size();
    }

    /** A member that says everything in each heartbeat, and never that it leaves. */
    private ConsumerGroupHeartbeatResponseData beat(int epoch, List<String> topics)
        throws Exception {
        return raw.beat(new ConsumerGroupHeartbeatRequestData()
                .setGroupId(PATTERN)
                .setMemberId("member")
                .setMemberEpoch(epoch)
                .setRebalanceTimeoutMs(PATIENCE_MS)
                .setSubscribedTopicRegex(PLAIN + "|" + ROLLED)
                .setSubscribedTopicNames(topics)
                .setTopicPartitions(List.of()));
    }

    private static int count(ConsumerGroupHeartbeatResponseData answer) {
        return answer.assignment()
            .topicPartitions()
            .stream()
            .mapToInt(topic -> topic.partitions().size())
            .sum();
    }

    /** It joins, or asks for other topics, and is given what it asks for. */
    private void subscribe() throws Exception {
        long deadline = deadline();
        int epoch = Integer.parseInt(state.getProperty("member.epoch", "0"));
        int assigned = -1;
        while (assigned != partitionsOf(number) || !isStable()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(assigned + " partitions are assigned");
            }
            var answer = beat(epoch, topicsBesides(number));
            epoch = answer.memberEpoch();
            assigned = count(answer);
            Thread.sleep(50);
        }
        state.setProperty("member.epoch", "" + epoch);
    }

    private boolean isStable() throws Exception {
        var described = admin.describeConsumerGroups(List.of(PATTERN)).all();
        return Observation.get(described).get(PATTERN).groupState() == GroupState.STABLE;
    }

    private static long deadline() {
        return System.nanoTime() + PATIENCE_MS * 1_000_000L;
    }

    private long end(String topic) throws Exception {
        return end(topic, "read_uncommitted");
    }

    private long stableEnd(String topic) throws Exception {
        return end(topic, "read_committed");
    }

    private long end(String topic, String level) {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = Clients.consumer(bootstrap, Map.of("isolation.level", level))) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private TransactionState stateOf(String id) throws Exception {
        return Observation.get(admin.describeTransactions(List.of(id)).description(id)).state();
    }

    private void awaitState(String id, TransactionState wanted) throws Exception {
        long deadline = deadline();
        while (stateOf(id) != wanted && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        equal(wanted, stateOf(id));
    }

    private void awaitGone(String topic) throws Exception {
        long deadline = deadline();
        while (Observation.get(admin.listTopics().names()).contains(topic)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(topic + " is still there");
            }
            Thread.sleep(50);
        }
    }

    private String topicId(String topic) throws Exception {
        return Observation.get(admin.describeTopics(List.of(topic)).allTopicNames())
            .get(topic)
            .topicId()
            .toString();
    }
}
