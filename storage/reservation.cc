#include "storage/reservation.h"

#include <fcntl.h>

#include <algorithm>

namespace storage {

void Reservation::prepare(const File& file, uint64_t end, size_t bytes, uint64_t end_max) {
    if (end < step_bytes || end + bytes <= reserved_to_) return;
    reserved_to_ = std::max(end + bytes, std::min(end + step_bytes, end_max));
    const int descriptor = file.descriptor();
    if (descriptor < 0) return;
    (void)::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(end),
                      static_cast<off_t>(reserved_to_ - end));
}

void Reservation::give_back(File& file, uint64_t end) {
    // Cutting a file to the size that it has gives back the blocks behind its end.
    if (reserved_to_ > end) (void)file.truncate(end);
    reserved_to_ = 0;
}

}  // namespace storage
