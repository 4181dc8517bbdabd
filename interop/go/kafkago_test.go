package interop

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// This client reads transactions, but its writer has none.

func kafkaGo() *kafka.Client { return &kafka.Client{Addr: kafka.TCP(bootstrap), Timeout: deadline} }

func kafkaGoTopic(t *testing.T, prefix string, partitions int) string {
	t.Helper()
	topic := unique(prefix)
	created, err := kafkaGo().CreateTopics(withDeadline(t), &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{
			{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}}})
	check(t, err)
	check(t, created.Errors[topic])
	return topic
}

func kafkaGoSend(
	t *testing.T, topic string, partition int, codec kafka.Compression, messages []kafka.Message,
) {
	t.Helper()
	writer := &kafka.Writer{Addr: kafka.TCP(bootstrap), Topic: topic, Compression: codec,
		RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond, BatchSize: 1000,
		Balancer: kafka.BalancerFunc(func(kafka.Message, ...int) int { return partition })}
	defer writer.Close()
	check(t, writer.WriteMessages(withDeadline(t), messages...))
}

func kafkaGoWrite(t *testing.T, topic string, partition int, values []string) {
	t.Helper()
	var messages []kafka.Message
	for _, value := range values {
		messages = append(messages, kafka.Message{Value: []byte(value)})
	}
	kafkaGoSend(t, topic, partition, 0, messages)
}

// kafkaGoRead gives all messages that an isolation level shows of partition 0. The client does not
// tell when it has reached the end, so a last record is written to see it come. Requires: no
// transaction is open.
func kafkaGoRead(t *testing.T, topic string, isolation kafka.IsolationLevel) []kafka.Message {
	t.Helper()
	last := unique("last")
	kafkaGoWrite(t, topic, 0, []string{last})
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic,
		MaxWait: 50 * time.Millisecond, IsolationLevel: isolation})
	defer reader.Close()
	var messages []kafka.Message
	for {
		message, err := reader.ReadMessage(withDeadline(t))
		check(t, err)
		if string(message.Value) == last {
			return messages
		}
		if !strings.HasPrefix(string(message.Value), "last-") {
			messages = append(messages, message)
		}
	}
}

func TestKafkaGoRecordsComeBackAsTheyWereWritten(t *testing.T) {
	for name, codec := range map[string]kafka.Compression{"none": 0, "gzip": kafka.Gzip,
		"snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd} {
		t.Run(name, func(t *testing.T) {
			topic := kafkaGoTopic(t, name, 1)
			var written []kafka.Message
			for i := range 200 {
				message := kafka.Message{Time: time.UnixMilli(1_700_000_000_000 + int64(i)),
					Headers: []kafka.Header{{Key: "number", Value: []byte{byte(i)}},
						{Key: "twice", Value: []byte("1")}, {Key: "twice", Value: []byte("2")}}}
				if i%3 != 0 {
					message.Key = fmt.Appendf(nil, "key-%d", i)
				}
				if i%7 != 0 {
					message.Value = []byte(strings.Repeat(string(rune('a'+i%26)), 200))
				}
				written = append(written, message)
			}
			kafkaGoSend(t, topic, 0, codec, written)
			read := kafkaGoRead(t, topic, kafka.ReadUncommitted)
			equal(t, len(read), len(written))
			for i := range read {
				equal(t, read[i].Offset, int64(i))
				equal(t, read[i].Key, written[i].Key)
				equal(t, read[i].Value, written[i].Value)
				equal(t, read[i].Headers, written[i].Headers)
				equal(t, read[i].Time.UnixMilli(), written[i].Time.UnixMilli())
			}
		})
	}
}

// kafkaGoGroup is members that each read in their own goroutine; what they read is committed.
type kafkaGoGroup struct {
	t       *testing.T
	topic   string
	name    string
	mutex   sync.Mutex
	values  []string
	members []*kafka.Reader
}

func (g *kafkaGoGroup) join() {
	member := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap}, GroupID: g.name,
		Topic: g.topic, MaxWait: 50 * time.Millisecond, HeartbeatInterval: 300 * time.Millisecond,
		JoinGroupBackoff: 50 * time.Millisecond, StartOffset: kafka.FirstOffset})
	g.members = append(g.members, member)
	go func() {
		for {
			message, err := member.ReadMessage(context.Background())
			if err != nil {
				return
			}
			g.mutex.Lock()
			g.values = append(g.values, string(message.Value))
			g.mutex.Unlock()
		}
	}()
}

func (g *kafkaGoGroup) leave() {
	check(g.t, g.members[0].Close())
	g.members = g.members[1:]
}

// A reader does not tell its share: the broker does.
func (g *kafkaGoGroup) waitForShares(sizes ...int) {
	g.t.Helper()
	waitUntil(g.t, fmt.Sprint("the group has settled in shares of ", sizes), func() bool {
		described, err := kafkaGo().DescribeGroups(withDeadline(g.t),
			&kafka.DescribeGroupsRequest{GroupIDs: []string{g.name}})
		check(g.t, err)
		if described.Groups[0].GroupState != "Stable" {
			return false
		}
		var found []int
		all := map[int]bool{}
		for _, member := range described.Groups[0].Members {
			for _, topic := range member.MemberAssignments.Topics {
				found = append(found, len(topic.Partitions))
				for _, partition := range topic.Partitions {
					all[partition] = true
				}
			}
		}
		sort.Ints(found)
		return fmt.Sprint(found) == fmt.Sprint(sizes) && len(all) == 6
	})
}

func (g *kafkaGoGroup) writeAndRead(prefix string, total int) {
	g.t.Helper()
	for partition := range 6 {
		kafkaGoWrite(g.t, g.topic, partition,
			numbered(fmt.Sprintf("%s %d ", prefix, partition), 10))
	}
	waitUntil(g.t, fmt.Sprint(total, " records are read"), func() bool {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		return len(g.values) >= total
	})
}

// waitForCommitted waits until the group is at this offset in every partition.
func (g *kafkaGoGroup) waitForCommitted(offset int64) {
	g.t.Helper()
	waitUntil(g.t, fmt.Sprint("the group is at ", offset), func() bool {
		fetched, err := kafkaGo().OffsetFetch(withDeadline(g.t), &kafka.OffsetFetchRequest{
			GroupID: g.name, Topics: map[string][]int{g.topic: {0, 1, 2, 3, 4, 5}}})
		check(g.t, err)
		there := 0
		for _, partition := range fetched.Topics[g.topic] {
			if partition.CommittedOffset == offset {
				there++
			}
		}
		return there == 6
	})
}

func TestKafkaGoThreeMembersShareAndTakeOverWhatOneLeaves(t *testing.T) {
	group := &kafkaGoGroup{t: t, topic: kafkaGoTopic(t, "shared", 6), name: unique("group")}
	for range 3 {
		group.join()
	}
	group.waitForShares(2, 2, 2)
	group.writeAndRead("before", 60)
	group.waitForCommitted(10)
	group.leave()
	group.waitForShares(3, 3)
	group.writeAndRead("after", 120)
	group.waitForCommitted(20)
	group.leave()
	group.leave()
	checkEachPartition(t, group.values)
}

// Its reader shows aborted records and markers, too: what holds is where the transaction begins.
func TestKafkaGoSeesAnOpenTransactionFromOneIsolationLevel(t *testing.T) {
	topic := kafkaGoTopic(t, "isolation", 1)
	kafkaGoWrite(t, topic, 0, numbered("plain ", 3))
	client := franzTransactional(t, unique("id"))
	check(t, client.BeginTransaction())
	franzWrite(t, client, topic, numbered("open ", 5))
	end := func(isolation kafka.IsolationLevel) int64 {
		listed, err := kafkaGo().ListOffsets(withDeadline(t), &kafka.ListOffsetsRequest{
			IsolationLevel: isolation,
			Topics:         map[string][]kafka.OffsetRequest{topic: {kafka.LastOffsetOf(0)}}})
		check(t, err)
		return listed.Topics[topic][0].LastOffset
	}
	fetched := func(isolation kafka.IsolationLevel) (values []string) {
		answer, err := kafkaGo().Fetch(withDeadline(t), &kafka.FetchRequest{
			Topic: topic, MaxBytes: 1 << 20, IsolationLevel: isolation})
		check(t, err)
		check(t, answer.Error)
		for {
			record, err := answer.Records.ReadRecord()
			if err == io.EOF {
				return values
			}
			check(t, err)
			value, err := kafka.ReadAll(record.Value)
			check(t, err)
			values = append(values, string(value))
		}
	}
	equal(t, end(kafka.ReadCommitted), int64(3))
	equal(t, end(kafka.ReadUncommitted), int64(8))
	equal(t, fetched(kafka.ReadCommitted), numbered("plain ", 3))
	equal(t, fetched(kafka.ReadUncommitted), concat(numbered("plain ", 3), numbered("open ", 5)))
}
