// Memory for decompressed records.
#pragma once

#include <utility>

#include "protocol/types.h"

namespace protocol {

// A buffer that each thread keeps for the next user, so that the usual batch costs no allocation.
// It is moved out while in use: one who reads a batch may, meanwhile, read another.
class Scratch {
  public:
    Scratch() : blob_(std::exchange(kept(), {})) {}
    ~Scratch() {
        if (blob_.capacity() <= kept_bytes_max) kept() = std::move(blob_);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    Blob& blob() { return blob_; }

  private:
    static constexpr size_t kept_bytes_max = 4 << 20;

    static Blob& kept() {
        thread_local Blob blob;
        return blob;
    }

    Blob blob_;
};

}  // namespace protocol
