// Room on the disk ahead of a file that grows: the file system finds its blocks once for some
// megabytes, and not again for each page that is written. The file's size does not show it.
#pragma once

#include "storage/file_system.h"

namespace storage {

class Reservation {
  public:
    // Before `bytes` are written at `end`, the file's end. At most up to `end_max`. A disk that has
    // no room to spare, or no such thing, is none the worse.
    void prepare(const File& file, uint64_t end, size_t bytes, uint64_t end_max);
    // Gives back what was not used. Requires: the file ends at `end`, and nobody writes to it.
    void give_back(File& file, uint64_t end);
    // The file was cut, and with it what was reserved.
    void forget() { reserved_to_ = 0; }

  private:
    // A file that has grown so far will grow on; smaller ones take no more than they need.
    static constexpr uint64_t step_bytes = 8 << 20;

    uint64_t reserved_to_ = 0;
};

}  // namespace storage
