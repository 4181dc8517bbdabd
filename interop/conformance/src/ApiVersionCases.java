import java.io.IOException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** What the brokers say that they can do. */
final class ApiVersionCases {
    private ApiVersionCases() {
    }

    static void addTo(Cases cases) {
        cases.each(ApiKeys.API_VERSIONS, 0, 5, "advertised versions", ApiVersionCases::advertised);
        cases.each(ApiKeys.API_VERSIONS, "features", (broker, version) -> {
            ApiVersionsResponseData answer = broker.ask(version, request("conformance", "1"));
            answer.apiKeys().clear();
            Facts facts = new Facts();
            answer.supportedFeatures().forEach(feature
                -> facts.and("supported " + feature.name(),
                    feature.minVersion() + "-" + feature.maxVersion()));
            answer.finalizedFeatures().forEach(feature
                -> facts.and("finalized " + feature.name(),
                    feature.minVersionLevel() + "-" + feature.maxVersionLevel()));
            return facts;
        });
        for (String name : new String[] {"", "bad name!", "-a", "a-", "a.b-1", "a"}) {
            cases.each(ApiKeys.API_VERSIONS, 3, 5, "client software name '" + name + "'",
                (broker, version) -> error(broker, version, request(name, "1")));
            cases.each(ApiKeys.API_VERSIONS, 3, 5, "client software version '" + name + "'",
                (broker, version) -> error(broker, version, request("conformance", name)));
        }
        addDestinations(cases);
        for (int unknown : new int[] {6, 7, 127, -1}) {
            cases.add(new Cases.Case("ApiVersions", (short) unknown, "an unknown version",
                (broker, version) -> unknownVersion(broker, version), null, null));
        }
    }

    /** Whom the client means to talk to (KIP-1242). */
    private static void addDestinations(Cases cases) {
        for (String cluster : new String[] {"this one's", "another's", "", null}) {
            for (int node : new int[] {1, 2, 0, -1, -2}) {
                cases.each(ApiKeys.API_VERSIONS, 5, 5, "cluster id " + cluster + ", node " + node,
                    (broker, version)
                        -> error(broker, version,
                            request("conformance", "1")
                                .setClusterId("this one's".equals(cluster) ? clusterId(broker)
                                                                           : cluster)
                                .setNodeId(node)));
            }
        }
    }

    private static String clusterId(Broker broker) throws IOException {
        return broker.<DescribeClusterResponseData>ask(1, new DescribeClusterRequestData())
            .clusterId();
    }

    private static ApiVersionsRequestData request(String name, String version) {
        return new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion(
            version);
    }

    /** The whole list: each difference, and each API that one of them lacks, is written down. */
    private static Facts advertised(Broker broker, short version) throws IOException {
        ApiVersionsResponseData answer = broker.ask(version, request("conformance", "1"));
        Facts facts = Facts.of("number of APIs is not 0", !answer.apiKeys().isEmpty());
        for (var api : answer.apiKeys()) {
            String name =
                ApiKeys.hasId(api.apiKey()) ? ApiKeys.forId(api.apiKey()).name : "" + api.apiKey();
            facts.and(name, api.minVersion() + "-" + api.maxVersion());
        }
        return facts;
    }

    private static Facts error(Broker broker, short version, ApiVersionsRequestData request)
        throws IOException {
        ApiVersionsResponseData answer = broker.ask(version, request);
        return Facts.error(answer.errorCode()).and("has APIs", !answer.apiKeys().isEmpty());
    }

    /** Answered in version 0: the client cannot be expected to read another. */
    private static Facts unknownVersion(Broker broker, short version) throws IOException {
        try (Connection connection = broker.connect()) {
            connection.send(Connection.frame(
                Connection.header((short) 2, ApiKeys.API_VERSIONS.id, version), new byte[] {0}));
            var answer = connection.receive();
            answer.getInt();  // The correlation id.
            Facts facts = Facts.of("errorCode", Errors.forCode(answer.getShort()));
            int count = answer.getInt();
            facts.and("apiKeys", count);
            for (int i = 0; i < count; i++) {
                facts.and("apiKeys[" + i + "]",
                    answer.getShort() + ": " + answer.getShort() + "-" + answer.getShort());
            }
            return facts.and("bytes left", answer.remaining());
        }
    }
}
