package crash

import (
	"crypto/sha256"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

const sector = 512

// Disk is what the calls so far did to files: what is flushed, and what is not.
type Disk struct {
	Said []string // what was written to standard output, line by line

	files    map[int64]*file  // by open descriptor
	at       map[int64]int64  // where its next write without a place goes
	names    map[string]*file // as the program sees them
	flushed  map[string]*file // names that survive
	pending  []naming         // names given and taken since
	everSeen []*file
}

type file struct {
	flushed []byte
	pending []change
	dir     bool
}

// change is a write, or a new size when data is nil.
type change struct {
	at   int64
	data []byte
}

// naming gives a name to a file, or takes it away when file is nil.
type naming struct {
	name string
	file *file
}

// NewDisk is an empty disk.
func NewDisk() *Disk {
	return &Disk{files: map[int64]*file{}, at: map[int64]int64{}, names: map[string]*file{}, flushed: map[string]*file{}}
}

// Do takes up one call.
func (d *Disk) Do(c Call) {
	switch c.Name {
	case "openat":
		d.open(c)
	case "close":
		delete(d.files, number(c.Args[0]))
	case "write":
		if c.Args[0] == "1" {
			d.Said = append(d.Said, strings.TrimSpace(c.Args[1]))
			return
		}
		fd := number(c.Args[0])
		d.change(c.Args[0], change{d.at[fd], []byte(c.Args[1])})
		d.at[fd] += c.Result
	case "pwrite64":
		d.change(c.Args[0], change{number(c.Args[3]), []byte(c.Args[1])})
	case "ftruncate":
		d.change(c.Args[0], change{number(c.Args[1]), nil})
	case "fsync", "fdatasync":
		d.flush(c.Args[0])
	case "rename", "link", "unlink":
		d.name(c.Name, c.Args)
	case "renameat", "renameat2", "linkat":
		d.name(strings.TrimRight(c.Name, "at2"), []string{c.Args[1], c.Args[3]})
	case "unlinkat":
		d.name("unlink", c.Args[1:])
	}
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		return -1
	}
	return n
}

func (d *Disk) open(c Call) {
	path, flags := c.Args[1], c.Args[2]
	f := d.names[path]
	switch {
	case f == nil && strings.Contains(flags, "O_CREAT"):
		f = &file{}
		d.everSeen = append(d.everSeen, f)
		d.give(path, f)
	case f == nil: // a folder, or a file that is none of the store's
		f = &file{dir: true}
	case strings.Contains(flags, "O_TRUNC"):
		f.pending = append(f.pending, change{0, nil})
	}
	d.files[c.Result], d.at[c.Result] = f, 0
}

func (d *Disk) give(name string, f *file) {
	if f == nil {
		delete(d.names, name)
	} else {
		d.names[name] = f
	}
	d.pending = append(d.pending, naming{name, f})
}

func (d *Disk) change(fd string, c change) {
	if f := d.files[number(fd)]; f != nil && !f.dir {
		f.pending = append(f.pending, c)
	}
}

// flush of a folder makes all names survive: the store has only one folder.
func (d *Disk) flush(fd string) {
	f := d.files[number(fd)]
	switch {
	case f == nil:
	case f.dir:
		applyNames(d.flushed, d.pending)
		d.pending = nil
	default:
		for _, c := range f.pending {
			f.flushed = c.apply(f.flushed)
		}
		f.pending = nil
	}
}

func (d *Disk) name(call string, args []string) {
	switch call {
	case "unlink":
		if d.names[args[0]] != nil {
			d.give(args[0], nil)
		}
	case "link":
		d.give(args[1], d.names[args[0]])
	default:
		f := d.names[args[0]]
		d.give(args[1], f)
		d.give(args[0], nil)
	}
}

func applyNames(names map[string]*file, all []naming) {
	for _, n := range all {
		if n.file == nil {
			delete(names, n.name)
		} else {
			names[n.name] = n.file
		}
	}
}

func (c change) apply(b []byte) []byte {
	if c.data == nil {
		return resize(b, c.at)
	}
	b = resize(b, max(int64(len(b)), c.at+int64(len(c.data))))
	copy(b[c.at:], c.data)
	return b
}

func resize(b []byte, n int64) []byte {
	if n <= int64(len(b)) {
		return b[:n]
	}
	return append(b, make([]byte, n-int64(len(b)))...)
}

// Crash gives the files that may be there after a loss of power now. mode 0
// loses all that was not flushed, 1 loses nothing, 2 keeps some of the writes, 3
// keeps some of the sectors of each write. Names are kept in the order in which
// they were given, up to some point: file systems write them to one journal.
func (d *Disk) Crash(mode int, random *rand.Rand) map[string][]byte {
	names := maps.Clone(d.flushed)
	n := [...]int{0, len(d.pending)}[min(mode, 1)]
	if mode > 1 {
		n = random.IntN(len(d.pending) + 1)
	}
	applyNames(names, d.pending[:n])
	out := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out[name] = names[name].crash(mode, random)
	}
	return out
}

// Unflushed tells whether the next crash can have more than one outcome.
func (d *Disk) Unflushed() bool {
	return len(d.pending) > 0 || slices.ContainsFunc(d.everSeen, func(f *file) bool { return len(f.pending) > 0 })
}

func (f *file) crash(mode int, random *rand.Rand) []byte {
	b := slices.Clone(f.flushed)
	for _, c := range f.pending {
		switch {
		case mode == 1, mode >= 2 && c.data == nil && random.IntN(2) == 0, mode == 2 && random.IntN(2) == 0:
			b = c.apply(b)
		case mode == 3 && c.data != nil:
			b = c.tear(b, random)
		}
	}
	return b
}

// tear keeps some sectors of a write.
func (c change) tear(b []byte, random *rand.Rand) []byte {
	for at := 0; at < len(c.data); at += sector {
		if random.IntN(2) == 0 {
			b = change{c.at + int64(at), c.data[at:min(at+sector, len(c.data))]}.apply(b)
		}
	}
	return b
}

// Key tells two outcomes apart.
func Key(files map[string][]byte, more string) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(more))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha256.Sum256(files[name])
		h.Write([]byte(name))
		h.Write(sum[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}
