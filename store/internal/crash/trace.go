// Package crash replays what a program asked of the disk, up to any point, the
// way a loss of power may have left it: what was not yet flushed is there, is
// not, or is for a part of its sectors. It reads the log of strace and knows the
// calls that the store makes.
package crash

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
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

var (
	whole   = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (-?\d+)`)
	begun   = regexp.MustCompile(`^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)`)
)

// Read gives the calls that succeeded, in the order in which they ended.
func Read(log io.Reader) (calls []Call, err error) {
	open := map[string]string{} // by process: the arguments of a call under way
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line := lines.Text()
		var name, args, result string
		switch {
		case begun.MatchString(line):
			m := begun.FindStringSubmatch(line)
			open[m[1]] = m[3]
			continue
		case resumed.MatchString(line):
			m := resumed.FindStringSubmatch(line)
			name, args, result = m[2], open[m[1]]+m[3], m[4]
		case whole.MatchString(line):
			m := whole.FindStringSubmatch(line)
			name, args, result = m[2], m[3], m[4]
		default:
			continue // a signal, or the end of a process
		}
		n, err := strconv.ParseInt(result, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the result of %s: %w", name, err)
		}
		if n < 0 {
			continue
		}
		call := Call{Name: name, Result: n}
		for _, arg := range strings.Split(args, ", ") {
			call.Args = append(call.Args, decode(arg))
		}
		calls = append(calls, call)
	}
	return calls, lines.Err()
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
