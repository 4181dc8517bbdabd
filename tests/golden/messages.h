// Runs the golden vectors of messages: bodies, headers, frames and stored records that Kafka's own
// codec wrote, and damaged ones with what its parser makes of them.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tests/golden/batches.h"

namespace golden {

struct MessageTally : Tally {
    // Vectors of schemas that einmal does not have, by the schema's or the API's name.
    std::map<std::string, size_t> not_covered;
    // Vectors of kind "batches", which are not run here: those Kafka wrote, and damaged ones.
    size_t batches = 0;
    size_t damaged_batches = 0;
};

// One file of any name. Every line counts: one that is not a vector has failed.
MessageTally run_messages(const std::filesystem::path& vectors, const Complaint& complain);

}  // namespace golden
