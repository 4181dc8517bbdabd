// Keys of a subscription to clients' metrics (KIP-714).
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    int32("interval.ms", "300000"),
    list("match", ""),
    list("metrics", ""),
};

}  // namespace

std::span<const Row> client_metrics_rows() { return rows; }

}  // namespace broker::config
