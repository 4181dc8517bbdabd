package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

func init() { sarama.Logger = log.New(io.Discard, "", 0) }

// How long committed offsets are to be kept; zero leaves it to the broker.
var saramaRetention time.Duration

func saramaConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Consumer.MaxWaitTime = 50 * time.Millisecond
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Offsets.Retention = saramaRetention
	config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	return config
}

func saramaAdmin() sarama.ClusterAdmin {
	admin, err := sarama.NewClusterAdmin([]string{bootstrap}, saramaConfig())
	if err != nil {
		panic(err)
	}
	return admin
}

func saramaTopic(t *testing.T, prefix string, partitions int32) string {
	t.Helper()
	topic := unique(prefix)
	admin := saramaAdmin()
	defer admin.Close()
	check(t, admin.CreateTopic(topic,
		&sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false))
	return topic
}

func saramaProducer(config *sarama.Config) sarama.SyncProducer {
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		panic(err)
	}
	return producer
}

func saramaSend(
	producer sarama.SyncProducer, topic string, partition int32, values []string,
) error {
	var messages []*sarama.ProducerMessage
	for _, value := range values {
		messages = append(messages, &sarama.ProducerMessage{
			Topic: topic, Partition: partition, Value: sarama.StringEncoder(value)})
	}
	return producer.SendMessages(messages)
}

func saramaWrite(t *testing.T, topic string, partition int32, values []string) {
	t.Helper()
	producer := saramaProducer(saramaConfig())
	defer producer.Close()
	check(t, saramaSend(producer, topic, partition, values))
}

// consumeFrom gives messages of partition 0 to `take` until it has enough.
func consumeFrom(topic string, offset int64, isolation sarama.IsolationLevel,
	take func(*sarama.ConsumerMessage) (enough bool)) error {
	config := saramaConfig()
	config.Consumer.IsolationLevel = isolation
	consumer, err := sarama.NewConsumer([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, offset)
	if err != nil {
		return err
	}
	defer partition.Close()
	timeout := time.After(deadline)
	for {
		select {
		case message := <-partition.Messages():
			if take(message) {
				return nil
			}
		case <-timeout:
			return errors.New("the records did not come")
		}
	}
}

// saramaRead gives all messages that an isolation level shows of partition 0. The client does not
// tell when it has reached the end, so a last record is written to see it come. Requires: no
// transaction is open.
func saramaRead(
	t *testing.T, topic string, isolation sarama.IsolationLevel,
) []*sarama.ConsumerMessage {
	t.Helper()
	last := unique("last")
	saramaWrite(t, topic, 0, []string{last})
	var messages []*sarama.ConsumerMessage
	collect := func(message *sarama.ConsumerMessage) bool {
		if !strings.HasPrefix(string(message.Value), "last-") {
			messages = append(messages, message)
		}
		return string(message.Value) == last
	}
	check(t, consumeFrom(topic, sarama.OffsetOldest, isolation, collect))
	return messages
}

func saramaValues(t *testing.T, topic string, isolation sarama.IsolationLevel) []string {
	t.Helper()
	var values []string
	for _, message := range saramaRead(t, topic, isolation) {
		values = append(values, string(message.Value))
	}
	return values
}

func saramaCommitted(group, topic string) int64 {
	admin := saramaAdmin()
	defer admin.Close()
	offsets, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}})
	if err != nil {
		panic(err)
	}
	return offsets.GetBlock(topic, 0).Offset
}

func TestSaramaRecordsComeBackAsTheyWereWritten(t *testing.T) {
	for _, codec := range []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP,
		sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD} {
		t.Run(codec.String(), func(t *testing.T) {
			topic := saramaTopic(t, codec.String(), 1)
			config := saramaConfig()
			config.Producer.Compression = codec
			producer := saramaProducer(config)
			defer producer.Close()
			var written []*sarama.ProducerMessage
			for i := range 200 {
				message := &sarama.ProducerMessage{Topic: topic,
					Timestamp: time.UnixMilli(1_700_000_000_000 + int64(i)),
					Headers: []sarama.RecordHeader{{Key: []byte("number"), Value: []byte{byte(i)}},
						{Key: []byte("twice"), Value: []byte("1")},
						{Key: []byte("twice"), Value: []byte("2")}}}
				if i%3 != 0 {
					message.Key = sarama.StringEncoder(fmt.Sprint("key-", i))
				}
				if i%7 != 0 {
					message.Value = sarama.StringEncoder(strings.Repeat(string(rune('a'+i%26)), 200))
				}
				written = append(written, message)
			}
			check(t, producer.SendMessages(written))
			read := saramaRead(t, topic, sarama.ReadUncommitted)
			equal(t, len(read), len(written))
			for i, message := range read {
				equal(t, message.Offset, int64(i))
				equal(t, message.Key == nil, written[i].Key == nil)
				equal(t, message.Value == nil, written[i].Value == nil)
				if written[i].Key != nil {
					equal(t, string(message.Key), fmt.Sprint("key-", i))
				}
				if written[i].Value != nil {
					value, _ := written[i].Value.Encode()
					equal(t, message.Value, value)
				}
				equal(t, message.Timestamp.UnixMilli(), written[i].Timestamp.UnixMilli())
				equal(t, len(message.Headers), 3)
				for j, header := range message.Headers {
					equal(t, *header, written[i].Headers[j])
				}
			}
		})
	}
}

// saramaMember is a member of a group; it commits what it reads and remembers its share.
type saramaMember struct {
	group  *saramaGroup
	client sarama.ConsumerGroup
	stop   context.CancelFunc
	done   chan struct{}
	share  []int32
}

type saramaGroup struct {
	mutex   sync.Mutex
	members []*saramaMember
	values  []string
}

func (m *saramaMember) Setup(session sarama.ConsumerGroupSession) error {
	m.group.mutex.Lock()
	defer m.group.mutex.Unlock()
	for _, partitions := range session.Claims() {
		m.share = partitions
	}
	return nil
}

func (m *saramaMember) Cleanup(sarama.ConsumerGroupSession) error {
	m.group.mutex.Lock()
	defer m.group.mutex.Unlock()
	m.share = nil
	return nil
}

func (m *saramaMember) ConsumeClaim(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.group.mutex.Lock()
		m.group.values = append(m.group.values, string(message.Value))
		session.MarkMessage(message, "")
		// One at a time: commits of two claims could overtake each other.
		session.Commit()
		m.group.mutex.Unlock()
	}
	return nil
}

func (g *saramaGroup) join(t *testing.T, name, topic string) {
	client, err := sarama.NewConsumerGroup([]string{bootstrap}, name, saramaConfig())
	check(t, err)
	ctx, stop := context.WithCancel(context.Background())
	member := &saramaMember{group: g, client: client, stop: stop, done: make(chan struct{})}
	g.members = append(g.members, member)
	go func() {
		defer close(member.done)
		for ctx.Err() == nil {
			if client.Consume(ctx, []string{topic}, member) != nil {
				return
			}
		}
	}()
}

func (g *saramaGroup) leave() {
	member := g.members[0]
	g.members = g.members[1:]
	member.stop()
	<-member.done
	member.client.Close()
}

func (g *saramaGroup) waitForShares(t *testing.T, sizes ...int) {
	t.Helper()
	waitUntil(t, fmt.Sprint("the group has settled in shares of ", sizes), func() bool {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		var found []int
		all := map[int32]bool{}
		for _, member := range g.members {
			found = append(found, len(member.share))
			for _, partition := range member.share {
				all[partition] = true
			}
		}
		sort.Ints(found)
		return fmt.Sprint(found) == fmt.Sprint(sizes) && len(all) == 6
	})
}

func TestSaramaThreeMembersShareAndTakeOverWhatOneLeaves(t *testing.T) {
	topic, name := saramaTopic(t, "shared", 6), unique("group")
	group := &saramaGroup{}
	writeAndRead := func(prefix string, total int) {
		for partition := range int32(6) {
			saramaWrite(t, topic, partition, numbered(fmt.Sprintf("%s %d ", prefix, partition), 10))
		}
		waitUntil(t, fmt.Sprint(total, " records are read"), func() bool {
			group.mutex.Lock()
			defer group.mutex.Unlock()
			return len(group.values) >= total
		})
	}
	for range 3 {
		group.join(t, name, topic)
	}
	group.waitForShares(t, 2, 2, 2)
	writeAndRead("before", 60)
	group.leave()
	group.waitForShares(t, 3, 3)
	writeAndRead("after", 120)
	group.leave()
	group.leave()
	checkEachPartition(t, group.values)
	equal(t, saramaCommitted(name, topic), int64(20))
}

func TestSaramaAdminDescribesAndDeletes(t *testing.T) {
	topic := saramaTopic(t, "administered", 2)
	admin := saramaAdmin()
	defer admin.Close()
	saramaWrite(t, topic, 0, numbered("", 10))
	described, err := admin.DescribeTopics([]string{topic})
	check(t, err)
	equal(t, len(described[0].Partitions), 2)
	brokers, _, err := admin.DescribeCluster()
	check(t, err)
	equal(t, brokers[0].Addr(), bootstrap)
	configs, err := admin.DescribeConfig(sarama.ConfigResource{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"cleanup.policy"}})
	check(t, err)
	equal(t, []string{configs[0].Name, configs[0].Value}, []string{"cleanup.policy", "delete"})
	check(t, admin.DeleteRecords(topic, map[int32]int64{0: 6}))
	equal(t, saramaValues(t, topic, sarama.ReadUncommitted)[0], "6")
	check(t, admin.DeleteTopic(topic))
	topics, err := admin.ListTopics()
	check(t, err)
	_, found := topics[topic]
	equal(t, found, false)
}
