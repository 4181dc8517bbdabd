// What most files of the wire format include, read once: with -Db_pch=true. Not codec_impl.h: where
// it can be seen, codecs are made anew instead of taken from the message's own file.
#pragma once

#include <algorithm>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/codec.h"
#include "protocol/decoder.h"
#include "protocol/encoder.h"
#include "protocol/json_printer.h"
