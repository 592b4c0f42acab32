package desk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// quiet is a real vault without providers, at a clock that can be moved.
func quiet(t *testing.T) (d *Desk, p *Pages, move func(time.Duration)) {
	t.Helper()
	now := clockAt(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	d, err := New(Config{
		Path: filepath.Join(t.TempDir(), "vault.bundel"), Now: now.Now,
		Store: store.Config{KDF: cheap, State: t.TempDir()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	p = d.Pages(t.Context())
	if _, err := p.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	return d, p, now.pass
}

// told are the events as short texts, oldest first.
func told(t *testing.T, p *Pages, since time.Time) []string {
	t.Helper()
	all, err := p.Events(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range all {
		text := string(e.Kind) + " " + e.What
		if e.Count > 1 {
			text += strings.Repeat("+", e.Count-1)
		}
		if e.Subject != "" {
			text += " " + e.Subject
		}
		out = append([]string{text}, out...)
	}
	return out
}

func TestOpeningAndWrongTriesAreTold(t *testing.T) {
	_, p, move := quiet(t)
	ctx := t.Context()
	move(time.Hour)
	p.Lock()
	p.Lock() // twice is once
	for range 2 {
		if err := p.Unlock(ctx, []byte("een verkeerde wachtzin")); err == nil {
			t.Fatal("opened with another passphrase")
		}
	}
	move(time.Hour)
	if err := p.Unlock(ctx, []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	move(time.Hour)
	if err := p.Unlock(ctx, []byte("een verkeerde wachtzin")); err == nil { // while it is open
		t.Fatal("another passphrase fits")
	}
	want := []string{"open made", "open closed", "open wrong+", "open opened", "open wrong"}
	if diff := cmp.Diff(want, told(t, p, time.Time{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := told(t, p, p.desk.Now().Add(-time.Minute)); len(got) != 1 {
		t.Errorf("since a minute ago: %v", got)
	}
	p.Lock()
	if _, err := p.Events(ctx, time.Time{}); !errors.Is(err, web.ErrLocked) {
		t.Errorf("a closed vault tells: %v", err)
	}
	if _, err := p.Place(ctx); !errors.Is(err, web.ErrLocked) {
		t.Errorf("a closed vault tells where it is: %v", err)
	}
}

// TestWhatThePersonChoosesIsTold, without the name of anything.
func TestWhatThePersonChoosesIsTold(t *testing.T) {
	d, p, move := quiet(t)
	ctx := t.Context()
	take(t, d, "ziekenhuis", newResult)
	take(t, d, "ziekenhuis", secondResult)
	o, err := d.Overview(ctx, time.Time{}, "nl")
	if err != nil {
		t.Fatal(err)
	}
	var shut []string
	for _, item := range o.Items {
		if item.Section == aggregator.Gated {
			shut = append(shut, item.ID)
		}
	}
	move(time.Hour)
	for _, err := range []error{
		p.Wait(ctx, shut, aggregator.GateRule{Wait: aggregator.WaitNot}),
		p.SetGate(ctx, aggregator.GateRule{Kind: aggregator.KindLab, Wait: aggregator.WaitNever}),
		d.Share(ctx, "lab", "medmij:huis@medmij", false),
		d.Share(ctx, "lab", "medmij:huis@medmij", true),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"open made", "collect files+", "see now" + strings.Repeat("+", len(shut)-1), "see all-never", "share start lab", "share stop lab"}
	if diff := cmp.Diff(want, told(t, p, time.Time{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := p.Wait(ctx, []string{"lab:nothing00000"}, aggregator.GateRule{Wait: aggregator.WaitNot}); err == nil {
		t.Fatal("a choice about nothing was kept")
	}
	if got := told(t, p, time.Time{}); len(got) != len(want) {
		t.Errorf("what was not done is told: %v", got)
	}
	s, err := d.Vault()
	if err != nil {
		t.Fatal(err)
	}
	for entry, err := range s.Log(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Kreatinine", "4548-4", "5791", shut[0]} {
			if strings.Contains(string(entry.Entry), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	}
}

// TestAChoiceThatCannotBeNotedIsNotMade: the note comes first.
func TestAChoiceThatCannotBeNotedIsNotMade(t *testing.T) {
	d, _, _ := quiet(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.SetGate(ctx, aggregator.GateRule{Kind: aggregator.KindLab, Wait: aggregator.WaitNot}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	o, err := d.Overview(t.Context(), time.Time{}, "nl")
	if err != nil || len(o.Gates()) != 0 {
		t.Errorf("%d rules, %v", len(o.Gates()), err)
	}
}

func TestBackupsAreTold(t *testing.T) {
	d, p, move := quiet(t)
	ctx := t.Context()
	place, err := p.Place(ctx)
	if err != nil || !place.Backup.IsZero() || place.Path != d.cfg.Path || len(place.Hosts) != 0 {
		t.Errorf("%+v, %v", place, err)
	}
	if info, err := os.Stat(d.cfg.Path); err != nil || info.Size() != place.Size {
		t.Errorf("the size is %d: %v", place.Size, err)
	}
	first := d.Now()
	if err := d.NoteBackup(ctx, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	move(24 * time.Hour)
	full := errors.New("disk full")
	if err := d.NoteBackup(ctx, func() error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"open made", "backup made", "backup failed"}, told(t, p, time.Time{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if place, err := p.Place(ctx); err != nil || !place.Backup.Equal(first) {
		t.Errorf("the last backup was at %v: %v", place.Backup, err)
	}
	d.cfg.Path = filepath.Join(t.TempDir(), "nergens")
	if _, err := p.Place(ctx); err == nil || strings.Contains(err.Error(), "nergens") {
		t.Errorf("a file that is gone: %v", err)
	}
}

// TestLoginsCollectingAndSendingAreTold, at real providers with faults: what was
// asked of whom, what failed, and which hosts there are.
func TestLoginsCollectingAndSendingAreTold(t *testing.T) {
	tr := newTrail(t)
	p := tr.Pages(t.Context())
	all, err := p.Events(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	seen, asked, failed := map[string]bool{}, 0, 0
	for _, e := range all {
		seen[string(e.Kind)+" "+e.What] = true
		if e.Kind == web.EventCollect {
			asked, failed = asked+e.Count, failed+e.Failed
			if e.Source == "" {
				t.Errorf("nobody was asked: %+v", e)
			}
		}
	}
	for _, want := range []string{"login login", "login consent", "login stopped", "collect asked", "share start", "send message", "send sent"} {
		if !seen[want] {
			t.Errorf("%q is not told", want)
		}
	}
	if asked < 30 || failed == 0 || failed >= asked || len(all) > 40 {
		t.Errorf("%d events: %d asked, %d failed", len(all), asked, failed)
	}
	place, err := p.Place(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	roles := map[web.HostRole]int{}
	for _, h := range place.Hosts {
		roles[h.Role]++
		if h.Role != web.HostLists && h.Last.IsZero() || strings.ContainsAny(h.Name, "/?") {
			t.Errorf("host %+v", h)
		}
	}
	if roles[web.HostProvider] == 0 || roles[web.HostBrowser] == 0 || roles[web.HostLists] == 0 || roles[web.HostGateway] != 0 {
		t.Errorf("roles %v", roles)
	}
	if strings.Contains(tr.logs.String(), tr.cfg.Path) {
		t.Error("a log holds the path")
	}
}
