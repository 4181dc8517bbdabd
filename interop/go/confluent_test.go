package interop

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func init() { applications["confluent"] = confluentCopy }

func confluentConfig(own kafka.ConfigMap) *kafka.ConfigMap {
	config := kafka.ConfigMap{"bootstrap.servers": bootstrap, "log_level": 2}
	for key, value := range own {
		config[key] = value
	}
	return &config
}

func confluentAdmin(t *testing.T) *kafka.AdminClient {
	t.Helper()
	admin, err := kafka.NewAdminClient(confluentConfig(nil))
	check(t, err)
	t.Cleanup(admin.Close)
	return admin
}

func confluentTopic(t *testing.T, prefix string, partitions int) string {
	t.Helper()
	topic := unique(prefix)
	results, err := confluentAdmin(t).CreateTopics(withDeadline(t), []kafka.TopicSpecification{
		{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}})
	check(t, err)
	equal(t, results[0].Error.Code(), kafka.ErrNoError)
	return topic
}

func confluentProducer(own kafka.ConfigMap) (*kafka.Producer, error) {
	config := confluentConfig(own)
	(*config)["enable.idempotence"] = true
	(*config)["linger.ms"] = 2
	return kafka.NewProducer(config)
}

func confluentTransactional(id string, timeout time.Duration) (*kafka.Producer, error) {
	producer, err := confluentProducer(kafka.ConfigMap{"transactional.id": id,
		"transaction.timeout.ms": int(timeout.Milliseconds())})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	return producer, producer.InitTransactions(ctx)
}

func startConfluent(t *testing.T, id string, timeout time.Duration) *kafka.Producer {
	t.Helper()
	producer, err := confluentTransactional(id, timeout)
	check(t, err)
	t.Cleanup(producer.Close)
	return producer
}

func confluentSend(producer *kafka.Producer, messages []*kafka.Message) error {
	delivered := make(chan kafka.Event, len(messages))
	for _, message := range messages {
		if err := producer.Produce(message, delivered); err != nil {
			return err
		}
	}
	timeout := time.After(deadline)
	for range messages {
		select {
		case event := <-delivered:
			if err := event.(*kafka.Message).TopicPartition.Error; err != nil {
				return err
			}
		case <-timeout:
			return errors.New("the records were not acknowledged")
		}
	}
	return nil
}

func confluentMessages(topic string, partition int32, values []string) []*kafka.Message {
	var messages []*kafka.Message
	for _, value := range values {
		messages = append(messages, &kafka.Message{Value: []byte(value),
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: partition}})
	}
	return messages
}

func confluentWrite(t *testing.T, topic string, partition int32, values []string) {
	t.Helper()
	producer, err := confluentProducer(nil)
	check(t, err)
	defer producer.Close()
	check(t, confluentSend(producer, confluentMessages(topic, partition, values)))
}

// confluentTransaction begins one and writes to partition 0.
func confluentTransaction(t *testing.T, producer *kafka.Producer, topic string, values []string) {
	t.Helper()
	check(t, producer.BeginTransaction())
	check(t, confluentSend(producer, confluentMessages(topic, 0, values)))
}

func confluentConsumer(own kafka.ConfigMap) (*kafka.Consumer, error) {
	config := confluentConfig(kafka.ConfigMap{"group.id": unique("reader"),
		"auto.offset.reset": "earliest", "enable.auto.commit": false, "fetch.wait.max.ms": 50,
		"check.crcs": true, "enable.partition.eof": true})
	for key, value := range own {
		(*config)[key] = value
	}
	return kafka.NewConsumer(config)
}

// confluentPlace is a topic's partition 0 with an offset.
func confluentPlace(topic string, offset int64) []kafka.TopicPartition {
	return []kafka.TopicPartition{{Topic: &topic, Offset: kafka.Offset(offset)}}
}

// A consumer needs half a second to find its coordinator, so one serves all reads of a level.
var confluentReaders = map[string]*kafka.Consumer{}

// confluentRead gives all messages that an isolation level shows of partition 0.
func confluentRead(t *testing.T, topic, isolation string) []*kafka.Message {
	t.Helper()
	reader := confluentReaders[isolation]
	if reader == nil {
		var err error
		reader, err = confluentConsumer(kafka.ConfigMap{"isolation.level": isolation})
		check(t, err)
		confluentReaders[isolation] = reader
	}
	// So that it knows the topic at once.
	_, err := reader.GetMetadata(&topic, false, int(deadline.Milliseconds()))
	check(t, err)
	check(t, reader.Assign(confluentPlace(topic, 0)))
	var messages []*kafka.Message
	waitUntil(t, "the end of the partition is reached", func() bool {
		for event := reader.Poll(100); event != nil; event = reader.Poll(100) {
			switch event := event.(type) {
			case *kafka.Message:
				messages = append(messages, event)
			case kafka.PartitionEOF:
				return *event.Topic == topic
			}
		}
		return false
	})
	check(t, reader.Unassign())
	return messages
}

func confluentValues(t *testing.T, topic, isolation string) []string {
	t.Helper()
	var values []string
	for _, message := range confluentRead(t, topic, isolation) {
		values = append(values, string(message.Value))
	}
	return values
}

// confluentCommitted gives the group's offset of partition 0; kafka.OffsetInvalid if it has none.
func confluentCommitted(t *testing.T, group, topic string) int64 {
	t.Helper()
	reader, err := confluentConsumer(kafka.ConfigMap{"group.id": group})
	check(t, err)
	defer reader.Close()
	offsets, err := reader.Committed(confluentPlace(topic, 0), int(deadline.Milliseconds()))
	check(t, err)
	return int64(offsets[0].Offset)
}

func TestConfluentRecordsComeBackAsTheyWereWritten(t *testing.T) {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			topic := confluentTopic(t, codec, 1)
			producer, err := confluentProducer(kafka.ConfigMap{"compression.codec": codec})
			check(t, err)
			defer producer.Close()
			written := confluentMessages(topic, 0, numbered("", 200))
			for i, message := range written {
				message.Timestamp = time.UnixMilli(1_700_000_000_000 + int64(i))
				message.Headers = []kafka.Header{{Key: "number", Value: []byte(fmt.Sprint(i))},
					{Key: "twice", Value: []byte("1")}, {Key: "twice", Value: []byte("2")},
					{Key: "null"}}
				message.Value = []byte(strings.Repeat(string(rune('a'+i%26)), 200))
				if i%3 != 0 {
					message.Key = []byte(fmt.Sprint("key-", i))
				}
				if i%7 == 0 {
					message.Value = nil
				}
			}
			check(t, confluentSend(producer, written))
			read := confluentRead(t, topic, "read_uncommitted")
			equal(t, len(read), len(written))
			for i, message := range read {
				equal(t, message.TopicPartition.Offset, kafka.Offset(i))
				equal(t, message.Key, written[i].Key)
				equal(t, message.Value, written[i].Value)
				equal(t, message.Headers, written[i].Headers)
				equal(t, message.Timestamp.UnixMilli(), written[i].Timestamp.UnixMilli())
			}
		})
	}
}

// confluentGroup is members that are polled together, so that all take part in a rebalance.
type confluentGroup struct {
	t       *testing.T
	members []*kafka.Consumer
	values  []string
}

func (g *confluentGroup) join(name, topic string) {
	member, err := confluentConsumer(
		kafka.ConfigMap{"group.id": name, "heartbeat.interval.ms": 300})
	check(g.t, err)
	check(g.t, member.SubscribeTopics([]string{topic}, nil))
	g.members = append(g.members, member)
}

func (g *confluentGroup) leave() {
	check(g.t, g.members[0].Close())
	g.members = g.members[1:]
}

func (g *confluentGroup) poll() {
	for _, member := range g.members {
		for event := member.Poll(20); event != nil; event = member.Poll(20) {
			if message, ok := event.(*kafka.Message); ok {
				g.values = append(g.values, string(message.Value))
			}
		}
	}
}

func (g *confluentGroup) waitForShares(sizes ...int) {
	g.t.Helper()
	waitUntil(g.t, fmt.Sprint("the group has settled in shares of ", sizes), func() bool {
		g.poll()
		var found []int
		all := map[int32]bool{}
		for _, member := range g.members {
			share, err := member.Assignment()
			check(g.t, err)
			found = append(found, len(share))
			for _, place := range share {
				all[place.Partition] = true
			}
		}
		sort.Ints(found)
		return fmt.Sprint(found) == fmt.Sprint(sizes) && len(all) == 6
	})
}

func TestConfluentThreeMembersShareAndTakeOverWhatOneLeaves(t *testing.T) {
	topic, name := confluentTopic(t, "shared", 6), unique("group")
	group := &confluentGroup{t: t}
	writeAndRead := func(prefix string, total int) {
		for partition := range int32(6) {
			confluentWrite(t, topic, partition,
				numbered(fmt.Sprintf("%s %d ", prefix, partition), 10))
		}
		waitUntil(t, fmt.Sprint(total, " records are read"), func() bool {
			group.poll()
			return len(group.values) >= total
		})
	}
	for range 3 {
		group.join(name, topic)
	}
	group.waitForShares(2, 2, 2)
	writeAndRead("before", 60)
	for _, member := range group.members {
		_, err := member.Commit()
		check(t, err)
	}
	group.leave()
	group.waitForShares(3, 3)
	writeAndRead("after", 120)
	group.leave()
	group.leave()
	checkEachPartition(t, group.values)
	equal(t, confluentCommitted(t, name, topic), int64(10))
}

func TestConfluentCommitAndAbortAreSeenFromBothIsolationLevels(t *testing.T) {
	topic := confluentTopic(t, "isolation", 1)
	producer := startConfluent(t, unique("id"), time.Minute)
	for _, round := range []struct {
		prefix string
		end    func(context.Context) error
	}{
		{"kept ", producer.CommitTransaction},
		{"dropped ", producer.AbortTransaction},
		{"kept too ", producer.CommitTransaction},
	} {
		confluentTransaction(t, producer, topic, numbered(round.prefix, 5))
		check(t, round.end(withDeadline(t)))
	}
	equal(t, confluentValues(t, topic, "read_committed"),
		concat(numbered("kept ", 5), numbered("kept too ", 5)))
	equal(t, confluentValues(t, topic, "read_uncommitted"),
		concat(numbered("kept ", 5), numbered("dropped ", 5), numbered("kept too ", 5)))
}

func TestConfluentAZombieProducerIsFenced(t *testing.T) {
	topic, id := confluentTopic(t, "fenced", 1), unique("id")
	zombie := startConfluent(t, id, time.Minute)
	confluentTransaction(t, zombie, topic, numbered("zombie ", 3))
	successor := startConfluent(t, id, time.Minute)
	confluentTransaction(t, successor, topic, numbered("successor ", 3))
	if zombie.CommitTransaction(withDeadline(t)) == nil {
		t.Fatal("the zombie's commit came through")
	}
	if zombie.GetFatalError() == nil {
		t.Fatal("the zombie may go on")
	}
	check(t, successor.CommitTransaction(withDeadline(t)))
	equal(t, confluentValues(t, topic, "read_committed"), numbered("successor ", 3))
}

func TestConfluentATransactionThatTakesTooLongIsAborted(t *testing.T) {
	topic := confluentTopic(t, "slow", 1)
	slow := startConfluent(t, unique("id"), 1500*time.Millisecond)
	confluentTransaction(t, slow, topic, numbered("slow ", 3))
	confluentWrite(t, topic, 0, []string{"plain"})
	waitUntil(t, "the broker has aborted it", func() bool {
		return fmt.Sprint(confluentValues(t, topic, "read_committed")) == "[plain]"
	})
	if slow.CommitTransaction(withDeadline(t)) == nil {
		t.Fatal("the commit came through")
	}
	equal(t, confluentValues(t, topic, "read_committed"), []string{"plain"})
}

// confluentCopyUncommitted copies the input and sends its place in it, without the transaction's
// end.
func confluentCopyUncommitted(producer *kafka.Producer, work job) error {
	source, err := confluentConsumer(
		kafka.ConfigMap{"group.id": work.group, "isolation.level": "read_committed"})
	if err != nil {
		return err
	}
	defer source.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := errors.Join(source.Assign(confluentPlace(work.input, int64(kafka.OffsetStored))),
		producer.BeginTransaction()); err != nil {
		return err
	}
	var values []string
	for len(values) < recordCount {
		if ctx.Err() != nil {
			return errors.New("the records did not come")
		}
		if message, ok := source.Poll(100).(*kafka.Message); ok {
			values = append(values, "copy of "+string(message.Value))
		}
	}
	if err := confluentSend(producer, confluentMessages(work.output, 0, values)); err != nil {
		return err
	}
	position, err := source.Position(confluentPlace(work.input, 0))
	if err != nil {
		return err
	}
	group, err := source.GetConsumerGroupMetadata()
	if err != nil {
		return err
	}
	return producer.SendOffsetsToTransaction(ctx, position, group)
}

func confluentCopy(work job, beforeCommit func()) string {
	producer, err := confluentTransactional(work.transactionalID, time.Minute)
	if err != nil {
		return err.Error()
	}
	defer producer.Close()
	if err := confluentCopyUncommitted(producer, work); err != nil {
		return err.Error()
	}
	beforeCommit()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if producer.CommitTransaction(ctx) != nil {
		return "not committed"
	}
	return "committed"
}

func confluentJob(t *testing.T) job {
	t.Helper()
	work := job{unique("copier"), unique("copiers"),
		confluentTopic(t, "input", 1), confluentTopic(t, "output", 1)}
	confluentWrite(t, work.input, 0, numbered("", recordCount))
	return work
}

func checkConfluentCopiedOnce(t *testing.T, work job) {
	t.Helper()
	equal(t, confluentValues(t, work.output, "read_committed"),
		numbered("copy of ", recordCount))
	waitUntil(t, "the group's offset is committed", func() bool {
		return confluentCommitted(t, work.group, work.input) == recordCount
	})
}

func TestConfluentATransactionThatFailsDoesNotAdvanceTheGroupsOffsets(t *testing.T) {
	work := confluentJob(t)
	producer := startConfluent(t, work.transactionalID, time.Minute)
	check(t, confluentCopyUncommitted(producer, work))
	check(t, producer.AbortTransaction(withDeadline(t)))
	equal(t, confluentCommitted(t, work.group, work.input), int64(kafka.OffsetInvalid))
	equal(t, len(confluentValues(t, work.output, "read_committed")), 0)
	equal(t, confluentCopy(work, func() {}), "committed")
	checkConfluentCopiedOnce(t, work)
}

func TestConfluentAnApplicationCrashesMidTransactionAndRestartsWithItsTransactionalID(
	t *testing.T) {
	work := confluentJob(t)
	first := startApplication(t, "confluent", work)
	first.expectLine("ready")
	first.kill()
	equal(t, len(confluentValues(t, work.output, "read_committed")), 0)
	second := startApplication(t, "confluent", work)
	second.expectLine("ready")
	second.proceed()
	second.expectLine("committed")
	checkConfluentCopiedOnce(t, work)
	equal(t, len(confluentValues(t, work.output, "read_uncommitted")), 2*recordCount)
}

func TestConfluentAZombieApplicationWakesAfterItsSuccessorHasTakenOver(t *testing.T) {
	work := confluentJob(t)
	zombie := startApplication(t, "confluent", work)
	zombie.expectLine("ready")
	zombie.signal(syscall.SIGSTOP)
	equal(t, confluentCopy(work, func() {}), "committed")
	checkConfluentCopiedOnce(t, work)
	zombie.signal(syscall.SIGCONT)
	zombie.proceed()
	zombie.expectLine("not committed")
	checkConfluentCopiedOnce(t, work)
}
