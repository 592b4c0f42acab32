package desk

import (
	"sync/atomic"
	"time"
)

// clock is a time that a test sets while the desk may read it: after an
// unlocking the desk prepares the overview beside whatever else happens.
type clock struct{ at atomic.Pointer[time.Time] }

func clockAt(at time.Time) *clock {
	c := &clock{}
	c.set(at)
	return c
}

// Now is what a Config takes.
func (c *clock) Now() time.Time { return *c.at.Load() }

func (c *clock) set(at time.Time) { c.at.Store(&at) }

// pass lets time go by.
func (c *clock) pass(by time.Duration) { c.set(c.Now().Add(by)) }
