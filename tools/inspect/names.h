// Kafka's names for what batches say in numbers.
#pragma once

#include <string_view>

#include "protocol/record_batch.h"

namespace inspect {

// "?" for a number that Kafka has not defined.
std::string_view name(protocol::Compression codec);
std::string_view name(protocol::TimestampType type);
std::string_view name(protocol::ControlType type);

}  // namespace inspect
