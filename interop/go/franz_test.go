package interop

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func init() { applications["franz"] = franzCopy }

func franz(t *testing.T, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.FetchMaxWait(50 * time.Millisecond),
	}, options...)...)
	check(t, err)
	t.Cleanup(client.CloseAllowingRebalance)
	return client
}

func franzAdmin(t *testing.T) *kadm.Client { return kadm.NewClient(franz(t)) }

func franzTopic(t *testing.T, prefix string, partitions int32) string {
	t.Helper()
	topic := unique(prefix)
	_, err := franzAdmin(t).CreateTopic(withDeadline(t), partitions, 1, nil, topic)
	check(t, err)
	return topic
}

func records(topic string, partition int32, values []string) []*kgo.Record {
	var all []*kgo.Record
	for _, value := range values {
		all = append(all, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)})
	}
	return all
}

func franzWrite(t *testing.T, client *kgo.Client, topic string, values []string) {
	t.Helper()
	check(t, client.ProduceSync(withDeadline(t), records(topic, 0, values)...).FirstErr())
}

// franzRead gives all records that an isolation level shows of partition 0.
func franzRead(t *testing.T, topic string, isolation kgo.IsolationLevel) []*kgo.Record {
	t.Helper()
	list := franzAdmin(t).ListEndOffsets
	if isolation == kgo.ReadCommitted() {
		list = franzAdmin(t).ListCommittedOffsets
	}
	listed, err := list(withDeadline(t), topic)
	check(t, err)
	end := listed[topic][0].Offset
	reader := franz(t, kgo.FetchIsolationLevel(isolation), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			topic: {0: kgo.NewOffset().AtStart()}}))
	var read []*kgo.Record
	for next := int64(0); next < end; {
		fetches := reader.PollFetches(withDeadline(t))
		check(t, fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) {
			next = record.Offset + 1 // The last one before the end is a marker or is shown.
			if !record.Attrs.IsControl() {
				read = append(read, record)
			}
		})
	}
	return read
}

func franzValues(t *testing.T, topic string, isolation kgo.IsolationLevel) []string {
	t.Helper()
	var values []string
	for _, record := range franzRead(t, topic, isolation) {
		values = append(values, string(record.Value))
	}
	return values
}

func franzCommitted(t *testing.T, group, topic string) int64 {
	t.Helper()
	offsets, err := franzAdmin(t).FetchOffsetsForTopics(withDeadline(t), group, topic)
	check(t, err)
	offset, _ := offsets.Lookup(topic, 0)
	return offset.At
}

func franzTransactional(t *testing.T, id string, options ...kgo.Opt) *kgo.Client {
	return franz(t, append(options, kgo.TransactionalID(id))...)
}

func TestFranzRecordsComeBackAsTheyWereWritten(t *testing.T) {
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(),
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		t.Run(name, func(t *testing.T) {
			topic := franzTopic(t, name, 1)
			var written []*kgo.Record
			for i := range 200 {
				record := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(1_700_000_000_000 + int64(i)),
					Headers: []kgo.RecordHeader{{Key: "number", Value: []byte{byte(i)}},
						{Key: "twice", Value: []byte("1")}, {Key: "twice", Value: []byte("2")},
						{Key: "null"}, {Key: "", Value: []byte{}}}}
				if i%3 != 0 {
					record.Key = fmt.Appendf(nil, "key-%d", i)
				}
				if i%7 != 0 {
					record.Value = []byte(strings.Repeat(string(rune('a'+i%26)), 200))
				}
				written = append(written, record)
			}
			writer := franz(t, kgo.ProducerBatchCompression(codec))
			check(t, writer.ProduceSync(withDeadline(t), written...).FirstErr())
			read := franzRead(t, topic, kgo.ReadUncommitted())
			equal(t, len(read), len(written))
			for i := range read {
				equal(t, read[i].Offset, int64(i))
				equal(t, read[i].Key, written[i].Key)
				equal(t, read[i].Value, written[i].Value)
				equal(t, read[i].Headers, written[i].Headers)
				equal(t, read[i].Timestamp.UnixMilli(), written[i].Timestamp.UnixMilli())
			}
		})
	}
}

// franzGroup is members that each poll in their own goroutine.
type franzGroup struct {
	t       *testing.T
	topic   string
	name    string
	mutex   sync.Mutex
	values  []string
	members []*kgo.Client
	shares  map[*kgo.Client]map[int32]bool
}

func (g *franzGroup) join(balancer kgo.GroupBalancer) {
	change := func(owned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, member *kgo.Client, partitions map[string][]int32) {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			if g.shares[member] == nil {
				g.shares[member] = map[int32]bool{}
			}
			for _, partition := range partitions[g.topic] {
				if owned {
					g.shares[member][partition] = true
				} else {
					delete(g.shares[member], partition)
				}
			}
		}
	}
	member := franz(g.t, kgo.ConsumerGroup(g.name), kgo.ConsumeTopics(g.topic),
		kgo.Balancers(balancer), kgo.HeartbeatInterval(300*time.Millisecond),
		kgo.DisableAutoCommit(), kgo.OnPartitionsAssigned(change(true)),
		kgo.OnPartitionsRevoked(change(false)), kgo.OnPartitionsLost(change(false)))
	g.members = append(g.members, member)
	go func() {
		for {
			fetches := member.PollFetches(context.Background())
			if fetches.IsClientClosed() {
				return
			}
			g.mutex.Lock()
			fetches.EachRecord(func(record *kgo.Record) {
				g.values = append(g.values, string(record.Value))
			})
			g.mutex.Unlock()
		}
	}()
}

func (g *franzGroup) waitForShares(sizes ...int) {
	g.t.Helper()
	waitUntil(g.t, fmt.Sprint("the group has settled in shares of ", sizes), func() bool {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		var found []int
		all := map[int32]bool{}
		for _, member := range g.members {
			found = append(found, len(g.shares[member]))
			for partition := range g.shares[member] {
				all[partition] = true
			}
		}
		sort.Ints(found)
		return fmt.Sprint(found) == fmt.Sprint(sizes) && len(all) == 6
	})
}

func (g *franzGroup) writeAndRead(prefix string, total int) {
	g.t.Helper()
	writer := franz(g.t)
	for partition := range int32(6) {
		values := numbered(fmt.Sprintf("%s %d ", prefix, partition), 10)
		batch := records(g.topic, partition, values)
		check(g.t, writer.ProduceSync(withDeadline(g.t), batch...).FirstErr())
	}
	waitUntil(g.t, fmt.Sprint(total, " records are read"), func() bool {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		return len(g.values) >= total
	})
}

func TestFranzThreeMembersShareAndTakeOverWhatOneLeaves(t *testing.T) {
	for name, balancer := range map[string]kgo.GroupBalancer{
		"range": kgo.RangeBalancer(), "cooperative": kgo.CooperativeStickyBalancer()} {
		t.Run(name, func(t *testing.T) {
			group := &franzGroup{t: t, topic: franzTopic(t, "shared", 6), name: unique("group"),
				shares: map[*kgo.Client]map[int32]bool{}}
			for range 3 {
				group.join(balancer)
			}
			group.waitForShares(2, 2, 2)
			group.writeAndRead("before", 60)
			for _, member := range group.members {
				check(t, member.CommitUncommittedOffsets(withDeadline(t)))
			}
			group.members[0].CloseAllowingRebalance()
			group.members = group.members[1:]
			group.waitForShares(3, 3)
			group.writeAndRead("after", 120)
			checkEachPartition(t, group.values)
		})
	}
}

func TestFranzCommitAndAbortAreSeenFromBothIsolationLevels(t *testing.T) {
	topic := franzTopic(t, "isolation", 1)
	client := franzTransactional(t, unique("id"))
	write := func(prefix string, end kgo.TransactionEndTry) {
		check(t, client.BeginTransaction())
		franzWrite(t, client, topic, numbered(prefix, 5))
		if end == kgo.TryAbort {
			equal(t, franzValues(t, topic, kgo.ReadCommitted()), numbered("kept ", 5))
		}
		check(t, client.EndTransaction(withDeadline(t), end))
	}
	write("kept ", kgo.TryCommit)
	write("dropped ", kgo.TryAbort)
	write("kept too ", kgo.TryCommit)
	equal(t, franzValues(t, topic, kgo.ReadCommitted()),
		concat(numbered("kept ", 5), numbered("kept too ", 5)))
	equal(t, franzValues(t, topic, kgo.ReadUncommitted()),
		concat(numbered("kept ", 5), numbered("dropped ", 5), numbered("kept too ", 5)))
}

func TestFranzAZombieProducerIsFenced(t *testing.T) {
	topic, id := franzTopic(t, "fenced", 1), unique("id")
	zombie := franzTransactional(t, id)
	check(t, zombie.BeginTransaction())
	franzWrite(t, zombie, topic, numbered("zombie ", 3))
	successor := franzTransactional(t, id)
	check(t, successor.BeginTransaction())
	franzWrite(t, successor, topic, numbered("successor ", 3))
	err := zombie.EndTransaction(withDeadline(t), kgo.TryCommit)
	if !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Fatalf("the zombie's commit ended with %v", err)
	}
	check(t, successor.EndTransaction(withDeadline(t), kgo.TryCommit))
	equal(t, franzValues(t, topic, kgo.ReadCommitted()), numbered("successor ", 3))
}

func TestFranzATransactionThatTakesTooLongIsAborted(t *testing.T) {
	topic := franzTopic(t, "slow", 1)
	slow := franzTransactional(t, unique("id"), kgo.TransactionTimeout(time.Second))
	check(t, slow.BeginTransaction())
	franzWrite(t, slow, topic, numbered("slow ", 3))
	franzWrite(t, franz(t), topic, []string{"plain"})
	waitUntil(t, "the broker has aborted it", func() bool {
		return fmt.Sprint(franzValues(t, topic, kgo.ReadCommitted())) == "[plain]"
	})
	if err := slow.EndTransaction(withDeadline(t), kgo.TryCommit); err == nil {
		t.Fatal("the commit came through")
	}
	equal(t, franzValues(t, topic, kgo.ReadCommitted()), []string{"plain"})
}

// franzSession is a member that consumes, transforms and produces, static so that a restarted one
// replaces it at once.
func franzSession(work job) (*kgo.GroupTransactSession, error) {
	return kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap), kgo.TransactionalID(work.transactionalID),
		kgo.ConsumerGroup(work.group), kgo.ConsumeTopics(work.input), kgo.InstanceID("the-instance"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequireStableFetchOffsets(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(50*time.Millisecond))
}

func copyRecords(session *kgo.GroupTransactSession, work job) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := session.Begin(); err != nil {
		return err
	}
	for copied := 0; copied < recordCount; {
		fetches := session.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			value := append([]byte("copy of "), record.Value...)
			session.Produce(ctx, &kgo.Record{Topic: work.output, Value: value}, nil)
			copied++
		}
	}
	return session.Client().Flush(ctx)
}

func franzCopy(work job, beforeCommit func()) string {
	session, err := franzSession(work)
	if err != nil {
		return err.Error()
	}
	defer session.Close()
	if err := copyRecords(session, work); err != nil {
		return err.Error()
	}
	beforeCommit()
	committed, err := session.End(context.Background(), kgo.TryCommit)
	if committed && err == nil {
		return "committed"
	}
	return "not committed"
}

func franzJob(t *testing.T) job {
	input, output := franzTopic(t, "input", 1), franzTopic(t, "output", 1)
	work := job{unique("copier"), unique("copiers"), input, output}
	franzWrite(t, franz(t), work.input, numbered("", recordCount))
	return work
}

func checkFranzCopiedOnce(t *testing.T, work job) {
	t.Helper()
	equal(t, franzValues(t, work.output, kgo.ReadCommitted()), numbered("copy of ", recordCount))
	equal(t, franzCommitted(t, work.group, work.input), int64(recordCount))
}

func TestFranzATransactionThatFailsDoesNotAdvanceTheGroupsOffsets(t *testing.T) {
	work := franzJob(t)
	session, err := franzSession(work)
	check(t, err)
	check(t, copyRecords(session, work))
	committed, err := session.End(withDeadline(t), kgo.TryAbort)
	check(t, err)
	equal(t, committed, false)
	session.Close()
	equal(t, franzCommitted(t, work.group, work.input), int64(-1))
	equal(t, len(franzValues(t, work.output, kgo.ReadCommitted())), 0)
	equal(t, franzCopy(work, func() {}), "committed")
	checkFranzCopiedOnce(t, work)
}

func TestFranzAnApplicationCrashesMidTransactionAndRestartsWithItsTransactionalID(t *testing.T) {
	work := franzJob(t)
	first := startApplication(t, "franz", work)
	first.expectLine("ready")
	first.kill()
	equal(t, len(franzValues(t, work.output, kgo.ReadCommitted())), 0)
	second := startApplication(t, "franz", work)
	second.expectLine("ready")
	second.proceed()
	second.expectLine("committed")
	checkFranzCopiedOnce(t, work)
	equal(t, len(franzValues(t, work.output, kgo.ReadUncommitted())), 2*recordCount)
}

func TestFranzAZombieApplicationWakesAfterItsSuccessorHasTakenOver(t *testing.T) {
	work := franzJob(t)
	zombie := startApplication(t, "franz", work)
	zombie.expectLine("ready")
	zombie.signal(syscall.SIGSTOP)
	equal(t, franzCopy(work, func() {}), "committed")
	checkFranzCopiedOnce(t, work)
	zombie.signal(syscall.SIGCONT)
	zombie.proceed()
	zombie.expectLine("not committed")
	checkFranzCopiedOnce(t, work)
}

func TestFranzAdminSeesTransactionsAndOffsets(t *testing.T) {
	topic, id := franzTopic(t, "administered", 1), unique("id")
	admin, ctx := franzAdmin(t), withDeadline(t)
	client := franzTransactional(t, id)
	check(t, client.BeginTransaction())
	franzWrite(t, client, topic, numbered("open ", 3))

	described, err := admin.DescribeTransactions(ctx, id)
	check(t, err)
	equal(t, described[id].State, "Ongoing")
	equal(t, described[id].Topics.Sorted()[0].Topic, topic)
	listed, err := admin.ListTransactions(ctx, nil, []string{"Ongoing"})
	check(t, err)
	equal(t, listed[id].ProducerID, described[id].ProducerID)
	producers, err := admin.DescribeProducers(ctx, kadm.TopicsSet{topic: {0: {}}})
	check(t, err)
	producer := producers[topic].Partitions[0].ActiveProducers[described[id].ProducerID]
	equal(t, producer.CurrentTxnStartOffset, int64(0))
	equal(t, producer.LastSequence, int32(2))

	stable, err := admin.ListCommittedOffsets(ctx, topic)
	check(t, err)
	equal(t, stable[topic][0].Offset, int64(0))
	latest, err := admin.ListEndOffsets(ctx, topic)
	check(t, err)
	equal(t, latest[topic][0].Offset, int64(3))
	highest, err := admin.ListMaxTimestampOffsets(ctx, topic)
	check(t, err)
	if offset := highest[topic][0].Offset; offset < 0 || offset > 2 {
		t.Fatalf("the highest timestamp is at %d", offset)
	}
	check(t, client.EndTransaction(ctx, kgo.TryCommit))

	brokers, err := admin.BrokerMetadata(ctx)
	check(t, err)
	equal(t, fmt.Sprintf("%s:%d", brokers.Brokers[0].Host, brokers.Brokers[0].Port), bootstrap)
	configs, err := admin.DescribeTopicConfigs(ctx, topic)
	check(t, err)
	config, err := configs.On(topic, nil)
	check(t, err)
	for _, one := range config.Configs {
		if one.Key == "cleanup.policy" {
			equal(t, one.MaybeValue(), "delete")
		}
	}
	_, err = admin.DeleteTopic(ctx, topic)
	check(t, err)
	topics, err := admin.ListTopics(ctx)
	check(t, err)
	equal(t, topics.Has(topic), false)
}
