package crash_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

// phrases are the passphrases of the run, one after the other.
var phrases = [][]byte{[]byte("nine quiet bicycles"), []byte("seven loud tricycles"), []byte("six green wheelbarrows")}

// session is a store in use. Steps change it; the clock tells the same in every
// run.
type session struct {
	path string
	s    *store.Store
	now  time.Time
	// inbox is its key, once it has one.
	inbox store.InboxKey
	// phrase is which of the phrases holds.
	phrase int
	device string // the slot of one
}

func (s *session) key() store.Key { return store.Passphrase(phrases[s.phrase]) }

func (s *session) config() store.Config {
	return store.Config{
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Wait: time.Millisecond,
		State:     filepath.Dir(s.path), // the disk has one folder
		Now:       func() time.Time { s.now = s.now.Add(time.Second); return s.now },
		Snapshots: true,
	}
}

// step is one thing a person does. After it returns, what it did must survive;
// while it runs, the store is as before it, as after it, or between the two.
type step struct {
	name string
	do   func(context.Context, *session) error
}

// steps is the run that is recorded. A new operation of the store is added here,
// and to what content gives if it changes more than that; nothing else knows of
// it.
func steps() []step {
	all := []step{{"create", func(_ context.Context, s *session) (err error) {
		s.s, _, err = store.Create(s.path, phrases[0], s.config())
		return err
	}}}
	for i := range 12 {
		all = append(all, put("first", i), put("second", i), keep(i), logged(i))
		if i%3 == 2 {
			all = append(all, dropped(i-1), put("large", i))
		}
	}
	return append(all,
		step{"back up", func(ctx context.Context, s *session) error {
			_, err := s.s.BackupFile(ctx, filepath.Join(filepath.Dir(s.path), "copy.age"), phrases[s.phrase])
			return err
		}},
		step{"forget", func(ctx context.Context, s *session) error { return s.s.Forget(ctx, "medmij:first@medmij") }},
		put("third", 1),
		step{"forget the log", func(ctx context.Context, s *session) error {
			n, err := s.s.ForgetLog(ctx, time.Unix(100, 0))
			if err == nil && (n == 0 || n == 12) {
				err = fmt.Errorf("%d entries dropped", n)
			}
			return err
		}},
		step{"close and open", func(_ context.Context, s *session) (err error) {
			if err := s.s.Close(); err != nil {
				return err
			}
			s.s, err = store.Open(s.path, s.key(), s.config())
			return err
		}},
		step{"passwd", func(ctx context.Context, s *session) error {
			s.phrase++
			return s.s.ChangePassphrase(ctx, s.key())
		}},
		put("first", 1),
		step{"add a device", func(ctx context.Context, s *session) error {
			added, err := s.s.AddKey(ctx, store.Device(make([]byte, store.DeviceSecretSize)))
			s.device = added.ID
			return err
		}},
		step{"remove the device", func(ctx context.Context, s *session) error { return s.s.RemoveKey(ctx, s.device) }},
		step{"compact", func(ctx context.Context, s *session) error { return s.s.Compact(ctx) }},
		put("third", 2), keep(1), logged(1),
		step{"rotate", func(ctx context.Context, s *session) error {
			s.phrase++
			_, err := s.s.Rotate(ctx, s.key())
			return err
		}},
		put("fourth", 2), logged(2),
		step{"inbox key", func(ctx context.Context, s *session) (err error) {
			s.inbox, err = s.s.InboxKey(ctx)
			return err
		}},
		sent(1), keep(2),
		step{"receive", func(ctx context.Context, s *session) error {
			_, err := s.s.Receive(ctx)
			return err
		}},
		sent(2), put("third", 3), sent(3),
		step{"drop the inbox", func(ctx context.Context, s *session) error {
			_, err := s.s.DropInbox(ctx)
			return err
		}},
	)
}

func put(source string, i int) step {
	return step{fmt.Sprint("put ", source, i), func(ctx context.Context, s *session) error {
		random := rand.New(rand.NewPCG(uint64(i), 3)) // #nosec G404 -- the same in every run
		var page []fhir.Resource
		for j := range 6 {
			text := fmt.Sprintf("%x", random.Perm(40+20*j))
			if source == "large" && j == 0 {
				text = fmt.Sprintf("%x", random.Perm(9000))
			}
			page = append(page, fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Basic","id":"%d","note":[{"text":%q}]}`, j, text), fhir.R4))
		}
		o := fhir.Origin{Source: "medmij:" + source + "@medmij", Service: "48"}
		_, err := s.s.Put(ctx, fhir.One(o, fhir.R4, "all", page[i%3:]...))
		return err
	}}
}

// sent collects two pages while the store is locked.
func sent(i int) step {
	return step{fmt.Sprint("send ", i), func(ctx context.Context, s *session) error {
		if err := s.s.Close(); err != nil {
			return err
		}
		in, err := store.OpenInbox(s.path, s.inbox, s.config())
		if err != nil {
			return err
		}
		page := func(id string) fhir.Page {
			r := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Basic","id":%q,"note":[{"text":"%d"}]}`, id, i), fhir.R4)
			return fhir.Page{Query: id, Resources: []fhir.Resource{r}, Result: &fhir.QueryResult{Query: id, Outcome: fhir.OK}}
		}
		o := fhir.Origin{Source: "medmij:inbox@medmij", Service: "48"}
		_, err = in.Put(ctx, fhir.Source{Origin: o, Version: fhir.R4, Pages: func(yield func(fhir.Page, error) bool) {
			_ = yield(page("a"), nil) && yield(page("b"), nil)
		}})
		if err := errors.Join(err, in.Close()); err != nil {
			return err
		}
		s.s, err = store.Open(s.path, s.key(), s.config())
		return err
	}}
}

func keep(i int) step {
	return step{fmt.Sprint("keep ", i), func(ctx context.Context, s *session) error {
		return s.s.Keep(ctx, store.Token, fmt.Sprint(i), []byte(strings.Repeat("token", i)))
	}}
}

func dropped(i int) step {
	return step{fmt.Sprint("drop ", i), func(ctx context.Context, s *session) error { return s.s.Drop(ctx, store.Token, fmt.Sprint(i)) }}
}

func logged(i int) step {
	return step{fmt.Sprint("log ", i), func(ctx context.Context, s *session) error { return s.s.Append(ctx, fmt.Append(nil, "line", i)) }}
}

// content is all that is in a store, one line each.
func content(s *store.Store) (map[string]bool, error) {
	ctx := context.Background()
	all := map[string]bool{}
	for r, err := range s.Records(ctx) {
		if err != nil {
			return nil, err
		}
		all[fmt.Sprint(r.Origin, r.Ref, r.Number, string(r.Bytes()))] = true
	}
	for d, err := range s.List(ctx, store.Token) {
		if err != nil {
			return nil, err
		}
		all[fmt.Sprint("token ", d.Name, string(d.Value))] = true
	}
	for e, err := range s.Log(ctx) {
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(string(e.Entry), `{"store":`) { // what a crash left is opened without an anchor at times
			all[fmt.Sprint("log ", e.Number, string(e.Entry))] = true
		}
	}
	report, err := s.Verify(ctx, store.Quick)
	if err != nil {
		return nil, err
	}
	for i := range report.Waiting {
		all[fmt.Sprint("waiting ", i)] = true
	}
	receipts, err := s.Receipts(ctx)
	for _, r := range receipts {
		all[fmt.Sprint("receipt ", r.Origin, r.Started, r.New, r.Changed, r.Unchanged)] = true
	}
	return all, err
}

// run is the child: it takes the steps and says after each that it is done.
func run(path string) {
	s := &session{path: path, now: time.Unix(0, 0)}
	for i, step := range steps() {
		if err := step.do(context.Background(), s); err != nil {
			fmt.Fprintln(os.Stderr, step.name, err)
			os.Exit(1)
		}
		fmt.Println("done", i)
	}
}

// moment is what there is after a step, and which of the phrases opens it.
type moment struct {
	content map[string]bool
	phrase  int
}

// wanted is what there is after each step, from a run of its own; nothing after
// step -1.
func wanted(path string) (all []moment, err error) {
	s := &session{path: path, now: time.Unix(0, 0)}
	all = append(all, moment{content: map[string]bool{}})
	for _, step := range steps() {
		if err := step.do(context.Background(), s); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		there, err := content(s.s)
		if err != nil {
			return nil, err
		}
		all = append(all, moment{there, s.phrase})
	}
	return all, errors.Join(s.s.Close())
}
