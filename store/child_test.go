package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
)

// childJobs are what the test binary does when it is started as a child.
func childJobs() map[string]func() {
	return map[string]func(){"write": childWrite, "create": childCreate, "flip": childFlip, "full": childFull}
}

type child struct {
	cmd *exec.Cmd
	out *bufio.Scanner
	err *strings.Builder
}

func start(t *testing.T, job, path string, more ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(exe), err: &strings.Builder{}}
	c.cmd.Env = append(os.Environ(), "BUNDEL_STORE_CHILD="+job, "BUNDEL_STORE_PATH="+path)
	c.cmd.Env = append(c.cmd.Env, more...)
	c.cmd.Stderr = c.err
	pipe, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(pipe)
	return c
}

// kill ends the child the hard way after it said n things, and gives all it said.
func (c *child) kill(n int) (said []string) {
	for c.out.Scan() {
		if said = append(said, c.out.Text()); len(said) == n {
			_ = c.cmd.Process.Kill()
		}
	}
	_ = c.cmd.Wait()
	return said
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const pageSize = 7

// childWrite puts pages and says which were acknowledged, for ever.
func childWrite() {
	path := os.Getenv("BUNDEL_STORE_PATH")
	s, err := Open(path, Passphrase(testPhrase), machine{path + ".state"}.config())
	fail(err)
	ctx := context.Background()
	for i := rand.Uint64(); ; i++ {
		var page []fhir.Resource
		for j := range pageSize {
			page = append(page, resource("Basic", fmt.Sprintf("%d-%d", i, j), strings.Repeat("x", 300*j)))
		}
		_, err := s.Put(ctx, fhir.One(clinic, fhir.R4, "q", page...))
		fail(errors.Join(err, s.Keep(ctx, Setting, fmt.Sprint(i%3), fmt.Append(nil, i)), s.Append(ctx, fmt.Append(nil, i))))
		fmt.Println(i)
	}
}

// often is how many rounds a test has: n, or what the environment says for a
// long run ("make crash").
func often(name string, n int) int {
	if more, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return more
	}
	return n
}

func TestPromise_AcknowledgedSurvivesKill(t *testing.T) {
	rounds, acks := often("BUNDEL_KILLS", 50), 0
	for done := 0; done < rounds; done += 25 {
		path := filepath.Join(t.TempDir(), "vault.bundel")
		anchored := machine{path + ".state"}
		s, _, err := Create(path, testPhrase, anchored.config())
		if err != nil {
			t.Fatal(err)
		}
		acknowledged := map[string]bool{}
		for round := range min(25, rounds-done) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			c := start(t, "write", path)
			said := c.kill(1 + round%6)
			if len(said) == 0 {
				t.Fatalf("the child said nothing: %s", c.err)
			}
			acks += len(said)
			for _, i := range said {
				acknowledged[i] = true
			}
			// The kill also came between a commit and its anchor, or in the anchor.
			if s, err = Open(path, Passphrase(testPhrase), anchored.config()); err != nil || len(s.Notices()) > 0 {
				t.Fatalf("round %d: %v %v", round, err, s.Notices())
			}
			checkAcknowledged(t, s, acknowledged)
		}
		_ = s.Close()
	}
	t.Logf("%d rounds, %d acknowledged writes, none lost", rounds, acks)
}

func checkAcknowledged(t *testing.T, s *Store, acknowledged map[string]bool) {
	t.Helper()
	if _, err := s.Verify(context.Background(), Deep); err != nil {
		t.Fatal(err)
	}
	pages, logged := map[string]int{}, map[string]bool{}
	for r, err := range s.Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		page, _, _ := strings.Cut(r.ID, "-")
		pages[page]++
	}
	for e, err := range s.Log(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		logged[string(e.Entry)] = true
	}
	for i := range acknowledged {
		if pages[i] != pageSize || !logged[i] {
			t.Fatalf("an acknowledged page has %d records, logged %v", pages[i], logged[i])
		}
	}
	for i, n := range pages {
		if n != pageSize {
			t.Fatalf("page %s is there for a part: %d", i, n)
		}
	}
}

// childCreate makes one store after another.
func childCreate() {
	for i := 0; ; i++ {
		s, _, err := Create(filepath.Join(os.Getenv("BUNDEL_STORE_PATH"), fmt.Sprint(i)), testPhrase, cheap())
		fail(err)
		fmt.Println(i)
		fail(s.Close())
	}
}

func TestPromise_CreationIsWholeOrNothing(t *testing.T) {
	for round := range 8 {
		dir := t.TempDir()
		c := start(t, "create", dir)
		said := c.kill(1 + round%4)
		stores, _ := filepath.Glob(filepath.Join(dir, "[0-9]*"))
		if len(said) == 0 || len(stores) < len(said) {
			t.Fatalf("%d acknowledged, %d there: %s", len(said), len(stores), c.err)
		}
		for _, path := range stores {
			s, err := Open(path, Passphrase(testPhrase), cheap())
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if _, err := s.Verify(context.Background(), Deep); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			_ = s.Close()
		}
	}
}

// childFlip changes random bits of the store, one at a time, and says what came
// of it. A crash ends it before it has said "done".
func childFlip() {
	path := os.Getenv("BUNDEL_STORE_PATH")
	original, err := os.ReadFile(path)
	fail(err)
	want, err := dump(path)
	fail(err)
	used := len(strings.TrimRight(string(original), "\x00"))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	fail(err)
	var from, to int
	_, err = fmt.Sscan(os.Getenv("BUNDEL_STORE_ROUNDS"), &from, &to)
	fail(err)
	every := os.Getenv("BUNDEL_FLIPS") == "all"
	if every {
		from, to = from*used*8/to, (from+1)*used*8/to // the from-th part of to parts
	}
	for seed := from; seed < to; seed++ {
		// #nosec G404 -- a test that can be repeated
		random := rand.New(rand.NewPCG(uint64(seed), 7))
		at, bit := random.IntN(used), byte(1)<<random.IntN(8)
		if every {
			at, bit = seed/8, byte(1)<<(seed%8)
		}
		_, err := file.WriteAt([]byte{original[at] ^ bit}, int64(at))
		fail(err)
		got, err := dump(path)
		var damaged *DamagedError
		switch {
		case err == nil && cmp.Equal(want, got):
			fmt.Println("same")
		case errors.As(err, &damaged):
			fmt.Println(damaged.Where)
		default:
			fmt.Printf("WRONG at %d bit %d: %v\n", at, bit, err)
		}
		_, err = file.WriteAt(original[at:at+1], int64(at))
		fail(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(original) {
		fmt.Println("WRONG: opening changed the file")
	}
	fmt.Println("done")
}

// dump reads everything there is in a store.
func dump(path string) (all []string, err error) {
	s, err := Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	if all, err = dumpOf(s); err != nil {
		return nil, err
	}
	receipts, err := s.Receipts(context.Background())
	for _, r := range receipts {
		all = append(all, string(r.Outcome()))
	}
	return all, err
}

// dumpOf is that of an open store, without its receipts.
func dumpOf(s *Store) (all []string, err error) {
	ctx := context.Background()
	for r, err := range s.Records(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, line(r))
	}
	for e, err := range s.Log(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, string(e.Entry))
	}
	for d, err := range s.List(ctx, Setting) {
		if err != nil {
			return nil, err
		}
		all = append(all, d.Name+string(d.Value))
	}
	return all, nil
}

func TestPromise_FlippedBits(t *testing.T) {
	for name, c := range map[string]struct {
		large  int // bytes of one large resource
		rounds int
		hit    []string // what must be among the outcomes
	}{
		"small records":   {0, 5000, []string{"same", "record", "page", "head", "key table"}},
		"a large one too": {300_000, 40, []string{"same", "record"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, path := newStore(t)
			for i := range 30 {
				put(t, s, clinic, resource("Observation", fmt.Sprint(i), strings.Repeat("text ", i*20)))
			}
			put(t, s, own, resource("Binary", "large", noise(c.large)))
			for i := range 5 {
				_ = s.Append(context.Background(), fmt.Append(nil, "entry ", i))
				_ = s.Keep(context.Background(), Setting, fmt.Sprint(i), []byte("value"))
			}
			_ = s.Compact(context.Background())
			_ = s.Close()
			counts := flip(t, path, c.rounds)
			for _, outcome := range c.hit {
				if counts[outcome] == 0 {
					t.Errorf("the flips reached too little: %v", counts)
				}
			}
			t.Log(counts)
		})
	}
}

// flip has two children at work, each on a copy.
func flip(t *testing.T, path string, rounds int) map[string]int {
	t.Helper()
	counts := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for part := range 2 {
		said := fmt.Sprint(part*rounds/2, " ", (part+1)*rounds/2)
		if os.Getenv("BUNDEL_FLIPS") == "all" {
			said = fmt.Sprint(part, " ", 2)
		}
		c := start(t, "flip", copied(t, path), "BUNDEL_STORE_ROUNDS="+said)
		wg.Go(func() {
			last := ""
			for c.out.Scan() {
				last = c.out.Text()
				mu.Lock()
				counts[last]++
				mu.Unlock()
				if strings.HasPrefix(last, "WRONG") {
					t.Error(last)
				}
			}
			if err := c.cmd.Wait(); err != nil || last != "done" {
				t.Errorf("the child ended early (%v): %.2000s", err, c.err)
			}
		})
	}
	wg.Wait()
	return counts
}

func noise(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))] // #nosec G404 -- test data
	}
	return string(b)
}

func TestPromise_CutFile(t *testing.T) {
	s, path := newStore(t)
	for i := range 20 {
		put(t, s, clinic, resource("Observation", fmt.Sprint(i), noise(2000)))
	}
	_ = s.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := dump(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := path + ".cut"
	for n := 0; n < len(raw); n += 1024 + n/64 {
		if err := os.WriteFile(cut, raw[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := dump(cut)
		if !errors.Is(err, ErrDamaged) && !(err == nil && cmp.Equal(want, got)) {
			t.Fatalf("cut at %d of %d: %v", n, len(raw), err)
		}
	}
	// Cut while it is open: the memory map loses its ground.
	s, err = Open(path, Passphrase(testPhrase), cheap())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := os.Truncate(path, 8192); err != nil {
		t.Fatal(err)
	}
	if err := first(s.Records(context.Background())); !errors.Is(err, ErrDamaged) {
		t.Errorf("cut while open: %v", err)
	}
}
