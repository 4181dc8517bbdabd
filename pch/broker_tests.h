// What most tests of the broker include, read once: with -Db_pch=true.
#pragma once

#include <doctest/doctest.h>

#include "pch/broker.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/client.h"
#include "tests/broker/conversation.h"
