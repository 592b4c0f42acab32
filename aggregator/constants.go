package aggregator

import "time"

// Constants are the clinical and display constants of the merge, with their
// defaults (merge.md 2.2; basis in brackets). Months are calendar months.
type Constants struct {
	RecentStop      int           // months a stopped medicine stays "recently stopped": 2 (Medicatieviewer)
	PlannedAhead    int           // months ahead that count as planned, what begins after is "later": 3 (Medicatieviewer)
	UseOnlyFresh    int           // months a mere report of use counts as current: 13 (MP-298)
	PausedStale     int           // months after which a pause is asked about: 13 (our choice)
	DispenseGrace   time.Duration // after the supplied days ran out: 30 days (our choice)
	DispenseUnknown int           // months after a hand-over of unknown length: 4 (our choice)
	DispensePast    int           // months after which a hand-over is the past: 13 (our choice)
}

// sameInstant is how far apart two services of one provider may note one
// registration (our choice). Identity rests on it, so it is not to be tuned.
const sameInstant = time.Minute

func (c Constants) orDefaults() Constants {
	for at, months := range map[*int]int{
		&c.RecentStop: 2, &c.PlannedAhead: 3, &c.UseOnlyFresh: 13, &c.PausedStale: 13, &c.DispenseUnknown: 4, &c.DispensePast: 13,
	} {
		if *at == 0 {
			*at = months
		}
	}
	if c.DispenseGrace == 0 {
		c.DispenseGrace = 30 * 24 * time.Hour
	}
	return c
}
