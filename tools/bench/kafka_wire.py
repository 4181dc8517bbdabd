"""The few requests of Kafka's protocol that the benchmarks send, in the bytes of their versions."""
import socket
import struct
import time

PRODUCE, LIST_OFFSETS, FIND_COORDINATOR, API_VERSIONS = 0, 2, 10, 18
CREATE_TOPICS, DELETE_TOPICS = 19, 20
INIT_PRODUCER_ID, ADD_PARTITIONS_TO_TXN, END_TXN = 22, 24, 26
ALL_REPLICAS = -1


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _crc32c_of_byte(byte):
    for _ in range(8):
        byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_CRC32C = [_crc32c_of_byte(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(number):
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


TRANSACTIONAL = 1 << 4


def batch(values, attributes=0, producer_id=-1, producer_epoch=-1, sequence=-1):
    """A batch of version 2 with these values. Its checksum does not cover its offset, so that it
    can be sent again and again."""
    records = bytearray()
    for index, value in enumerate(values):
        body = b"\0\0" + varint(index) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
    now_ms = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", attributes, len(values) - 1, now_ms, now_ms, producer_id,
                          producer_epoch, sequence, len(values)) + bytes(records)
    rest = struct.pack(">ibI", -1, 2, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def string(text):
    return struct.pack(">h", len(text)) + text


def frame(key, version, body):
    request = struct.pack(">hhi", key, version, 1) + string(b"bench") + body
    return struct.pack(">i", len(request)) + request


def nullable_string(text):
    return struct.pack(">h", -1) if text is None else string(text)


def produce(topic, partition, records, transactional_id=None):
    return frame(PRODUCE, 3, nullable_string(transactional_id) +
                 struct.pack(">hii", ALL_REPLICAS, 30_000, 1) + string(topic) +
                 struct.pack(">iii", 1, partition, len(records)) + records)


def api_versions():
    return frame(API_VERSIONS, 0, b"")


def find_transaction_coordinator(transactional_id):
    return frame(FIND_COORDINATOR, 1, string(transactional_id) + b"\1")


def init_producer_id(transactional_id):
    return frame(INIT_PRODUCER_ID, 1, string(transactional_id) + struct.pack(">i", 60_000))


def add_partition_to_txn(transactional_id, producer_id, producer_epoch, topic, partition):
    return frame(ADD_PARTITIONS_TO_TXN, 0, string(transactional_id) +
                 struct.pack(">qhi", producer_id, producer_epoch, 1) + string(topic) +
                 struct.pack(">ii", 1, partition))


def commit_txn(transactional_id, producer_id, producer_epoch):
    return frame(END_TXN, 0, string(transactional_id) +
                 struct.pack(">qh?", producer_id, producer_epoch, True))


def create_topic(topic, partitions):
    return frame(CREATE_TOPICS, 4, struct.pack(">i", 1) + string(topic) +
                 struct.pack(">ihiii?", partitions, 1, 0, 0, 600_000, False))


def delete_topic(topic):
    return frame(DELETE_TOPICS, 1, struct.pack(">i", 1) + string(topic) + struct.pack(">i", 60_000))


def latest_offset(topic, partition):
    return frame(LIST_OFFSETS, 1, struct.pack(">ii", -1, 1) + string(topic) +
                 struct.pack(">iiq", 1, partition, -1))


class Client:
    """A connection that asks and waits for the answer, which it gives without its size."""

    def __init__(self, port, patience_s):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, request):
        self.socket.sendall(request)
        return self._receive(struct.unpack(">i", self._receive(4))[0])

    def _receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data


def partition_answer(topic):
    """Where in an answer what is said of the only partition begins, after correlation id, number of
    topics, name, number of partitions and index."""
    return 4 + 4 + 2 + len(topic) + 4 + 4
