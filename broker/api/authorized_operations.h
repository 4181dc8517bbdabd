// The operations that a client may do, as bits by AclOperation code (KIP-430). There is no
// authorizer yet: everyone may do everything that a kind of resource knows.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace broker::api {

enum class AclOperation : int8_t {
    read = 3,
    write = 4,
    create = 5,
    delete_ = 6,
    alter = 7,
    describe = 8,
    cluster_action = 9,
    describe_configs = 10,
    alter_configs = 11,
    idempotent_write = 12,
};

constexpr int32_t operation_bits(std::initializer_list<AclOperation> operations) {
    int32_t bits = 0;
    for (const AclOperation operation : operations) bits |= 1 << static_cast<int>(operation);
    return bits;
}

inline constexpr int32_t topic_operations =
    operation_bits({AclOperation::read, AclOperation::write, AclOperation::create,
                    AclOperation::describe, AclOperation::delete_, AclOperation::alter,
                    AclOperation::describe_configs, AclOperation::alter_configs});
inline constexpr int32_t group_operations =
    operation_bits({AclOperation::read, AclOperation::describe, AclOperation::delete_,
                    AclOperation::describe_configs, AclOperation::alter_configs});
inline constexpr int32_t cluster_operations =
    operation_bits({AclOperation::create, AclOperation::cluster_action,
                    AclOperation::describe_configs, AclOperation::alter_configs,
                    AclOperation::idempotent_write, AclOperation::alter, AclOperation::describe});

}  // namespace broker::api
