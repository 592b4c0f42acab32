package medmij

import (
	"errors"
	"testing"
	"time"
)

// A clock that was put back does not make an old list young.
func TestTheCacheAndTheClock(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		off   time.Duration // from the look to the next run, which fails
		back  time.Duration // the clock then, from the look
		stale bool
	}{
		{"as it goes", 10 * time.Hour, 11 * time.Hour, false},
		{"a correction of the clock", time.Minute, 0, false},
		{"put back to before the look", time.Hour, -time.Hour, true},
		{"put back to just after the look", 23 * time.Hour, time.Hour, true},
		{"put back by days", 5 * day, time.Hour, true},
		{"put forward", time.Hour, 2 * day, true},
	} {
		a := newCachingApp(t)
		a.cached()
		look := a.now
		a.now = look.Add(c.off)
		_, _ = a.start()
		a.now = look.Add(c.back)
		l, _ := a.start()
		if _, err := l.Directory(); errors.Is(err, ErrStale) != c.stale {
			t.Errorf("%s: %v", c.name, err)
		}
		a.server.down = false
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, lists := range map[string]*Lists{"running": l, "started again": func() *Lists { l, _ := a.start(); return l }()} {
			if _, err := lists.Directory(); err != nil {
				t.Errorf("%s, %s after a good look: %v", c.name, name, err)
			}
		}
	}
}

func TestAClockThatIsPutBackWhileRunning(t *testing.T) {
	a := newCachingApp(t)
	l, err := a.start()
	if err != nil {
		t.Fatal(err)
	}
	for back, stale := range map[time.Duration]bool{4 * time.Minute: false, time.Hour: true} {
		now := a.now
		a.now = now.Add(-back)
		if _, err := l.Directory(); errors.Is(err, ErrStale) != stale {
			t.Errorf("put back by %v: %v", back, err)
		}
		a.now = now
	}
}

// Times in the index that cannot be do not make a list fresh.
func TestTimesInTheCacheThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*cacheIndex){
		"checked next year": func(x *cacheIndex) { touchIndex(x, x.Seen.AddDate(1, 0, 0)) },
		"never checked":     func(x *cacheIndex) { touchIndex(x, time.Time{}) },
		"seen next year":    func(x *cacheIndex) { x.Seen = x.Seen.AddDate(1, 0, 0) },
		"checked long ago":  func(x *cacheIndex) { touchIndex(x, x.Seen.AddDate(-300, 0, 0)) },
	} {
		a := newCachingApp(t)
		a.cached()
		a.index(change)
		l, _ := a.start()
		if _, err := l.Directory(); !errors.Is(err, ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func touchIndex(x *cacheIndex, at time.Time) {
	e := x.Lists[FileWhitelist]
	e.Checked = at
	x.Lists[FileWhitelist] = e
}
