import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** One of the two brokers, and what the cases have made there. */
final class Broker {
    private static final int PARTITIONS = 4;

    private final int port;
    private final Map<String, Uuid> topicIds = new HashMap<>();
    private Connection connection;
    private int lastNumber;

    Broker(String bootstrap) {
        port = Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1));
    }

    /** Asks over the broker's lasting connection, which is made anew after it was closed. */
    @SuppressWarnings("unchecked")
    <Response extends ApiMessage> Response ask(int version, ApiMessage request) throws IOException {
        if (connection == null) {
            connection = connect();
        }
        boolean answered = false;
        try {
            var response = (Response) connection.ask((short) version, request);
            answered = true;
            return response;
        } finally {
            if (!answered) {
                connection.close();
                connection = null;
            }
        }
    }

    Connection connect() throws IOException {
        return new Connection(port);
    }

    /** A name that no other case has. It is the same in each broker. */
    String unique(String prefix) {
        return prefix + "-" + ++lastNumber;
    }

    ApiVersionsResponseData apiVersions() throws IOException {
        return ask(4, new ApiVersionsRequestData().setClientSoftwareName("conformance")
            .setClientSoftwareVersion("1"));
    }

    /** The versions that the broker advertises of an API; null if it does not serve it. */
    ApiVersionsResponseData.ApiVersion versions(ApiKeys api) throws IOException {
        return apiVersions().apiKeys().find(api.id);
    }

    /** Makes the topic on its first use. */
    Uuid topicId(String topic) throws IOException {
        Uuid known = topicIds.get(topic);
        if (known != null) {
            return known;
        }
        var topics = new CreatableTopicCollection();
        topics.add(new CreatableTopic().setName(topic).setNumPartitions(PARTITIONS)
            .setReplicationFactor((short) 1));
        CreateTopicsResponseData created =
            ask(7, new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(10_000));
        var result = created.topics().find(topic);
        if (result.errorCode() != Errors.NONE.code()) {
            throw new AssertionError(topic + ": " + Errors.forCode(result.errorCode()));
        }
        topicIds.put(topic, result.topicId());
        return result.topicId();
    }
}
