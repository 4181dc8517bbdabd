import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiKeys;

/** The list of all that is asked, in its order. */
final class Cases {
    /** Asks a broker something, and gives what is to be compared. */
    interface Conversation {
        Facts hold(Broker broker, short version) throws Exception;
    }

    /** One that a broker may let wait for its answer: it is held beside others like it. */
    interface Patient extends Conversation {
    }

    /** `kafka` and `einmal`: what each must answer, if somebody has written it down. */
    record Case(String api, short version, String situation, Conversation conversation, Facts kafka,
        Facts einmal) {
        @Override
        public String toString() {
            return api + " " + version + ", " + situation;
        }
    }

    final List<Case> all = new ArrayList<>();
    int skipped;

    private final Map<ApiKeys, Short> kafka;
    private final Map<ApiKeys, Short> einmal;
    private final String wanted;
    private final Set<String> names = new HashSet<>();

    /**
     * Keeps the cases whose name contains `wanted`. The maps give the newest version that each
     * serves.
     */
    Cases(Map<ApiKeys, Short> kafka, Map<ApiKeys, Short> einmal, String wanted) {
        this.kafka = kafka;
        this.einmal = einmal;
        this.wanted = wanted;
    }

    /** Adds a case for every version that both brokers serve. */
    void each(ApiKeys api, String situation, Conversation conversation) {
        each(api, api.oldestVersion(), Short.MAX_VALUE, situation, conversation);
    }

    void each(ApiKeys api, int first, int last, String situation, Conversation conversation) {
        int oldest = Math.max(first, api.oldestVersion());
        for (int version = oldest; version <= Math.min(last, served(api)); version++) {
            add(new Case(api.name, (short) version, situation, conversation, null, null));
        }
    }

    void add(Case added) {
        if (!names.add(added.toString())) {
            throw new AssertionError("two cases are named " + added);
        }
        if (added.toString().contains(wanted)) {
            all.add(added);
        }
    }

    /** The newest version that both serve; -1 if one serves none. */
    short served(ApiKeys api) {
        if (!kafka.containsKey(api) || !einmal.containsKey(api)) {
            return -1;
        }
        return (short) Math.min(kafka.get(api), einmal.get(api));
    }
}
