"""The few requests of Kafka's protocol that the benchmarks send, in the bytes of their versions."""
import socket
import struct
import time

PRODUCE, LIST_OFFSETS, CREATE_TOPICS = 0, 2, 19
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


def batch(values):
    """A batch of version 2 with these values. Its checksum does not cover its offset, so that it
    can be sent again and again."""
    records = bytearray()
    for index, value in enumerate(values):
        body = b"\0\0" + varint(index) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
    now_ms = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", 0, len(values) - 1, now_ms, now_ms, -1, -1, -1,
                          len(values)) + bytes(records)
    rest = struct.pack(">ibI", -1, 2, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def string(text):
    return struct.pack(">h", len(text)) + text


def frame(key, version, body):
    request = struct.pack(">hhi", key, version, 1) + string(b"bench") + body
    return struct.pack(">i", len(request)) + request


def produce(topic, partition, records):
    return frame(PRODUCE, 3, struct.pack(">hhii", -1, ALL_REPLICAS, 30_000, 1) + string(topic) +
                 struct.pack(">iii", 1, partition, len(records)) + records)


def create_topic(topic, partitions):
    return frame(CREATE_TOPICS, 4, struct.pack(">i", 1) + string(topic) +
                 struct.pack(">ihiii?", partitions, 1, 0, 0, 600_000, False))


def latest_offset(topic, partition):
    return frame(LIST_OFFSETS, 1, struct.pack(">ii", -1, 1) + string(topic) +
                 struct.pack(">iiq", 1, partition, -1))


def partition_answer(topic):
    """Where in an answer what is said of the only partition begins, after correlation id, number of
    topics, name, number of partitions and index."""
    return 4 + 4 + 2 + len(topic) + 4 + 4
