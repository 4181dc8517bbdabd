// The JSON description of a record batch, made from bytes and back into bytes: the form of the
// golden vectors.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "protocol/legacy_records.h"
#include "protocol/record_batch.h"

namespace inspect {

// Every fact that a vector states; records that cannot be read are left out.
nlohmann::json describe(const protocol::BatchView& batch);
nlohmann::json describe(const protocol::LegacyMessage& message);

// The batch of magic 2 that a description with at least one record is about, by BatchBuilder.
// Nullopt: an unknown codec or bytes that are not hexadecimal.
std::optional<protocol::Blob> build_described(const nlohmann::json& description);

}  // namespace inspect
