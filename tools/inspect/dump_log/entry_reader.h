// Reads the entries of an index file from front to back, whatever is in it, without a change to it
// and within a fixed amount of memory. storage::EntryFile is for those who also write.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "storage/file_system.h"

namespace inspect {

// Entry: `size_bytes` and `static Entry decode(const std::byte*)`.
template <class Entry>
class EntryReader {
  public:
    explicit EntryReader(std::shared_ptr<storage::File> file) : file_(std::move(file)) {
        if (const auto size = file_->size()) size_ = *size;
    }

    // Nullopt: at the end, or where the file cannot be read.
    std::optional<Entry> next() {
        if (at_ == loaded_ && !load()) return std::nullopt;
        const Entry entry = Entry::decode(&block_[at_]);
        at_ += Entry::size_bytes;
        return entry;
    }

    // Where the entry that next() gave last begins.
    uint64_t position() const { return block_position_ + at_ - Entry::size_bytes; }
    uint64_t size_bytes() const { return size_; }
    uint64_t entry_count() const { return size_ / Entry::size_bytes; }
    // Behind the last whole entry.
    uint64_t left_over_bytes() const { return size_ % Entry::size_bytes; }

  private:
    bool load() {
        block_position_ += loaded_;
        const uint64_t whole = size_ - left_over_bytes();
        block_.resize(std::min<uint64_t>(block_bytes, whole - block_position_));
        const auto read = file_->read_at(block_, block_position_);
        loaded_ = read ? *read - *read % Entry::size_bytes : 0;
        at_ = 0;
        return loaded_ > 0;
    }

    static constexpr size_t block_bytes = 1024 * Entry::size_bytes;

    std::shared_ptr<storage::File> file_;
    uint64_t size_ = 0;
    storage::Blob block_;
    uint64_t block_position_ = 0;
    size_t loaded_ = 0;
    size_t at_ = 0;
};

}  // namespace inspect
