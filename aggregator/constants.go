package aggregator

import "time"

// Constants are the clinical and display constants of the merge, with their
// defaults (merge.md 2.2; basis in brackets). Months are calendar months.
type Constants struct {
	RecentStop      int           // months a stopped medicine stays "recently stopped": 2 (Medicatieviewer)
	UseOnlyFresh    int           // months a mere report of use counts as current: 13 (MP-298)
	DispenseGrace   time.Duration // after the supplied days ran out: 30 days (our choice)
	DispenseUnknown int           // months after a hand-over of unknown length: 4 (our choice)
	DispensePast    int           // months after which a hand-over is the past: 13 (our choice)
}

func (c Constants) orDefaults() Constants {
	if c.RecentStop == 0 {
		c.RecentStop = 2
	}
	if c.UseOnlyFresh == 0 {
		c.UseOnlyFresh = 13
	}
	if c.DispenseGrace == 0 {
		c.DispenseGrace = 30 * 24 * time.Hour
	}
	if c.DispenseUnknown == 0 {
		c.DispenseUnknown = 4
	}
	if c.DispensePast == 0 {
		c.DispensePast = 13
	}
	return c
}
