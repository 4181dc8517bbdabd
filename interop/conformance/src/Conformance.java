import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Asks both brokers all cases, compares their answers and counts. Kafka's can be written down, and
 * stand for it where there is none.
 */
final class Conformance {
    private static final String BROKEN_OFF = "the case broke off";
    private static final int PATIENT_AT_ONCE = 200;
    private static final int PATIENCE_MINUTES = 10;

    /** `TWICE`: a second Kafka stands where einmal does. */
    private enum Mode {
        COMPARE,
        RECORD,
        RECORDED,
        TWICE,
    }

    private Conformance() {}

    public static void main(String[] arguments) throws Exception {
        Mode mode = Mode.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        Broker kafka = mode == Mode.RECORDED ? null : new Broker("Kafka", arguments[1]);
        Broker einmal = new Broker("einmal", arguments[2]);
        Path files = Path.of(arguments[3]);
        Path recorded = files.resolve("recorded.tsv");
        Differences differences =
            new Differences(mode == Mode.TWICE ? null : files.resolve("differences.tsv"));
        Recording recording =
            mode == Mode.COMPARE || mode == Mode.RECORDED ? Recording.read(recorded) : null;
        String wanted = arguments.length > 5 ? arguments[5] : "";
        Cases cases = new Cases(kafka == null ? recording.newestVersions() : kafka.newestVersions(),
            einmal.newestVersions(), wanted);
        addAll(cases, Path.of(arguments[4]));
        var answers = answers(cases.all, kafka, einmal, mode);
        List<Facts> kafkas =
            kafka == null ? cases.all.stream().map(recording::answer).toList() : answers.get(1);
        if (mode == Mode.RECORD && wanted.isEmpty()) {
            Recording.write(recorded, cases.all, kafkas);
        }
        int failed = compare(cases.all, differences, kafkas, answers.get(0), mode, recording);
        int passed = cases.all.size() - failed;
        if (wanted.isEmpty()) {
            for (String row : differences.outdated()) {
                System.out.println("FAILED differences.tsv, no longer so: " + row);
                failed++;
            }
        }
        System.out.println(
            passed + " passed, " + failed + " failed, " + cases.skipped + " skipped");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static void addAll(Cases cases, Path transactionErrors) throws Exception {
        ApiVersionCases.addTo(cases);
        FrameCases.addTo(cases);
        BatchCases.addTo(cases);
        SecurityCases.addTo(cases);
        TopicCases.addTo(cases);
        ConfigCases.addTo(cases);
        ConfigDescriptionCases.addTo(cases);
        GroupCases.addTo(cases);
        ConsumerGroupCases.addTo(cases);
        ShareGroupCases.addTo(cases);
        ShareFetchCases.addTo(cases);
        ShareStateCases.addTo(cases);
        StreamsGroupCases.addTo(cases);
        StreamsTopologyCases.addTo(cases);
        TopologyDescriptionCases.addTo(cases);
        TransactionalCommitCases.addTo(cases);
        TransactionCases.addTo(cases, transactionErrors);
        TransactionAdminCases.addTo(cases);
        PartitionAdminCases.addTo(cases);
        GroupAdminCases.addTo(cases);
        LogDirCases.addTo(cases);
        ClusterCases.addTo(cases);
        ScramCases.addTo(cases);
        TelemetryCases.addTo(cases);
        // Before there is a quota of all other users, which comes before those of client ids.
        ThrottleCases.addTo(cases);
        QuotaCases.addTo(cases);
    }

    /** The answers of einmal and, if it is there, of Kafka, which are asked at the same time. */
    private static List<List<Facts>> answers(
        List<Cases.Case> cases, Broker kafka, Broker einmal, Mode mode) throws Exception {
        var threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        List<Callable<List<Facts>>> asking = new ArrayList<>();
        asking.add(all(
            cases, einmal, mode == Mode.TWICE ? SilentLeader::place : FullPartition::place));
        if (kafka != null) {
            asking.add(all(cases, kafka, SilentLeader::place));
        }
        List<List<Facts>> answers = new ArrayList<>();
        for (var future : threads.invokeAll(asking)) {
            answers.add(future.get());
        }
        return answers;
    }

    private static Callable<List<Facts>> all(
        List<Cases.Case> cases, Broker broker, Obstacle obstacle) {
        return () -> {
            long start = System.nanoTime();
            broker.awaitCoordinators();
            Facts[] answers = new Facts[cases.size()];
            List<Integer> patient = new ArrayList<>();
            for (int i = 0; i < answers.length; i++) {
                if (cases.get(i).conversation() instanceof Cases.Patient) {
                    patient.add(i);
                } else {
                    answers[i] = answer(cases.get(i), broker);
                }
            }
            // Last: the obstacle may show in the answers to others.
            if (!patient.isEmpty()) {
                obstacle.place(broker);
                answerAtOnce(cases, patient, broker, answers);
            }
            System.out.printf("%s: %d cases in %d ms%n", broker, cases.size(),
                (System.nanoTime() - start) / 1_000_000);
            return List.of(answers);
        };
    }

    private static void answerAtOnce(List<Cases.Case> cases, List<Integer> patient, Broker broker,
        Facts[] answers) throws Exception {
        var threads = Executors.newFixedThreadPool(PATIENT_AT_ONCE);
        for (int i : patient) {
            threads.submit(() -> {
                try (Broker mine = broker.another()) {
                    answers[i] = answer(cases.get(i), mine);
                }
                return null;
            });
        }
        threads.shutdown();
        if (!threads.awaitTermination(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            throw new AssertionError(broker + " does not come to an end");
        }
    }

    private static Facts answer(Cases.Case asked, Broker broker) throws Exception {
        int before = broker.lastNumber();
        try {
            return asked.conversation()
                .hold(broker, asked.version())
                .numberedFrom(before, broker.lastNumber());
        } catch (Connection.Closed exception) {
            return Facts.of("connection", "closed");
        } catch (SocketTimeoutException exception) {
            return Facts.of("connection", "no answer");
        } catch (IOException | RuntimeException | AssertionError exception) {
            return Facts.of(BROKEN_OFF, exception);
        }
    }

    private static int compare(List<Cases.Case> cases, Differences differences,
        List<Facts> kafkas, List<Facts> einmals, Mode mode, Recording recording) {
        int failed = 0;
        for (int i = 0; i < cases.size(); i++) {
            var asked = cases.get(i);
            Facts kafka = kafkas.get(i);
            Facts einmal = einmals.get(i);
            List<String> wrong = new ArrayList<>();
            if (kafka == null) {
                wrong.add("Kafka's answer is not recorded");
            } else {
                wrong.addAll(differences.judge(asked, kafka, einmal));
                if (kafka.containsKey(BROKEN_OFF)) {
                    wrong.add("the case broke off: " + kafka.get(BROKEN_OFF));
                }
                if (recording != null && !kafka.equals(recording.answer(asked))) {
                    wrong.add("recorded is " + recording.answer(asked) + ", it answers " + kafka);
                }
                if (asked.kafka() != null && !asked.kafka().equals(kafka)) {
                    wrong.add("Kafka: written down is " + asked.kafka() + ", it answers " + kafka);
                }
            }
            if (mode != Mode.TWICE && asked.einmal() != null && !asked.einmal().equals(einmal)) {
                wrong.add("einmal: written down is " + asked.einmal() + ", it answers " + einmal);
            }
            if (!wrong.isEmpty()) {
                failed++;
                System.out.println("FAILED " + asked + "\n    " + String.join("\n    ", wrong));
            }
        }
        return failed;
    }
}
