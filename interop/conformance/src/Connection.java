import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A plain socket to a broker, which sends what it is told, right or wrong. */
final class Connection implements AutoCloseable {
    /** The broker has closed the connection instead of answering. */
    static final class Closed extends IOException {
        private static final long serialVersionUID = 1;
    }

    private static final int ANSWER_TIMEOUT_MS = 15_000;
    private static final int CORRELATION_ID = -7;
    private static final String CLIENT_ID = "conformance";

    private final Socket socket;
    private final DataInputStream input;
    private final String clientId;

    Connection(int port) throws IOException {
        this(port, CLIENT_ID);
    }

    Connection(int port, String clientId) throws IOException {
        this.clientId = clientId;
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_TIMEOUT_MS);
        input = new DataInputStream(socket.getInputStream());
    }

    /** Sends a request of that version and reads its answer. */
    ApiMessage ask(short version, ApiMessage request) throws IOException {
        var type = ApiMessageType.fromApiKey(request.apiKey());
        send(frame(header(type.requestHeaderVersion(version), request.apiKey(), version, clientId),
            bytes(request, version)));
        ByteBuffer answer = receive();
        var readable = new ByteBufferAccessor(answer);
        var header = new ResponseHeaderData(readable, type.responseHeaderVersion(version));
        if (header.correlationId() != CORRELATION_ID) {
            throw new AssertionError("an answer to request " + header.correlationId());
        }
        ApiMessage response = type.newResponse();
        response.read(readable, version);
        if (answer.hasRemaining()) {
            throw new AssertionError(answer.remaining() + " bytes after the answer");
        }
        return response;
    }

    void send(ByteBuffer bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes.array(), 0, bytes.limit());
        } catch (SocketException exception) {
            throw new Closed();
        }
    }

    /** The next frame without its size. */
    ByteBuffer receive() throws IOException {
        try {
            byte[] bytes = new byte[input.readInt()];
            input.readFully(bytes);
            return ByteBuffer.wrap(bytes);
        } catch (EOFException | SocketException exception) {
            throw new Closed();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Size, header and body, ready to be sent or spoilt. */
    static ByteBuffer frame(short version, ApiMessage request) {
        var type = ApiMessageType.fromApiKey(request.apiKey());
        return frame(type.requestHeaderVersion(version), version, request);
    }

    static ByteBuffer frame(short headerVersion, short version, ApiMessage request) {
        return frame(header(headerVersion, request.apiKey(), version), bytes(request, version));
    }

    static ByteBuffer frame(byte[] header, byte[] body) {
        int size = header.length + body.length;
        return ByteBuffer.allocate(4 + size).putInt(size).put(header).put(body).flip();
    }

    static byte[] header(short headerVersion, short apiKey, short version) {
        return header(headerVersion, apiKey, version, CLIENT_ID);
    }

    private static byte[] header(
        short headerVersion, short apiKey, short version, String clientId) {
        var header = new RequestHeaderData()
                         .setRequestApiKey(apiKey)
                         .setRequestApiVersion(version)
                         .setCorrelationId(CORRELATION_ID)
                         .setClientId(clientId);
        return bytes(header, headerVersion);
    }

    static byte[] bytes(Message message, short version) {
        var cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }
}
