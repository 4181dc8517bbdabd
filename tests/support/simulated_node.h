// A file or a directory of the simulated file system: as it is, as a power cut leaves it, and what
// lies between the two.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/file_system.h"

namespace support {

struct SimulatedNode {
    using Pointer = std::shared_ptr<SimulatedNode>;
    using Entries = std::map<std::string, Pointer>;
    using Random = std::mt19937_64;

    explicit SimulatedNode(bool directory) : is_directory(directory) {}

    // Not synced yet, oldest first.
    struct Write {
        uint64_t position = 0;
        storage::Blob data;
        bool truncates = false;  // to `position`
    };
    // A rename within a directory takes one name away and gives another in one step.
    struct EntryChange {
        std::string removed;  // empty: none
        std::string added;    // empty: none
        Pointer node;
    };

    void write(storage::Bytes data, uint64_t position);
    void truncate(uint64_t size);
    void change_entries(const EntryChange& change);
    uint64_t sync();  // How many bytes were written since the last one.
    // Leaves what was synced, and by chance some of the rest: any of the writes, whole or in part;
    // of changed names those up to some point, in order, as journals give it.
    void cut_power(Random& random);

    const bool is_directory;
    storage::Blob contents;
    Entries entries;

  private:
    storage::Blob durable_contents_;
    Entries durable_entries_;
    std::vector<Write> writes_;
    std::vector<EntryChange> entry_changes_;
};

}  // namespace support
