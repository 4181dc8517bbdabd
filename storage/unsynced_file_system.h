// The operating system's files for who removes them at the end: no sync waits for the disk.
#pragma once

#include "storage/file_system.h"

namespace storage {

// As posix_file_system(), but that a power cut may take anything. The process may die at any time.
FileSystem& unsynced_file_system();

}  // namespace storage
