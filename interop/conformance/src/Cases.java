import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
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

    private final ApiVersionCollection kafka;
    private final ApiVersionCollection einmal;
    private final String wanted;

    /** Keeps the cases whose name contains `wanted`. */
    Cases(Broker kafka, Broker einmal, String wanted) throws IOException {
        this.kafka = kafka.apiVersions().apiKeys();
        this.einmal = einmal.apiVersions().apiKeys();
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
        if (added.toString().contains(wanted)) {
            all.add(added);
        }
    }

    /** The newest version that both serve; -1 if one serves none. */
    short served(ApiKeys api) {
        var reference = kafka.find(api.id);
        var candidate = einmal.find(api.id);
        if (reference == null || candidate == null) {
            return -1;
        }
        return (short) Math.min(reference.maxVersion(), candidate.maxVersion());
    }
}
