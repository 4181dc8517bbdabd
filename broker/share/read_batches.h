// What a share-partition needs to know of records that were read: where their batches begin and
// end, and which of them belong to aborted transactions.
#pragma once

#include <span>
#include <vector>

#include "broker/share/share_partition.h"
#include "protocol/record_batch.h"
#include "storage/log.h"

namespace broker::share {

// Requires: whole batches, as a log gives them from fetch_offset on; `aborted` are the transactions
// among them that were aborted.
SharePartition::Read read_batches(protocol::Bytes records, int64_t fetch_offset,
                                  std::span<const protocol::AbortedTxn> aborted);

// The batches that have any of the offsets.
protocol::Bytes batches_of(protocol::Bytes records, OffsetRange offsets);

}  // namespace broker::share
