"""Makes a partition look as if it were large: segments of Kafka's format that are holes but for
their batch's header. Whoever was stopped cleanly looks at no more of them when it starts."""
import shutil
import struct

import kafka_wire

SEGMENT_BYTES = 10 ** 9
INDEXES = (".index", ".timeindex")


def _name(offset):
    return f"{offset:020d}"


def _add_segment(partition, offset, batch):
    for suffix in INDEXES:
        (partition / (_name(offset) + suffix)).touch()
    log = partition / (_name(offset) + ".log")
    log.write_bytes(struct.pack(">q", offset) + batch[8:])
    return log


def grow(partition, size_bytes):
    """Adds segments of together so many bytes behind the only one, which has one record, and a last
    one with a record. Requires: the broker whose directory it is was stopped cleanly."""
    batch = kafka_wire.batch([b"x" * 100])
    offset = 1
    for left in range(size_bytes, 0, -SEGMENT_BYTES):
        size = min(left, SEGMENT_BYTES)
        # Its length counts what follows it.
        header = batch[:8] + struct.pack(">i", size - 12) + batch[12:]
        with open(_add_segment(partition, offset, header), "r+b") as log:
            log.truncate(size)
        offset += 1
    _add_segment(partition, offset, batch)
    # What is known of producers at the end: nothing, as before.
    shutil.copy(partition / (_name(1) + ".snapshot"), partition / (_name(offset + 1) + ".snapshot"))
    return offset + 1
