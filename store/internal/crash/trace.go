// Package crash replays what a program asked of the disk, up to any point, the
// way a loss of power may have left it: what was not yet flushed is there, is
// not, or is for a part of its sectors. It reads the log of strace and knows the
// calls that the store makes.
package crash

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Calls are what strace must record; its options must be -f -qq -xx and a -s that
// is larger than any write.
const Calls = "openat,close,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat"

// Call is one finished system call.
type Call struct {
	Name   string
	Args   []string // strings decoded
	Result int64
}

// Read gives the calls that succeeded, in the order in which they ended.
func Read(log io.Reader) (calls []Call, err error) {
	open := map[string]string{} // by process: a call under way, without its end
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		pid, line, _ := strings.Cut(lines.Text(), " ")
		line = strings.TrimLeft(line, " ")
		if start, cut := strings.CutSuffix(line, " <unfinished ...>"); cut {
			open[pid] = start
			continue
		}
		if strings.HasPrefix(line, "<... ") {
			_, end, _ := strings.Cut(line, " resumed>")
			line = open[pid] + end
		}
		call, ok := parse(line)
		if ok && call.Result >= 0 {
			calls = append(calls, call)
		}
	}
	return calls, lines.Err()
}

// parse reads "name(arguments) = result"; anything else is a signal or the end
// of a process.
func parse(line string) (c Call, ok bool) {
	at := strings.LastIndex(line, ") ")
	name, args, found := strings.Cut(line[:max(at, 0)], "(")
	if !found {
		return c, false
	}
	result, found := strings.CutPrefix(strings.TrimLeft(line[at+1:], " "), "= ")
	result, _, _ = strings.Cut(result, " ")
	n, err := strconv.ParseInt(result, 0, 64)
	if !found || err != nil {
		return c, false
	}
	c = Call{Name: name, Result: n}
	for arg := range strings.SplitSeq(args, ", ") {
		c.Args = append(c.Args, decode(arg))
	}
	return c, true
}

// decode reads a string of \xNN; anything else stays as it is.
func decode(arg string) string {
	arg = strings.TrimSpace(arg)
	if !strings.HasPrefix(arg, `"`) {
		return arg
	}
	digits := strings.Split(strings.Trim(arg, `"`), `\x`)
	b := make([]byte, 0, len(digits))
	for _, d := range digits[1:] {
		n, err := strconv.ParseUint(d, 16, 8)
		if err != nil {
			return arg
		}
		b = append(b, byte(n))
	}
	return string(b)
}
