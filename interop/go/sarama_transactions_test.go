package interop

import (
	"syscall"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

func init() { applications["sarama"] = saramaCopy }

func saramaTransactional(id string, timeout time.Duration) sarama.SyncProducer {
	config := saramaConfig()
	config.Producer.Transaction.ID = id
	config.Producer.Transaction.Timeout = timeout
	return saramaProducer(config)
}

func offsetsAt(topic string, offset int64) map[string][]*sarama.PartitionOffsetMetadata {
	return map[string][]*sarama.PartitionOffsetMetadata{
		topic: {{Partition: 0, Offset: offset, LeaderEpoch: -1}}}
}

func TestSaramaCommitAndAbortAreSeenFromBothIsolationLevels(t *testing.T) {
	topic := saramaTopic(t, "isolation", 1)
	producer := saramaTransactional(unique("id"), time.Minute)
	defer producer.Close()
	for _, round := range []struct {
		prefix string
		end    func() error
	}{
		{"kept ", producer.CommitTxn},
		{"dropped ", producer.AbortTxn},
		{"kept too ", producer.CommitTxn},
	} {
		check(t, producer.BeginTxn())
		check(t, saramaSend(producer, topic, 0, numbered(round.prefix, 5)))
		check(t, round.end())
	}
	equal(t, saramaValues(t, topic, sarama.ReadCommitted),
		concat(numbered("kept ", 5), numbered("kept too ", 5)))
	equal(t, saramaValues(t, topic, sarama.ReadUncommitted),
		concat(numbered("kept ", 5), numbered("dropped ", 5), numbered("kept too ", 5)))
}

func TestSaramaAZombieProducerIsFenced(t *testing.T) {
	topic, id := saramaTopic(t, "fenced", 1), unique("id")
	zombie := saramaTransactional(id, time.Minute)
	defer zombie.Close()
	check(t, zombie.BeginTxn())
	check(t, saramaSend(zombie, topic, 0, numbered("zombie ", 3)))
	successor := saramaTransactional(id, time.Minute)
	defer successor.Close()
	check(t, successor.BeginTxn())
	check(t, saramaSend(successor, topic, 0, numbered("successor ", 3)))
	if zombie.CommitTxn() == nil {
		t.Fatal("the zombie's commit came through")
	}
	if zombie.TxnStatus()&sarama.ProducerTxnFlagFatalError == 0 {
		t.Fatal("the zombie may go on: ", zombie.TxnStatus())
	}
	check(t, successor.CommitTxn())
	equal(t, saramaValues(t, topic, sarama.ReadCommitted), numbered("successor ", 3))
}

func TestSaramaATransactionThatTakesTooLongIsAborted(t *testing.T) {
	topic := saramaTopic(t, "slow", 1)
	slow := saramaTransactional(unique("id"), time.Second)
	defer slow.Close()
	check(t, slow.BeginTxn())
	check(t, saramaSend(slow, topic, 0, numbered("slow ", 3)))
	// The last record that the read waits for is shown once the transaction is over.
	equal(t, len(saramaValues(t, topic, sarama.ReadCommitted)), 0)
	if slow.CommitTxn() == nil {
		t.Fatal("the commit came through")
	}
	equal(t, len(saramaValues(t, topic, sarama.ReadCommitted)), 0)
}

func saramaCopy(work job, beforeCommit func()) string {
	producer := saramaTransactional(work.transactionalID, time.Minute)
	defer producer.Close()
	if err := producer.BeginTxn(); err != nil {
		return err.Error()
	}
	var values []string
	var next int64
	start := max(saramaCommitted(work.group, work.input), 0)
	err := consumeFrom(work.input, start, sarama.ReadCommitted,
		func(message *sarama.ConsumerMessage) bool {
			values = append(values, "copy of "+string(message.Value))
			next = message.Offset + 1
			return len(values) == recordCount
		})
	if err != nil {
		return err.Error()
	}
	if err := saramaSend(producer, work.output, 0, values); err != nil {
		return err.Error()
	}
	if err := producer.AddOffsetsToTxn(offsetsAt(work.input, next), work.group); err != nil {
		return err.Error()
	}
	beforeCommit()
	if err := producer.CommitTxn(); err != nil {
		return "not committed"
	}
	return "committed"
}

func saramaJob(t *testing.T) job {
	work := job{unique("copier"), unique("copiers"),
		saramaTopic(t, "input", 1), saramaTopic(t, "output", 1)}
	saramaWrite(t, work.input, 0, numbered("", recordCount))
	return work
}

func checkSaramaCopiedOnce(t *testing.T, work job) {
	t.Helper()
	equal(t, saramaValues(t, work.output, sarama.ReadCommitted), numbered("copy of ", recordCount))
	// This client does not ask for stable offsets, so the marker may still be on its way.
	waitUntil(t, "the group's offset is committed", func() bool {
		return saramaCommitted(work.group, work.input) == recordCount
	})
}

func TestSaramaATransactionThatFailsDoesNotAdvanceTheGroupsOffsets(t *testing.T) {
	work := saramaJob(t)
	producer := saramaTransactional(work.transactionalID, time.Minute)
	check(t, producer.BeginTxn())
	check(t, saramaSend(producer, work.output, 0, numbered("copy of ", recordCount)))
	check(t, producer.AddOffsetsToTxn(offsetsAt(work.input, recordCount), work.group))
	check(t, producer.AbortTxn())
	producer.Close()
	equal(t, saramaCommitted(work.group, work.input), int64(-1))
	equal(t, len(saramaValues(t, work.output, sarama.ReadCommitted)), 0)
	equal(t, saramaCopy(work, func() {}), "committed")
	checkSaramaCopiedOnce(t, work)
}

func TestSaramaAnApplicationCrashesMidTransactionAndRestartsWithItsTransactionalID(t *testing.T) {
	work := saramaJob(t)
	first := startApplication(t, "sarama", work)
	first.expectLine("ready")
	first.kill()
	second := startApplication(t, "sarama", work)
	second.expectLine("ready")
	second.proceed()
	second.expectLine("committed")
	checkSaramaCopiedOnce(t, work)
	equal(t, len(saramaValues(t, work.output, sarama.ReadUncommitted)), 2*recordCount)
}

func TestSaramaAZombieApplicationWakesAfterItsSuccessorHasTakenOver(t *testing.T) {
	work := saramaJob(t)
	zombie := startApplication(t, "sarama", work)
	zombie.expectLine("ready")
	zombie.signal(syscall.SIGSTOP)
	equal(t, saramaCopy(work, func() {}), "committed")
	checkSaramaCopiedOnce(t, work)
	zombie.signal(syscall.SIGCONT)
	zombie.proceed()
	zombie.expectLine("not committed")
	checkSaramaCopiedOnce(t, work)
}
