import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Frames and headers that no client sends. */
final class FrameCases {
    private static final int FRAME_BYTES_MAX = 104_857_600;
    private static final short UNKNOWN_KEY = 999;

    private FrameCases() {
    }

    static void addTo(Cases cases) {
        for (int size : List.of(0, -1, Integer.MIN_VALUE, FRAME_BYTES_MAX + 1, Integer.MAX_VALUE)) {
            frame(cases, "frame size " + size, ByteBuffer.allocate(4).putInt(0, size));
        }
        for (int size : List.of(1, 7, 8)) {
            frame(cases, "a frame of " + size + " bytes",
                ByteBuffer.allocate(4 + size).putInt(0, size));
        }
        for (int key : List.of(-1, 4, 7, 52, 95, (int) UNKNOWN_KEY)) {
            frame(cases, "API key " + key,
                Connection.frame(
                    Connection.header((short) 1, (short) key, (short) 0), new byte[8]));
        }
        addMetadata(cases);
        for (ApiKeys api : ApiKeys.values()) {
            if (cases.served(api) < 0 || api == ApiKeys.API_VERSIONS) {
                continue;
            }
            // The first that is not stable, and the first that is not there.
            for (int version : new TreeSet<>(List.of(-1, api.latestVersion(false) + 1,
                     api.latestVersion(true) + 1, (int) Short.MAX_VALUE))) {
                frame(cases, api.name + " version " + version,
                    Connection.frame(
                        Connection.header((short) 2, api.id, (short) version), new byte[64]));
            }
        }
        for (int version = 0; version < 3; version++) {
            frame(cases, "Produce version " + version + ", which is advertised",
                Connection.frame(Connection.header((short) 1, ApiKeys.PRODUCE.id, (short) version),
                    new byte[64]));
        }
    }

    private static void addMetadata(Cases cases) {
        short newest = 13;
        var request = new MetadataRequestData().setTopics(List.of());
        byte[] body = Connection.bytes(request, newest);
        byte[] header = Connection.header((short) 2, request.apiKey(), newest);
        frame(cases, "an untouched request", Connection.frame(header, body));
        frame(cases, "five bytes after the body",
            Connection.frame(header, Arrays.copyOf(body, body.length + 5)));
        frame(cases, "a byte missing",
            Connection.frame(header, Arrays.copyOf(body, body.length - 1)));
        frame(cases, "header version 1 before a flexible body",
            Connection.frame((short) 1, newest, request));
        byte[] manyTopics = {0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};
        frame(cases, "an array of 2^31-1 topics", Connection.frame(header, manyTopics));
        byte[] longClientId = {0, 3, 0, 13, 0, 0, 0, 1, 0x7f, (byte) 0xff};
        frame(cases, "a client id longer than the frame", Connection.frame(longClientId, body));
        byte[] nullClientId = {0, 3, 0, 13, 0, 0, 0, 1, (byte) 0xff, (byte) 0xff, 0};
        frame(cases, "no client id", Connection.frame(nullClientId, body));
        byte[] oddClientId = {0, 3, 0, 13, 0, 0, 0, 1, (byte) 0xff, (byte) 0xfe, 0};
        frame(cases, "client id length -2", Connection.frame(oddClientId, body));
        byte[] tagged = {0, 3, 0, 13, 0, 0, 0, 1, 0, 0, 1, 55, 2, 9, 9};
        frame(cases, "an unknown tag in the header", Connection.frame(tagged, body));
    }

    /** Sends the frame on a connection of its own, then something plain if that was answered. */
    private static void frame(Cases cases, String situation, ByteBuffer frame) {
        cases.add(new Cases.Case("frame", (short) 0, situation, (broker, version) -> {
            try (Connection connection = broker.connect()) {
                connection.send(frame);
                connection.receive();
                connection.ask((short) 0, new ApiVersionsRequestData());
                return Facts.of("connection", "answered, and goes on");
            }
        }, null, null));
    }
}
