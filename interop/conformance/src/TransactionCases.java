import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.protocol.ApiKeys;

/** The rows of the transaction coordinator's error table, each against live brokers. */
final class TransactionCases {
    private static final long OTHER_ID_DISTANCE = 1_000_000;
    /** Groups whose offsets are never in the same partition: their hashes differ by one. */
    private static final String ADDED_GROUP = "a";
    private static final String NEW_GROUP = "b";

    private record Row(ApiKeys api, int first, int last, String state, String ended,
        String producer, String ask, String error, String kafka) {
        boolean asksForOffsets() {
            return api == ApiKeys.TXN_OFFSET_COMMIT || api == ApiKeys.ADD_OFFSETS_TO_TXN;
        }

        String group() {
            return ask.equals("added") ? ADDED_GROUP : NEW_GROUP;
        }

        int partition() {
            return ask.equals("added") ? 0 : 1;
        }
    }

    private TransactionCases() {
    }

    static void addTo(Cases cases, Path table) throws IOException {
        for (String line : Files.readAllLines(table)) {
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("api\t")) {
                continue;
            }
            addRow(cases, parse(line));
        }
    }

    private static Row parse(String line) {
        String[] column = line.split("\t");
        String[] versions = column[1].split("-");
        ApiKeys api = ApiKeys.valueOf(column[0].replaceAll("(?<!^)([A-Z])", "_$1").toUpperCase());
        return new Row(api, Integer.parseInt(versions[0]),
            Integer.parseInt(versions[versions.length - 1]), column[2], column[3], column[4],
            column[5], column[6], column[7].equals("=") ? column[6] : column[7]);
    }

    private static void addRow(Cases cases, Row row) {
        for (int version = row.first; version <= row.last; version++) {
            if (version > cases.served(row.api)) {
                cases.skipped++;
                continue;
            }
            for (String ended : new String[] {"1", "2"}) {
                boolean isOnce = row.state.equals("Unknown") || row.state.equals("Empty");
                if (row.ended.equals("-") ? isOnce && ended.equals("2")
                                          : !row.ended.equals(ended)) {
                    continue;
                }
                String situation = isOnce
                    ? String.join(" ", row.state, row.producer, row.ask)
                    : String.join(" ", row.state, ended, row.producer, row.ask);
                boolean bumpsEpoch = ended.equals("2");
                cases.add(new Cases.Case(row.api.name, (short) version, situation,
                    isPrepared(row) ? patient(row, bumpsEpoch) : impatient(row, bumpsEpoch),
                    Facts.of("errorCode", row.kafka), Facts.of("errorCode", row.error)));
            }
        }
    }

    private static boolean isPrepared(Row row) {
        return row.state.startsWith("Prepare");
    }

    private static Cases.Conversation impatient(Row row, boolean bumpsEpoch) {
        return (broker, version) -> play(broker, version, row, bumpsEpoch);
    }

    /** einmal answers about a prepared transaction when it is complete, or has waited in vain. */
    private static Cases.Patient patient(Row row, boolean bumpsEpoch) {
        return (broker, version) -> play(broker, version, row, bumpsEpoch);
    }

    private static Facts play(Broker broker, short version, Row row, boolean bumpsEpoch)
        throws Exception {
        Transaction transaction = new Transaction(broker, broker.unique("transaction"));
        reach(transaction, row, bumpsEpoch);
        return Facts.error(
            ask(transaction, version, row, named(row.producer, transaction.producer)));
    }

    private static void reach(Transaction transaction, Row row, boolean bumpsEpoch)
        throws Exception {
        if (row.state.equals("Unknown")) {
            return;
        }
        for (int i = 0; i < 3; i++) {
            transaction.start();
        }
        if (row.state.equals("Empty")) {
            return;
        }
        if (row.asksForOffsets()) {
            transaction.beginWithOffsets(bumpsEpoch, ADDED_GROUP);
        } else {
            transaction.begin(bumpsEpoch);
        }
        boolean commit = row.state.endsWith("Commit");
        if (row.state.startsWith("Complete")) {
            transaction.end(commit, bumpsEpoch);
        } else if (isPrepared(row)) {
            transaction.prepare(commit, bumpsEpoch);
        }
    }

    private static Transaction.Producer named(String producer, Transaction.Producer current) {
        return switch (producer) {
            case "none" -> new Transaction.Producer(-1, (short) -1);
            case "other" -> new Transaction.Producer(current.id() + OTHER_ID_DISTANCE, (short) 0);
            case "before" -> new Transaction.Producer(current.id(), (short) (current.epoch() - 1));
            case "after" -> new Transaction.Producer(current.id(), (short) (current.epoch() + 1));
            case "current" -> current;
            default -> throw new IllegalArgumentException(producer);
        };
    }

    private static short ask(Transaction transaction, short version, Row row,
        Transaction.Producer producer) throws Exception {
        return switch (row.api) {
            case INIT_PRODUCER_ID -> transaction.init(version, producer).errorCode();
            case END_TXN ->
                transaction.end(version, producer, row.ask.equals("commit")).errorCode();
            case ADD_PARTITIONS_TO_TXN ->
                transaction.addPartition(version, producer, row.partition());
            case ADD_OFFSETS_TO_TXN -> transaction.addOffsets(version, producer, row.group());
            case PRODUCE -> transaction.produce(version, producer, row.partition());
            case TXN_OFFSET_COMMIT -> transaction.commitOffset(version, producer, row.group());
            default -> throw new IllegalArgumentException(row.api.name);
        };
    }
}
