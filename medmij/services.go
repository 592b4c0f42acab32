package medmij

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

// Direction tells whether a data service gives data to the person's app or
// takes data from it.
type Direction string

// The two directions of a data service (Dutch: verzamelen, delen).
const (
	Collect Direction = "collect"
	Share   Direction = "share"
)

// Service is one data service (gegevensdienst): a numbered agreement on what
// can be asked of a provider, or sent to it, and in which FHIR release.
type Service struct {
	ID        string
	Name      string // Dutch; the names list, when loaded, has the name to show
	English   string
	Version   fhir.Version // follows from the id, never from the content
	Direction Direction
	Queries   []Query // of a collect service, in the order to ask them

	// Follow holds the resource types that are read one by one when an answer
	// refers to them and no answer held them. "Binary" stands for the
	// attachments of documents.
	Follow []string

	Bundle string // of a share service: the Bundle type it takes
	Omits  string // what the row leaves out, in words; empty when complete
}

// Query is one search of a data service.
type Query struct {
	// Path comes after the base address, with "|" as it is written in FHIR.
	// {today}, {today-14m} and {today-150d} stand for dates in Amsterdam.
	Path string
	// Role is the part of the role code (Systeemrolcode) whose endpoint answers
	// it, such as "PLB"; empty for a service with one role.
	Role string
	// Profiles are those to expect of the resources that the query is for.
	Profiles []string
}

// Services gives the table of data services: all classic ones
// (data-services.md section 1), one row each, by number. The caller owns it.
func Services() []Service {
	all := slices.Concat(general(), medication(), records(), sharing())
	slices.SortFunc(all, func(a, b Service) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// ServiceByID finds a row of the table.
func ServiceByID(id string) (Service, bool) {
	for _, s := range Services() {
		if s.ID == id {
			return s, true
		}
	}
	return Service{}, false
}

// At is the path with its dates filled in for a moment.
func (q Query) At(now time.Time) string {
	path := q.Path
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		template, after, found := strings.Cut(rest, "}")
		if !found {
			return path
		}
		path = before + dateOf(template, now) + after
	}
}

// Type is the resource type that the query asks for.
func (q Query) Type() string {
	end := strings.IndexAny(q.Path, "/?")
	if end < 0 {
		return q.Path
	}
	return q.Path[:end]
}

func dateOf(template string, now time.Time) string {
	day := now.In(fhir.Amsterdam())
	rest, back := strings.CutPrefix(template, "today-")
	if !back || rest == "" {
		return day.Format(time.DateOnly)
	}
	n, err := strconv.Atoi(rest[:len(rest)-1])
	if err != nil {
		return day.Format(time.DateOnly)
	}
	if strings.HasSuffix(rest, "m") {
		return monthsBefore(day, n).Format(time.DateOnly)
	}
	return day.AddDate(0, 0, -n).Format(time.DateOnly)
}

// monthsBefore stays within the month that is meant: a month before 31 March
// is the last of February, where AddDate would give the third of March.
func monthsBefore(day time.Time, n int) time.Time {
	first := time.Date(day.Year(), day.Month()-time.Month(n), 1, 0, 0, 0, 0, day.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

// fhirMIME is the media type of a release, as MedMij writes it in Accept.
func fhirMIME(v fhir.Version) string {
	return fmt.Sprintf("application/fhir+json; fhirVersion=%d.0", v)
}
