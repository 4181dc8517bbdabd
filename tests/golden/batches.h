// Runs the golden vectors of record batches: those Kafka wrote, and the damaged ones with what its
// parser makes of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

namespace golden {

struct Tally {
    size_t passed = 0;
    size_t failed = 0;
};

// Told once per failed vector: its name, and the first fact that differs.
using Complaint = std::function<void(std::string_view vector, std::string_view fact)>;

// batches.jsonl.gz: every described fact is compared; what can be built again is built.
Tally run_batches(const std::filesystem::path& vectors, const Complaint& complain);

// The vectors of kind "batches" in negative.jsonl.gz; others are passed over.
Tally run_damaged_batches(const std::filesystem::path& vectors, const Complaint& complain);

}  // namespace golden
