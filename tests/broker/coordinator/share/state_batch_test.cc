#include "broker/coordinator/share/state_batch.h"

#include <doctest/doctest.h>

using namespace broker::coordinator::share;
using enum DeliveryState;

namespace {

std::vector<StateBatch> combined(std::vector<StateBatch> so_far, std::vector<StateBatch> added,
                                 int64_t start_offset = -1) {
    return combine(so_far, added, start_offset);
}

}  // namespace

TEST_CASE("batches next to each other in one state become one") {
    CHECK(combined({{0, 9, acknowledged, 1}}, {{10, 19, acknowledged, 1}}) ==
          std::vector<StateBatch>{{0, 19, acknowledged, 1}});
    CHECK(combined({{0, 9, acknowledged, 1}}, {{10, 19, acknowledged, 2}}).size() == 2);
    CHECK(combined({{0, 9, acknowledged, 1}}, {{11, 19, acknowledged, 1}}).size() == 2);
}

TEST_CASE("where batches overlap the higher delivery count holds, then the later state") {
    CHECK(combined({{0, 9, available, 1}}, {{3, 5, acknowledged, 1}}) ==
          std::vector<StateBatch>{
              {0, 2, available, 1}, {3, 5, acknowledged, 1}, {6, 9, available, 1}});
    CHECK(combined({{0, 9, available, 2}}, {{3, 5, acknowledged, 1}}) ==
          std::vector<StateBatch>{{0, 9, available, 2}});
    CHECK(combined({{0, 9, available, 1}}, {{5, 14, available, 2}}) ==
          std::vector<StateBatch>{{0, 4, available, 1}, {5, 14, available, 2}});
}

TEST_CASE("what is before the start offset is left out") {
    CHECK(combined({{0, 9, available, 1}}, {{10, 19, archived, 5}}, 5) ==
          std::vector<StateBatch>{{5, 9, available, 1}, {10, 19, archived, 5}});
    CHECK(combined({{0, 9, available, 1}}, {}, 10).empty());
    CHECK(combined({{0, 9, available, 1}}, {}, 9) == std::vector<StateBatch>{{9, 9, available, 1}});
}
