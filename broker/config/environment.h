// Config keys from environment variables, named as the apache/kafka container image names them.
#pragma once

#include "broker/config/config_values.h"

namespace broker::config {

// KAFKA_LOG_RETENTION_MS is log.retention.ms: '_' stands for '.', '__' for '_', '___' for '-'.
// CLUSTER_ID is einmal.cluster.id. Variables for Java and for the image itself are left out, all
// others that begin with KAFKA_ are there, whether or not they name a key.
Values keys_of_environment(const Values& environment);

// This process's variables.
Values process_environment();

}  // namespace broker::config
