package medmij

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/google/go-cmp/cmp"
)

// pregnancies is a provider of the pregnancy record with some episodes. answer
// may answer for one query instead.
func pregnancies(episodes string, answer func(http.ResponseWriter, *http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case answer != nil && answer(w, r):
		case strings.HasSuffix(r.URL.Path, "/EpisodeOfCare"):
			serveFHIR(w, 200, episodes)
		case r.URL.Query().Get("context") == "EpisodeOfCare/e1":
			serveFHIR(w, 200, bundle("", resource(strings.TrimPrefix(r.URL.Path, "/fhir/"), "of-e1")))
		default:
			serveFHIR(w, 200, bundle(""))
		}
	}
}

func TestThePregnancyRecordIsAskedPerEpisode(t *testing.T) {
	episodes := bundle("", resource("EpisodeOfCare", "e2"), resource("EpisodeOfCare", "e1"), `{"resourceType":"EpisodeOfCare"}`)
	for service, encounter := range map[string]string{"65": "", "67": "EpisodeOfCare/"} {
		s := newSetup(t, pregnancies(episodes, nil))
		got := fetchOne(t, s, grantFor(service))
		var sent []string
		for _, r := range s.net.requests() {
			if strings.Contains(r.URL.RawQuery, "episodeofcare=") || strings.Contains(r.URL.RawQuery, "context=") {
				sent = append(sent, strings.TrimPrefix(r.URL.String(), apiBase+"/"))
			}
		}
		want := []string{}
		for _, e := range []string{"e1", "e2"} {
			want = append(want, "Condition?context=EpisodeOfCare/"+e, "Encounter?episodeofcare="+encounter+e+"&_include=Encounter:practitioner",
				"Observation?context=EpisodeOfCare/"+e, "Observation?context:Encounter.episodeofcare=EpisodeOfCare/"+e,
				"Procedure?context=EpisodeOfCare/"+e+"&_include=Procedure:performer&_include=Procedure:based-on")
			if service == "67" {
				want = append(want, "CareTeam?context=EpisodeOfCare/"+e, "DiagnosticReport?context=EpisodeOfCare/"+e, "ReferralRequest?context=EpisodeOfCare/"+e)
			}
		}
		slices.Sort(want)
		slices.Sort(sent)
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Errorf("%s: %s", service, diff)
		}
		row, _ := ServiceByID(service)
		if len(got.results) != len(row.Queries) {
			t.Errorf("%s: %d results of %d queries", service, len(got.results), len(row.Queries))
		}
		wantResult := fhir.QueryResult{Query: "Condition?context=EpisodeOfCare/{id}", Outcome: fhir.OK, Resources: 1, Pages: 2}
		if diff := cmp.Diff(wantResult, got.results["Condition?context=EpisodeOfCare/{id}"]); diff != "" {
			t.Errorf("%s: %s", service, diff)
		}
		if !slices.Contains(got.ids, "Condition/of-e1") || !slices.Contains(got.ids, "Procedure/of-e1") {
			t.Errorf("%s: %v", service, got.ids)
		}
	}
}

// DAT-04: nothing recorded in an episode, no episode, and episodes that nobody
// could tell are three things.
func TestDAT_04_WhatIsAskedPerEpisodeIsNeverEmptyByMistake(t *testing.T) {
	one := bundle("", resource("EpisodeOfCare", "e1"))
	is := func(part string, status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.String(), part) {
				return false
			}
			serveFHIR(w, status, "")
			return true
		}
	}
	for _, c := range []struct {
		name     string
		episodes string
		answer   func(http.ResponseWriter, *http.Request) bool
		outcome  fhir.Outcome
		detail   string
	}{
		{"found", one, nil, fhir.OK, ""},
		{"nothing in it", bundle("", resource("EpisodeOfCare", "e9")), nil, fhir.Empty, ""},
		{"no episode", bundle(""), nil, fhir.Empty, ""},
		{"the episodes failed", one, is("EpisodeOfCare?type", 400), fhir.Failed, "P-400"},
		{"the episodes are denied", one, is("EpisodeOfCare?type", 403), fhir.NotGranted, CodeForbidden},
		{"the episodes are not offered", one, is("EpisodeOfCare?type", 404), fhir.NotOffered, CodeNotOffered},
		{"one of two fails", bundle("", resource("EpisodeOfCare", "e1"), resource("EpisodeOfCare", "e2")), is("Condition?context=EpisodeOfCare/e2", 400), fhir.Failed, "P-400"},
		{"one of two is not offered", bundle("", resource("EpisodeOfCare", "e1"), resource("EpisodeOfCare", "e2")), is("Condition?context=EpisodeOfCare/e2", 404), fhir.Failed, CodeNotOffered},
		{"some episodes are not known", bundle("https://evil.example.nl/", resource("EpisodeOfCare", "e1")), nil, fhir.Failed, CodeTrust},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := fetchOne(t, newSetup(t, pregnancies(c.episodes, c.answer)), grantFor("65"))
			r := got.results["Condition?context=EpisodeOfCare/{id}"]
			if r.Outcome != c.outcome || r.Detail != c.detail {
				t.Errorf("%s: %+v", c.name, r)
			}
			if c.outcome == fhir.Failed && c.name != "the episodes failed" && !slices.Contains(got.ids, "Condition/of-e1") {
				t.Errorf("%s: what came is lost: %v", c.name, got.ids)
			}
		})
	}
}

func TestEpisodesThatAreKnownAreAskedTogether(t *testing.T) {
	const query = "Condition?context=EpisodeOfCare/{id}"
	s := newSetup(t, pregnancies(bundle("", resource("EpisodeOfCare", "e1")), nil))
	sources, err := s.Ask(t.Context(), grantFor("65"), Ask{Service: "65", Query: query, IDs: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	got := collect(t, sources[0])
	if r := oneQuery(t, got); r.Query != "Condition?context=EpisodeOfCare/a,EpisodeOfCare/b" || len(s.net.requests()) != 1 {
		t.Errorf("%+v after %d requests", r, len(s.net.requests()))
	}
	// Without ids the query that gives them is asked too.
	sources, err = s.Ask(t.Context(), grantFor("65"), Ask{Service: "65", Query: query})
	if err != nil {
		t.Fatal(err)
	}
	row, _ := ServiceByID("65")
	if diff := cmp.Diff([]string{query, row.Queries[1].Path}, slices.Sorted(maps.Keys(collect(t, sources[0]).results))); diff != "" {
		t.Error(diff)
	}
}

// A collection that is stopped says nothing of what it did not come to.
func TestDAT_04_AStoppedCollectionHasNoResultPerEpisode(t *testing.T) {
	episodes := bundle("", resource("EpisodeOfCare", "e1"), resource("EpisodeOfCare", "e2"))
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t, pregnancies(episodes, func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.RawQuery, "e2") {
					pause(r, time.Hour)
				}
				return false
			}))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			got := collect(t, s.Fetch(ctx, grantFor("65"))[0])
			for query, r := range got.results {
				if strings.Contains(query, "{id}") {
					t.Errorf("%s has a result: %+v", query, r)
				}
			}
			if !errors.Is(got.err, context.Canceled) {
				t.Errorf("%v", got.err)
			}
		})
	}
}
