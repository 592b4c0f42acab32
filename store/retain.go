package store

import (
	"fmt"
	"slices"
	"time"
)

// Keep says how many backups stay: the newest one of so many days, weeks (ISO) and
// months that have one, counted back from the newest backup, by UTC. The zero value
// is 7, 4 and 12 (security-store.md 1.8).
type Keep struct{ Daily, Weekly, Monthly int }

const backupLayout = "bundel-2006-01-02T1504Z.bundel.age"

// BackupName is what a backup of a moment is called, to the minute:
// "bundel-2026-11-22T0347Z.bundel.age".
func BackupName(at time.Time) string { return at.UTC().Format(backupLayout) }

// backupTime is the way back; false for a name that BackupName does not give.
func backupTime(name string) (time.Time, bool) {
	at, err := time.Parse(backupLayout, name)
	return at, err == nil && BackupName(at) == name
}

// Expired gives the names that need not be kept, oldest first. It looks at nothing
// but names: a clock that is wrong can make no good backup go. The newest one stays
// always, and so does every name that [BackupName] does not give.
func Expired(names []string, keep Keep) []string {
	if keep == (Keep{}) {
		keep = Keep{Daily: 7, Weekly: 4, Monthly: 12}
	}
	var all []time.Time
	for _, name := range names {
		if at, ok := backupTime(name); ok {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(a, b time.Time) int { return b.Compare(a) })
	all = slices.Compact(all)
	stays := map[time.Time]bool{}
	if len(all) > 0 {
		stays[all[0]] = true
	}
	newestOf(all, keep.Daily, stays, func(t time.Time) string { return t.Format(time.DateOnly) })
	newestOf(all, keep.Weekly, stays, func(t time.Time) string {
		year, week := t.ISOWeek()
		return fmt.Sprint(year, " ", week)
	})
	newestOf(all, keep.Monthly, stays, func(t time.Time) string { return t.Format("2006-01") })
	var gone []string
	for _, at := range slices.Backward(all) {
		if !stays[at] {
			gone = append(gone, BackupName(at))
		}
	}
	return gone
}

// newestOf marks the newest one of each of the first n periods; all is newest
// first.
func newestOf(all []time.Time, n int, stays map[time.Time]bool, period func(time.Time) string) {
	last := ""
	for _, at := range all {
		if p := period(at); p != last {
			if n--; n < 0 {
				return
			}
			stays[at], last = true, p
		}
	}
}
