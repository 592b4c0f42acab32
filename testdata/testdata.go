// Package testdata holds people who do not exist: their records as GP,
// pharmacy and hospital would send them, for tests and for the demonstration.
//
// Everything in it is made up: names, numbers, letters and codes of products
// are for tests and are no reference. Dates are placeholders relative to a
// date T, such as ${DATE, T, D, -30}, so that the records are always recent;
// [Fill] fills them in. README.md tells what was put in on purpose, and
// [Expectations] gives the same for a program.
//
// It imports nothing of this module, so every package may use it in its tests.
// The pattern ./... skips a folder of this name: test it as ./testdata.
package testdata

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed anna bram
var files embed.FS

// FS is the folder tree of all people: FILE.json in the folders that
// [Service.Dir] names. Dates are not filled in.
func FS() fs.FS { return files }

// Person is somebody who does not exist.
type Person struct {
	ID, Name, BirthDate string
	Providers           []Provider
}

// Provider is a care provider that knows a person. Name is the MedMij name
// without "@medmij".
type Provider struct {
	Name, Display, Kind string
	Services            []Service
}

// Service is a data service of a provider, such as "49". FHIR is "STU3" or
// "R4"; Dir is the folder of the person's resources. Services that share a Dir
// show other parts of one dossier. Dir is empty when there is nothing, as with
// a service that only receives.
type Service struct{ ID, FHIR, Dir string }

// People are all people, the first one with the most records.
func People() []Person {
	return []Person{
		{ID: "anna", Name: "Anna de Vries", BirthDate: "1961-04-02", Providers: []Provider{
			{"huisarts-delinde", "Huisartsenpraktijk De Linde", "gp", []Service{
				{"49", "STU3", "anna/gp"}, {"53", "STU3", ""},
			}},
			{"apotheek-dezon", "Apotheek De Zon", "pharmacy", []Service{{"35", "STU3", "anna/pharmacy"}}},
			{"ziekenhuis-noordzee", "Ziekenhuis Noordzee", "hospital", []Service{
				{"46", "STU3", "anna/hospital"}, {"48", "STU3", "anna/hospital"},
				{"51", "STU3", "anna/hospital"}, {"63", "R4", "anna/hospital/r4"},
			}},
		}},
		{ID: "bram", Name: "Bram Smit", BirthDate: "1988-11-23", Providers: []Provider{
			{"huisarts-delinde", "Huisartsenpraktijk De Linde", "gp", []Service{{"49", "STU3", "bram/gp"}}},
		}},
	}
}

// Expectation is one thing that was put in on purpose. Subject, sections and
// conflict codes are those of the overview.
//
//   - merged: the parts of each row are one item
//   - grouped: every row is an item of its own, all in one group
//   - single: as merged, and of one provider
//   - unread: kept, and listed as not read
type Expectation struct {
	ID, Subject, What, Outcome string
	Rows                       []Row
	Conflicts                  []string // each is on at least one of the rows' items
	MayConflict                []string // may be there as well
}

// Row is one item of the overview: all Parts are in it, perhaps with others.
// Title, when given, is the start of the name of its product.
type Row struct {
	Section, Title string
	Parts          []Part
}

// Part names a resource as one provider and data service give it.
type Part struct{ Provider, Service, Type, ID string }

// Expectations are what the records of the person were made to show. The error
// is about this package, so a test fails on it.
func Expectations(person string) ([]Expectation, error) {
	raw, err := files.ReadFile(path.Join(person, "expect.json"))
	if err != nil {
		return nil, fmt.Errorf("expectations of %s: %w", person, err)
	}
	var all []Expectation
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("expectations of %s: %w", person, err)
	}
	return all, nil
}

// Resources gives the resources in the files of one folder (not those in
// folders below it), byte for byte but for the filled in dates. Bundles are
// taken apart.
func Resources(dir string, at time.Time) ([][]byte, error) {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("test data: %w", err)
	}
	var all [][]byte
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".json" {
			continue
		}
		raw, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("test data: %w", err)
		}
		found, err := split(Fill(raw, at))
		if err != nil {
			return nil, fmt.Errorf("test data %s: %w", e.Name(), err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func split(raw []byte) ([][]byte, error) {
	var b struct {
		ResourceType string
		Entry        []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, err
	}
	if b.ResourceType != "Bundle" {
		return [][]byte{raw}, nil
	}
	var all [][]byte
	for _, e := range b.Entry {
		all = append(all, e.Resource)
	}
	return all, nil
}

// The placeholders of the public MedMij test scripts: relative to T, and
// relative to the current date, which for us is T too.
var placeholder = regexp.MustCompile(
	`\$\{\s*(?:(DATE|DATETIME)\s*,\s*T\s*,\s*([DMYdmy])\s*,\s*([+-]?\s*\d{1,6})|(CURRENTDATE|CURRENTDATETIME)(?:\s*,\s*([DMYdmy])\s*,\s*([+-]?\s*\d{1,6}))?)\s*\}`)

// Fill puts dates in the place of the placeholders, relative to t in t's zone:
// ${DATE, T, D, -30} (units D, M and Y), ${DATETIME, T, D, -1}, ${CURRENTDATE}
// and ${CURRENTDATE, M, -14}. A month that is too short takes its last day.
// What it does not know stays as it is.
func Fill(b []byte, t time.Time) []byte {
	return placeholder.ReplaceAllFunc(b, func(m []byte) []byte {
		p := placeholder.FindSubmatch(m)
		kind, unit, number := string(p[1]), string(p[2]), string(p[3])
		if kind == "" {
			kind, unit, number = string(p[4]), string(p[5]), string(p[6])
		}
		n, err := strconv.Atoi(strings.ReplaceAll(number, " ", ""))
		if err != nil && number != "" {
			return m
		}
		if strings.HasSuffix(kind, "DATETIME") {
			return []byte(shift(t, unit, n).Format(time.RFC3339))
		}
		return []byte(shift(t, unit, n).Format(time.DateOnly))
	})
}

func shift(t time.Time, unit string, n int) time.Time {
	switch strings.ToUpper(unit) {
	case "M":
		return addMonths(t, n)
	case "Y":
		return addMonths(t, 12*n)
	}
	return t.AddDate(0, 0, n)
}

// addMonths stays within the month asked for, unlike AddDate, which makes
// 31 January plus one month the third of March.
func addMonths(t time.Time, n int) time.Time {
	moved := t.AddDate(0, n, 0)
	if moved.Day() != t.Day() { // it ran over into the next month
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}
