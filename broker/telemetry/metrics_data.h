// OpenTelemetry's metrics (opentelemetry/proto/metrics/v1/metrics.proto), as clients push them.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace broker::telemetry {

// One value of a metric. Of a histogram or a summary there are two: its _count and its _sum.
struct DataPoint {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

// The first values of a MetricsData message, `count_max` at most, with names and labels of 256
// bytes at most and 32 labels; exponential histograms, which no client pushes, are passed over.
// Errors: invalid_record.
std::expected<std::vector<DataPoint>, protocol::ErrorCode> read_metrics(protocol::Bytes data,
                                                                        size_t count_max);

// name{label="value",...} value, as Prometheus shows one, in printable characters.
std::string to_line(const DataPoint& point);

}  // namespace broker::telemetry
