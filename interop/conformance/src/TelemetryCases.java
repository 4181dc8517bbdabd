import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.*;
import org.apache.kafka.common.message.PushTelemetryRequestData;
import org.apache.kafka.common.message.PushTelemetryResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Clients' metrics (KIP-714): who may ask and push when. Kafka answers these requests without a
 * plugin that receives the metrics, although it does not advertise them then.
 */
final class TelemetryCases {
    private static final String HOUR = "3600000";
    private static final String MOMENT = "100";
    private static final int MAX_BYTES = 1_048_576;

    private TelemetryCases() {
    }

    /** What a client does, one step after the other, and what it is told. */
    private interface Steps {
        void take(Client client) throws Exception;
    }

    static void addTo(Cases cases) {
        subscription(cases, "no subscription", null, null);
        subscription(cases, "two prefixes", HOUR, "b.,a.");
        subscription(cases, "everything, and a prefix", MOMENT, "a.,*");
        subscription(cases, "no metrics", HOUR, "");
        add(cases, ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, "asked twice in an interval", HOUR,
            client -> {
                client.subscribe();
                client.subscribe();
            });
        add(cases, ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, "asked again after an interval", MOMENT,
            client -> {
                client.subscribe();
                client.push();
                Thread.sleep(150);
                client.subscribe();
            });
        add(cases, ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, "asked after a push", HOUR, client -> {
            client.subscribe();
            client.push();
            client.subscribe();
        });
        addPushes(cases);
    }

    private static void addPushes(Cases cases) {
        push(cases, "asked, pushed", client -> client.push());
        push(cases, "pushed twice", client -> {
            client.push();
            client.push();
        });
        push(cases, "pushed for the last time, and then again", client -> {
            client.push();
            client.push(client.request().setTerminating(true));
            client.push(client.request().setTerminating(true));
            client.push();
            client.subscribe();
        });
        push(cases, "an unknown subscription, asked and pushed again", client -> {
            client.push(client.request().setSubscriptionId(client.subscription + 1));
            client.subscribe();
            client.push();
            client.subscribe();
        });
        for (int codec : List.of(-1, 5, 127)) {
            push(cases, "codec " + codec + ", asked and pushed again", client -> {
                client.push(client.request().setCompressionType((byte) codec));
                client.subscribe();
                client.push();
            });
        }
        for (int more : List.of(0, 1)) {
            push(cases, "the limit and " + more + " bytes", client -> {
                client.push(client.request().setMetrics(metrics(MAX_BYTES + more)));
                client.subscribe();
            });
        }
        push(cases, "the last push, of an unknown subscription", client -> {
            client.push(client.request()
                            .setSubscriptionId(client.subscription + 1)
                            .setTerminating(true));
            client.push();
        });
        push(cases, "all of it wrong", client -> {
            client.push(client.request()
                            .setSubscriptionId(client.subscription + 1)
                            .setCompressionType((byte) 9)
                            .setMetrics(metrics(MAX_BYTES + 1)));
        });
        push(cases, "a wrong codec and too large", client -> {
            client.push(client.request()
                            .setCompressionType((byte) 9)
                            .setMetrics(metrics(MAX_BYTES + 1)));
        });
        add(cases, ApiKeys.PUSH_TELEMETRY, "never asked", HOUR, client -> client.push());
        add(cases, ApiKeys.PUSH_TELEMETRY, "no client instance", HOUR,
            client -> client.push(client.request().setClientInstanceId(Uuid.ZERO_UUID)));
    }

    /** A push of a client that has asked for its subscription. */
    private static void push(Cases cases, String situation, Steps steps) {
        add(cases, ApiKeys.PUSH_TELEMETRY, situation, HOUR, client -> {
            client.subscribe();
            steps.take(client);
        });
    }

    private static void add(
        Cases cases, ApiKeys api, String situation, String interval, Steps steps) {
        add(cases, api, situation, (broker, version) -> {
            Client client = new Client(broker, Uuid.randomUuid());
            client.subscribeTo(interval, "a.");
            steps.take(client);
            return Facts.of("errors", client.errors);
        });
    }

    private static void subscription(
        Cases cases, String situation, String interval, String metrics) {
        add(cases, ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, situation, (broker, version) -> {
            Client client = new Client(broker, Uuid.randomUuid());
            if (interval != null) {
                client.subscribeTo(interval, metrics);
            }
            var told = client.subscribe();
            var other = new Client(broker, Uuid.ZERO_UUID).subscribe();
            return Facts.of("error", Errors.forCode(told.errorCode()))
                .and("its id", told.clientInstanceId().equals(client.id))
                .and("a new client has an id", !other.clientInstanceId().equals(Uuid.ZERO_UUID))
                .and("codecs", told.acceptedCompressionTypes())
                .and("interval", told.pushIntervalMs())
                .and("bytes", told.telemetryMaxBytes())
                .and("temporality", told.deltaTemporality())
                .and("metrics", new TreeSet<>(told.requestedMetrics()));
        });
    }

    /** Whether both advertise the API does not matter. */
    private static void add(
        Cases cases, ApiKeys api, String situation, Cases.Conversation conversation) {
        cases.add(new Cases.Case(api.name, (short) 0, situation, conversation, null, null));
    }

    /** OpenTelemetry's metrics, one field of the given size that nobody knows. */
    private static ByteBuffer metrics(int size) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int tag = 15 << 3 | 2;
        bytes.write(tag);
        int head = 1 + 3;
        int length = size - head;
        bytes.write(length & 0x7f | 0x80);
        bytes.write(length >> 7 & 0x7f | 0x80);
        bytes.write(length >> 14);
        bytes.writeBytes(new byte[length]);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static final class Client {
        final Broker broker;
        final Uuid id;
        final List<Errors> errors = new ArrayList<>();
        int subscription;

        Client(Broker broker, Uuid id) {
            this.broker = broker;
            this.id = id;
        }

        /** Asks for this client's metrics, and returns when the broker knows. */
        void subscribeTo(String interval, String metrics) throws Exception {
            String probe = Uuid.randomUuid().toString();
            for (String client : List.of(id.toString(), probe)) {
                configure(client, interval, metrics);
            }
            // The broker follows its controller; asking as this client would count.
            for (long start = System.nanoTime();
                told(Uuid.fromString(probe)).requestedMetrics().isEmpty() && !metrics.isEmpty();) {
                if (System.nanoTime() - start > 15_000_000_000L) {
                    throw new AssertionError(broker + " does not know of a subscription");
                }
                Thread.sleep(20);
            }
        }

        private void configure(String client, String interval, String metrics) throws Exception {
            var configs = new AlterableConfigCollection();
            configs.add(config("interval.ms", interval));
            configs.add(config("metrics", metrics));
            configs.add(config("match", "client_instance_id=" + client));
            var resources = new AlterConfigsResourceCollection();
            resources.add(new AlterConfigsResource()
                              .setResourceType(ConfigResource.Type.CLIENT_METRICS.id())
                              .setResourceName(broker.unique("subscription"))
                              .setConfigs(configs));
            broker.ask(1, new IncrementalAlterConfigsRequestData().setResources(resources));
        }

        private static AlterableConfig config(String name, String value) {
            return new AlterableConfig()
                .setName(name)
                .setConfigOperation(AlterConfigOp.OpType.SET.id())
                .setValue(value);
        }

        GetTelemetrySubscriptionsResponseData subscribe() throws Exception {
            var told = told(id);
            errors.add(Errors.forCode(told.errorCode()));
            if (told.errorCode() == Errors.NONE.code()) {
                subscription = told.subscriptionId();
            }
            return told;
        }

        private GetTelemetrySubscriptionsResponseData told(Uuid client) throws Exception {
            return broker.ask(
                0, new GetTelemetrySubscriptionsRequestData().setClientInstanceId(client));
        }

        PushTelemetryRequestData request() {
            return new PushTelemetryRequestData()
                .setClientInstanceId(id)
                .setSubscriptionId(subscription)
                .setMetrics(metrics(1_000));
        }

        void push() throws Exception {
            push(request());
        }

        void push(PushTelemetryRequestData request) throws Exception {
            PushTelemetryResponseData answer = broker.ask(0, request);
            errors.add(Errors.forCode(answer.errorCode()));
        }
    }
}
