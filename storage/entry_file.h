// A file of fixed-size entries in rising order: what .index, .timeindex and .txnindex have in
// common. Written behind: the newest entries wait in memory, as all of them can be made again from
// the log after a crash. Looked up where it lies, a block at a time, so its size costs no memory;
// and opened each time, so that it costs no file descriptor: a broker has more indexes than it may
// have open files.
#pragma once

#include <algorithm>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "storage/file_system.h"

namespace storage {

using protocol::ErrorCode;

// Entry: `size_bytes`, `static Entry decode(const std::byte*)`, `void encode(std::byte*) const`.
template <class Entry>
class EntryFile {
  public:
    EntryFile(FileSystem& files, std::string path) : files_(&files), path_(std::move(path)) {}

    // Takes up the entries that are on disk; an absent file has none.
    // Errors: corrupt_message (not a whole number of entries), kafka_storage_error.
    std::expected<void, ErrorCode> load() {
        if (!files_->exists(path_)) return {};
        const auto opened = file();
        if (!opened) return std::unexpected(opened.error());
        const auto size = (*opened)->size();
        if (!size) return std::unexpected(ErrorCode::kafka_storage_error);
        is_made_ = true;
        stored_count_ = *size / Entry::size_bytes;
        ragged_ = *size % Entry::size_bytes != 0;
        if (ragged_) return std::unexpected(ErrorCode::corrupt_message);
        return {};
    }

    size_t count() const { return stored_count_ + tail_.size(); }

    // Requires: index < count().
    std::expected<Entry, ErrorCode> at(size_t index) const {
        if (index >= stored_count_) return tail_[index - stored_count_];
        const size_t first = index - index % block_entries;
        if (auto loaded = load_block(first); !loaded) return std::unexpected(loaded.error());
        return block_entry(index);
    }

    // Where the entries for which `before` is true end. Requires: those come first.
    template <class Before>
    std::expected<size_t, ErrorCode> partition_point(const Before& before) const {
        if (!tail_.empty() && before(tail_.front())) {
            const auto end = std::partition_point(tail_.begin(), tail_.end(), before);
            return stored_count_ + static_cast<size_t>(end - tail_.begin());
        }
        size_t low = 0;
        size_t high = stored_count_;
        narrow_by_block(before, low, high);
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (auto loaded = load_block(middle - middle % block_entries); !loaded)
                return std::unexpected(loaded.error());
            narrow_by_block(before, low, high);
        }
        return low;
    }

    // A failure to write is no failure to append: the entries wait for the next chance.
    void append(const Entry& entry) {
        tail_.push_back(entry);
        if (tail_.size() % block_entries == 0) (void)persist();
    }

    // Afterwards the file holds all entries and nothing else. Makes the file, even an empty one.
    std::expected<void, ErrorCode> persist() {
        if (is_made_ && !ragged_ && tail_.empty()) return {};
        const auto file = files_->open(path_, FileSystem::Open::create);
        if (!file) return std::unexpected(ErrorCode::kafka_storage_error);
        // An older file of this name may have been there.
        if (!std::exchange(is_made_, true)) ragged_ = true;
        if (ragged_ && !(*file)->truncate(stored_count_ * Entry::size_bytes))
            return std::unexpected(ErrorCode::kafka_storage_error);
        ragged_ = false;
        if (tail_.empty()) return {};

        Blob bytes(tail_.size() * Entry::size_bytes);
        for (size_t i = 0; i < tail_.size(); ++i) tail_[i].encode(&bytes[i * Entry::size_bytes]);
        if (!(*file)->write_at(bytes, stored_count_ * Entry::size_bytes)) {
            // What was written of it may be all the room that the disk had left.
            ragged_ = !(*file)->truncate(stored_count_ * Entry::size_bytes);
            return std::unexpected(ErrorCode::kafka_storage_error);
        }
        stored_count_ += tail_.size();
        tail_.clear();
        block_.clear();
        return {};
    }

    // Keeps the first `count` entries.
    std::expected<void, ErrorCode> truncate(size_t count) {
        tail_.resize(count > stored_count_ ? std::min(count - stored_count_, tail_.size()) : 0);
        if (count >= stored_count_) return {};
        stored_count_ = count;
        block_.clear();
        ragged_ = true;
        return persist();
    }

    // Whether there is a file.
    bool is_made() const { return is_made_; }
    // Requires: there is one.
    std::expected<std::shared_ptr<File>, ErrorCode> file() const {
        auto opened = files_->open(path_, FileSystem::Open::read_write);
        if (!opened) return std::unexpected(ErrorCode::kafka_storage_error);
        return std::move(*opened);
    }
    const std::string& path() const { return path_; }

  private:
    static constexpr size_t block_entries = 4096 / Entry::size_bytes;

    Entry block_entry(size_t index) const {
        return Entry::decode(&block_[(index - block_first_) * Entry::size_bytes]);
    }

    // Narrows [low, high) by what the block in memory says; always, when the block lies in it.
    template <class Before>
    void narrow_by_block(const Before& before, size_t& low, size_t& high) const {
        const size_t first = std::max(low, block_first_);
        const size_t last = std::min(high, block_first_ + block_.size() / Entry::size_bytes);
        size_t a = first;
        size_t b = last;
        while (a < b) {
            const size_t middle = a + (b - a) / 2;
            if (before(block_entry(middle)))
                a = middle + 1;
            else
                b = middle;
        }
        if (first >= last) return;
        if (a != first) low = a;
        if (a != last) high = a;
    }

    std::expected<void, ErrorCode> load_block(size_t first) const {
        if (!block_.empty() && block_first_ == first) return {};
        const auto opened = file();
        if (!opened) return std::unexpected(opened.error());
        block_.resize(std::min(block_entries, stored_count_ - first) * Entry::size_bytes);
        block_first_ = first;
        const auto size = (*opened)->read_at(block_, first * Entry::size_bytes);
        if (size && *size == block_.size()) return {};
        block_.clear();
        return std::unexpected(ErrorCode::kafka_storage_error);
    }

    FileSystem* files_;
    std::string path_;
    bool is_made_ = false;
    size_t stored_count_ = 0;
    bool ragged_ = false;      // The file may be longer than what is stored in it.
    std::vector<Entry> tail_;  // After the stored ones.
    mutable Blob block_;       // The block read last.
    mutable size_t block_first_ = 0;
};

}  // namespace storage
