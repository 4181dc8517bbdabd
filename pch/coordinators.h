// What most files of the coordinators include, read once: with -Db_pch=true.
#pragma once

#include <algorithm>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/transaction/transaction_coordinator.h"
