package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// sinceForm asks since which day to tell what changed.
type sinceForm struct {
	Day, Last string // as typed, and the last that can be chosen
	Wrong     string // empty: nothing is wrong
}

// sinceAsked reads the day that somebody chose; zero when they chose none, or one
// that cannot be: then the form says so.
func (v *view) sinceAsked(r *http.Request) (since time.Time, f *sinceForm) {
	q := r.URL.Query()
	f = &sinceForm{Day: q.Get("dag"), Last: v.now.In(fhir.Amsterdam()).Format(time.DateOnly)}
	if !q.Has("dag") {
		return since, f
	}
	day, err := time.ParseInLocation(time.DateOnly, f.Day, fhir.Amsterdam())
	switch {
	case err != nil || day.Year() < earliestYear:
		f.Wrong = v.T("w.wrong.day")
	case day.After(v.now):
		f.Wrong = v.T("w.wrong.future")
	default:
		return day, f
	}
	return since, f
}

// earliestYear is before anything that this program can have collected.
const earliestYear = 1900

// rest is the end of the address of the next page, with the day that was chosen.
func (f *sinceForm) rest() string {
	if f.Day == "" || f.Wrong != "" {
		return ""
	}
	return "&" + url.Values{"dag": {f.Day}}.Encode()
}
