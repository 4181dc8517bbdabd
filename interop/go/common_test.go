// Stock Go clients against a broker: names, deadlines, and the application as a process.
package interop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	deadline    = 20 * time.Second // For whatever should happen at once; never waited for in full.
	recordCount = 50               // What the application copies in one transaction.
)

var (
	bootstrap = os.Getenv("EINMAL_BOOTSTRAP")
	counter   atomic.Int64
)

// unique makes a name that no other test and no other run uses.
func unique(prefix string) string {
	return fmt.Sprintf("%s-%d-%d-%d", prefix, time.Now().UnixMilli(), os.Getpid(), counter.Add(1))
}

func numbered(prefix string, count int) []string {
	var values []string
	for i := range count {
		values = append(values, prefix+strconv.Itoa(i))
	}
	return values
}

func concat(parts ...[]string) []string {
	var all []string
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func withDeadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	return ctx
}

func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// checkEachPartition holds what a group has read of six partitions, ten values before a rebalance
// and ten after it, against what was written: nothing is missing, twice or out of order.
func checkEachPartition(t *testing.T, values []string) {
	t.Helper()
	for partition := range 6 {
		mine := fmt.Sprintf(" %d ", partition)
		var read []string
		for _, value := range values {
			if strings.Contains(value, mine) {
				read = append(read, value)
			}
		}
		equal(t, read, concat(numbered("before"+mine, 10), numbered("after"+mine, 10)))
	}
}

// job is what one run of the application works on.
type job struct{ transactionalID, group, input, output string }

// applications copy recordCount records in one transaction and return the outcome of its commit:
// "committed" or what it failed with.
var applications = map[string]func(work job, beforeCommit func()) string{}

// TestMain is the application when a test has started this program as one.
func TestMain(m *testing.M) {
	client := os.Getenv("INTEROP_APPLICATION")
	if client == "" {
		os.Exit(m.Run())
	}
	words := os.Args[1:]
	fmt.Println(applications[client](job{words[0], words[1], words[2], words[3]}, func() {
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadString('\n')
	}))
}

// process is the application in its own process, stopping before its commit until told to go on.
type process struct {
	t       *testing.T
	command *exec.Cmd
	input   io.Writer
	output  *bufio.Reader
}

func startApplication(t *testing.T, client string, work job) *process {
	t.Helper()
	command := exec.Command("/proc/self/exe",
		work.transactionalID, work.group, work.input, work.output)
	command.Env = append(os.Environ(), "INTEROP_APPLICATION="+client)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	check(t, err)
	output, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	p := &process{t, command, input, bufio.NewReader(output)}
	t.Cleanup(p.kill)
	return p
}

func (p *process) expectLine(want string) {
	p.t.Helper()
	line := make(chan string, 1)
	go func() {
		text, _ := p.output.ReadString('\n')
		line <- text
	}()
	select {
	case text := <-line:
		equal(p.t, text, want+"\n")
	case <-time.After(deadline):
		p.t.Fatal("the application printed nothing")
	}
}

func (p *process) signal(signal syscall.Signal) { check(p.t, p.command.Process.Signal(signal)) }

func (p *process) proceed() { fmt.Fprintln(p.input) }

func (p *process) kill() {
	p.command.Process.Kill()
	p.command.Wait()
}
