// What most files of the wire format include, read once: with -Db_pch=true.
#pragma once

#include <algorithm>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/codec_impl.h"
