package medmij

import (
	"regexp"
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
	More      []Query // asked only when an [Ask] names them

	// Follow holds the resource types that are read one by one when an answer
	// refers to them and no answer held them. "Binary" stands for the
	// attachments of documents. What a query includes needs no row here.
	Follow []string
	// Updates holds the resource types that [Client.Update] may put back.
	Updates []string

	Bundle string // of a share service: the Bundle type it takes
	Person bool   // of a share service: exactly one Patient goes along
}

// Query is one search of a data service.
type Query struct {
	// Path comes after the base address, with "|" as it is written in FHIR.
	// {today}, {today-14m} and {today-150d} stand for dates in Amsterdam, {id}
	// for the id of a resource; see Each.
	Path string
	// Role is the part of the role code (Systeemrolcode) whose endpoint answers
	// it, such as "PLB"; empty for a service with one role.
	Role string
	// Profiles are those to expect of the resources that the query is for.
	Profiles []string
	// Each is a resource type: the query is asked once for every resource of
	// that type which the other queries of the service gave.
	Each string
	// Filters are the ways to narrow it.
	Filters Filters
}

// Filters names the search parameters that narrow a query. Empty: it cannot be
// narrowed that way.
type Filters struct {
	Period     string // dates: from and to
	Code       string
	Identifier string
	Treatment  string // a course of medication (Dutch: medicamenteuze behandeling)
	Status     string
	Latest     bool // the operation $lastn gives the newest of each code
}

// Services gives the table of data services: all classic ones
// (data-services.md section 1), one row each, by number. The caller owns it.
func Services() []Service {
	return sorted(slices.Concat(general(), medication(), records(), sharing()))
}

func sorted(rows []Service) []Service {
	slices.SortFunc(rows, func(a, b Service) int { return strings.Compare(a.ID, b.ID) })
	return rows
}

// ServiceByID finds a row of the table.
func ServiceByID(id string) (Service, bool) { return find(Services(), id) }

func find(rows []Service, id string) (Service, bool) {
	i := slices.IndexFunc(rows, func(s Service) bool { return s.ID == id })
	if i < 0 {
		return Service{}, false
	}
	return rows[i], true
}

// services is the table with the rows of [Config.Services] in it.
func (c *Client) services() []Service {
	rows := slices.DeleteFunc(Services(), func(s Service) bool {
		_, replaced := find(c.cfg.Services, s.ID)
		return replaced
	})
	return sorted(append(rows, c.cfg.Services...))
}

func (c *Client) serviceByID(id string) (Service, bool) { return find(c.services(), id) }

// At is the path with its dates filled in for a moment.
func (q Query) At(now time.Time) string { return datesIn(q.Path, now) }

var dateTemplate = regexp.MustCompile(`\{today(-\d+[dm])?\}`)

func datesIn(s string, now time.Time) string {
	return dateTemplate.ReplaceAllStringFunc(s, func(template string) string {
		return dateOf(strings.Trim(template, "{}"), now)
	})
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
	if back, ok := strings.CutPrefix(template, "today-"); ok {
		n, _ := strconv.Atoi(back[:len(back)-1]) // digits, by the pattern
		if strings.HasSuffix(back, "m") {
			day = monthsBefore(day, n)
		} else {
			day = day.AddDate(0, 0, -n)
		}
	}
	return day.Format(time.DateOnly)
}

// monthsBefore stays within the month that is meant: a month before 31 March
// is the last of February, where AddDate would give the third of March.
func monthsBefore(day time.Time, n int) time.Time {
	first := time.Date(day.Year(), day.Month()-time.Month(n), 1, 0, 0, 0, 0, day.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}
