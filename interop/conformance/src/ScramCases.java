import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.*;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** SCRAM users: made, listed, removed. */
final class ScramCases {
    private static final int SHA_256 = 1;
    private static final int SHA_512 = 2;
    private static final byte[] BYTES = new byte[32];

    private ScramCases() {
    }

    static void addTo(Cases cases) {
        for (int iterations : List.of(-1, 0, 4_095, 4_096, 16_384, 16_385)) {
            upsertion(cases, iterations + " iterations", user("a", SHA_256, iterations));
        }
        for (int mechanism : List.of(-1, 0, 1, 2, 3)) {
            upsertion(cases, "mechanism " + mechanism, user("a", mechanism, 4_096));
        }
        upsertion(cases, "no name", user("", 7, 1));
        upsertion(cases, "a mechanism and iterations that are not there", user("a", 7, 1));
        upsertion(cases, "an odd name", user("a,b=c ä", SHA_256, 4_096));
        upsertion(cases, "no salt", user("a", SHA_256, 4_096).setSalt(new byte[0]));
        upsertion(
            cases, "a short password", user("a", SHA_256, 4_096).setSaltedPassword(new byte[1]));
        upsertion(
            cases, "an empty password", user("a", SHA_256, 4_096).setSaltedPassword(new byte[0]));
        upsertion(cases, "a user twice", user("a", SHA_256, 4_096), user("a", SHA_512, 4_096));
        upsertion(
            cases, "a user twice, first faulty", user("a", SHA_256, 1), user("a", SHA_256, 4_096));
        upsertion(cases, "a faulty user and a good one", user("a", SHA_256, 1),
            user("b", SHA_256, 4_096));
        upsertion(cases, "nobody");
        for (int mechanism : List.of(0, SHA_256, SHA_512)) {
            deletion(cases, "what was mechanism 1, as " + mechanism, List.of(mechanism), List.of());
        }
        deletion(cases, "a mechanism twice", List.of(SHA_256, SHA_256), List.of());
        deletion(cases, "a user that is made again", List.of(SHA_256), List.of(SHA_512));
        cases.each(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "a user that is not there goes",
            (broker, version)
                -> altered(broker, version,
                    new AlterUserScramCredentialsRequestData().setDeletions(
                        List.of(gone(broker.unique("nobody"), SHA_256), gone("", SHA_256)))));
        addDescriptions(cases);
    }

    private static void addDescriptions(Cases cases) {
        record Wanted(String situation, List<String> users) {
        }
        for (var wanted : List.of(new Wanted("known users", List.of("known", "also known")),
                 new Wanted("an unknown user", List.of("unknown", "known")),
                 new Wanted("a user twice", List.of("known", "also known", "known")),
                 new Wanted("an unknown user twice", List.of("unknown", "unknown")),
                 new Wanted("no name", List.of("")))) {
            cases.each(
                ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, wanted.situation, (broker, version) -> {
                    broker.ask(0,
                        new AlterUserScramCredentialsRequestData().setUpsertions(List.of(
                            user("known", SHA_256, 4_096), user("also known", SHA_512, 5_000))));
                    return Facts.of("users", described(broker, version, wanted.users));
                });
        }
    }

    /** The names are completed so that no other case has them. */
    private static void upsertion(
        Cases cases, String situation, ScramCredentialUpsertion... upsertions) {
        cases.each(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, situation, (broker, version) -> {
            String suffix = broker.unique("");
            var named = new ArrayList<ScramCredentialUpsertion>();
            for (var upsertion : upsertions) {
                named.add(upsertion.duplicate().setName(
                    upsertion.name().isEmpty() ? "" : upsertion.name() + suffix));
            }
            return altered(
                broker, version, new AlterUserScramCredentialsRequestData().setUpsertions(named));
        });
    }

    /** Of a user with mechanism 1. */
    private static void deletion(
        Cases cases, String situation, List<Integer> removed, List<Integer> made) {
        cases.each(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, situation, (broker, version) -> {
            String user = broker.unique("user");
            broker.ask(0,
                new AlterUserScramCredentialsRequestData().setUpsertions(
                    List.of(user(user, SHA_256, 4_096))));
            return altered(broker, version,
                new AlterUserScramCredentialsRequestData()
                    .setDeletions(removed.stream().map(type -> gone(user, type)).toList())
                    .setUpsertions(made.stream().map(type -> user(user, type, 4_096)).toList()));
        });
    }

    /** The answer by user, and what is there afterwards. */
    private static Facts altered(Broker broker, short version,
        AlterUserScramCredentialsRequestData request) throws Exception {
        AlterUserScramCredentialsResponseData answer = broker.ask(version, request);
        Facts facts = Facts.of("results", answer.results().size());
        for (var result : answer.results()) {
            facts.and("answer " + result.user(), Errors.forCode(result.errorCode()));
        }
        // Kafka's brokers follow its controller: a later user shows when the others do.
        String last = broker.unique("last");
        broker.ask(0,
            new AlterUserScramCredentialsRequestData().setUpsertions(
                List.of(user(last, SHA_256, 4_096))));
        var filter = new DescribeUserScramCredentialsRequestData().setUsers(
            List.of(new UserName().setName(last)));
        broker.<DescribeUserScramCredentialsResponseData>askUntil(
            found -> found.results().get(0).errorCode() == Errors.NONE.code(), 0, filter);
        for (var result : answer.results()) {
            facts.and("afterwards " + result.user(),
                described(broker, (short) 0, List.of(result.user())));
        }
        return facts;
    }

    private static String described(Broker broker, short version, List<String> users)
        throws Exception {
        DescribeUserScramCredentialsResponseData answer = broker.ask(version,
            new DescribeUserScramCredentialsRequestData().setUsers(
                users.stream().map(name -> new UserName().setName(name)).toList()));
        var found = new TreeSet<String>();
        for (var result : answer.results()) {
            var infos = new TreeSet<String>();
            result.credentialInfos().forEach(
                info -> infos.add(info.mechanism() + ":" + info.iterations()));
            found.add(result.user() + " " + Errors.forCode(result.errorCode()) + " " + infos);
        }
        return Errors.forCode(answer.errorCode()) + " " + found;
    }

    private static ScramCredentialUpsertion user(String name, int mechanism, int iterations) {
        return new ScramCredentialUpsertion()
            .setName(name)
            .setMechanism((byte) mechanism)
            .setIterations(iterations)
            .setSalt(BYTES)
            .setSaltedPassword(BYTES);
    }

    private static ScramCredentialDeletion gone(String name, int mechanism) {
        return new ScramCredentialDeletion().setName(name).setMechanism((byte) mechanism);
    }
}
