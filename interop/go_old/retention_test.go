package interop

import "time"

// Without a retention this sarama commits offsets with OffsetCommit 1, which Kafka 4 has no more.
func init() { saramaRetention = time.Hour }
