package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

// stories is every page in every state.
func stories() []story {
	return slices.Concat(
		doorStories(),
		listStories(), valueStories(),
		decisionStories(),
		closedStories(),
		answerStories(),
		identityStories(),
		ownStories(),
		shareStories(),
		keptStories(),
		providerStories(),
		connectStories(),
		settingStories(),
		printStories(),
		helpStories(),
		wayStories(),
		sendStories(),
		importStories(),
	)
}

// doorStories are the pages outside the vault, and those for when something is wrong.
func doorStories() []story {
	return []story{
		{name: "unlock", path: "/unlock", door: true, desk: locked},
		{name: "unlock-wrong", method: "POST", path: "/unlock", form: form("wachtzin", "nee"), door: true, desk: func(d *storyDesk) {
			locked(d)
			d.fault = &WrongSecret{Left: 4}
		}},
		{name: "unlock-wait", method: "POST", path: "/unlock", form: form("wachtzin", "nee"), door: true, desk: func(d *storyDesk) {
			locked(d)
			d.fault = &WrongSecret{Wait: time.Minute}
		}},
		{name: "unlock-wait-long", method: "POST", path: "/unlock", form: form("wachtzin", "nee"), door: true, desk: func(d *storyDesk) {
			locked(d)
			d.fault = &WrongSecret{Wait: 15 * time.Minute}
		}},
		{name: "unlock-late", method: "POST", path: "/z/haal", desk: locked, status: http.StatusUnauthorized},
		{name: "visit-late", method: "POST", path: "/z/haal", visit: storyPerson, status: http.StatusForbidden},
		{name: "first", path: "/nieuw", door: true, desk: noVault},
		{name: "first-short", method: "POST", path: "/nieuw", form: form("wachtzin", "kort"), door: true, desk: noVault},
		{name: "first-common", method: "POST", path: "/nieuw", form: form("wachtzin", "wachtwoord123", "nogmaals", "wachtwoord123"), door: true, desk: func(d *storyDesk) {
			noVault(d)
			d.fault = &WeakSecret{Reason: "common"}
		}},
		{name: "first-code", method: "POST", path: "/nieuw", form: form("wachtzin", "een lange wachtzin", "nogmaals", "een lange wachtzin"), door: true, desk: noVault},
		{name: "example", method: "POST", path: "/voorbeeld", door: true, desk: noVault},
		{name: "search", path: "/zoek"},
		{name: "search-found", method: "POST", path: "/zoek", form: form("q", "metop")},
		{name: "menu", path: "/menu"},
		{name: "not-found", status: http.StatusNotFound, path: "/nergens"},
		{name: "trouble", status: http.StatusBadGateway, method: "POST", path: "/z/haal", desk: func(d *storyDesk) {
			d.fault = &Problem{Code: "P-503", Source: storyPharmacy, Trace: "4b1d8f0e-7a52-4f0e-9c36-1f2ad0e7c955"}
		}},
		{name: "trouble-binding", status: http.StatusForbidden, path: callbackPath + "?error=access_denied", door: true},
	}
}

// listStories are the pages that show what there is.
func listStories() []story {
	metoprolol, creatinine := storyKey("metoprolol-h"), storyKey("kreat-5")
	return []story{
		{name: "overview", path: "/"},
		{name: "overview-empty", path: "/", desk: empty},
		{name: "overview-calm", path: "/", desk: calm},
		{name: "overview-partly", path: "/", desk: partly},
		{name: "medicines", path: "/m"},
		{name: "medicines-soon", path: "/m/straks"},
		{name: "medicines-stopped", path: "/m/gestopt"},
		{name: "medicines-stopped-all", path: "/m/gestopt?ouder=1"},
		{name: "medicines-unclear", path: "/m/onduidelijk"},
		{name: "medicines-of-one", path: "/m?bron=" + sourceKey(fhir.Self)},
		{name: "medicines-empty", path: "/m", desk: empty},
		{name: "medicines-none", path: "/m", desk: func(d *storyDesk) { d.o.Items = nil }},
		{name: "difference", path: "/v/" + metoprolol},
		{name: "allergies", path: "/a"},
		{name: "allergies-none", path: "/a", desk: noAllergies},
		{name: "results", path: "/u"},
		{name: "results-exam", path: "/u?deel=exam", desk: examined},
		{name: "results-empty", path: "/u", desk: empty},
		{name: "result", path: "/u/" + creatinine},
		{name: "result-early", path: "/u/" + storyKey("kreat-6")},
		{name: "share-one", path: "/d/3?ding=" + creatinine},
		{name: "results-target", path: "/u", desk: withTargets},
		{name: "result-year-few", path: "/u/" + storyKey("weight-1") + "?j=1"},
		{name: "result-year", path: "/u/" + creatinine + "?j=1"},
		{name: "result-pressure", path: "/u/" + storyKey("bp-2")},
		{name: "result-text", path: "/u/" + storyKey("culture")},
		{name: "result-high", path: "/u/" + storyKey("hba1c")},
		{name: "result-long", path: "/u/" + storyKey("weight-15")},
		{name: "timeline", path: timelinePath},
		{name: "timeline-empty", path: timelinePath, desk: empty},
		{name: "letters", path: "/b"},
		{name: "letters-of-a-year", path: "/b?jaar=2024"},
		{name: "letters-empty", path: "/b", desk: empty},
		{name: "more", path: "/g"},
		{name: "subject", path: "/g/1"},
		{name: "appointments", path: "/g/3"},
		{name: "item", path: "/i/" + metoprolol},
		{name: "item-joined", path: "/i/" + storyKey("metformine")},
		{name: "item-note", path: "/i/" + storyKey("n1"), desk: longTexts},
		{name: "item-letter", path: "/i/" + storyKey("letter-1")},
		{name: "record", path: "/i/" + metoprolol + "/0"},
	}
}

// decisionStories are the pages on which the person decides what belongs
// together, and those that tell what changed.
func decisionStories() []story {
	high, low, metformin := storyKey("metoprolol-u"), storyKey("metoprolol-h"), storyKey("metformine")
	place := []string{"van", high, "blad", placeDifference}
	return []story{
		{name: "difference-same", path: "/v/" + high, desk: looksAlike},
		{name: "difference-three", path: "/v/" + high, desk: threeAlike},
		{name: "difference-seen", path: "/v/" + high + "?j=3", desk: seenOnce},
		{name: "difference-refused", method: "POST", path: "/j/samen", form: form(append(place, "ding", high, "ding", low)...), desk: func(d *storyDesk) {
			looksAlike(d)
			d.fault = &aggregator.Refused{Reason: aggregator.RefuseProduct}
		}},
		{name: "difference-not-two", method: "POST", path: "/j/samen", form: form(append(place, "ding", high)...), desk: threeAlike},
		{name: "item-decided", path: "/i/" + metformin + "?j=1", desk: joinedAndChanged},
		{name: "item-beside", path: "/i/" + high, desk: looksAlike},
		{name: "decisions", path: "/j", desk: decidedBefore},
		{name: "decisions-none", path: "/j"},
		{name: "decisions-told", path: "/j?j=9", desk: decidedBefore},
		{name: "decisions-too-late", method: "POST", path: "/j/terug", form: form("nr", "8"), desk: func(d *storyDesk) {
			decidedBefore(d)
			d.fault = aggregator.ErrNoDecision
		}},
		{name: "changes", path: "/w"},
		{name: "changes-week", path: "/w/week", desk: func(d *storyDesk) { d.visited = time.Time{} }},
		{name: "changes-none", path: "/w/dag"},
		{name: "changes-since", path: "/w?dag=2025-05-01"},
		{name: "changes-since-wrong", path: "/w?dag=2025-06-01"},
		{name: "overview-unchanged", path: "/", desk: func(d *storyDesk) { d.changes = nil }},
		{name: "medicines-notes", path: "/m", desk: joinedAndChanged},
	}
}

// closedStories are those in which the person does not see something yet.
func closedStories() []story {
	one, some, shut := "/k/"+storyKey("shut-1"), "/k/"+storyKey("shut-2")+"/samen", "/k/"+storyKey("shut-5")
	answer := func(pairs ...string) string { return form(append([]string{"blad", storyKey("shut-1")}, pairs...)...) }
	return []story{
		{name: "closed-overview", path: "/", desk: closed},
		{name: "closed-results", path: "/u", desk: closed},
		{name: "closed-results-only", path: "/u", desk: onlyClosed},
		{name: "closed-results-saved", path: "/u?ok", desk: allChosen},
		{name: "closed-letters", path: "/b", desk: closed},
		{name: "closed-subject", path: "/g/5", desk: closed},
		{name: "closed-share", path: "/d", desk: closed},
		{name: "closed-found", method: "POST", path: "/zoek", form: form("q", "uitslag laboratorium"), desk: closed},
		{name: "closed-all", path: "/k", desk: closed},
		{name: "closed-all-none", path: "/k"},
		{name: "choose", path: one, desk: closed},
		{name: "choose-some", path: some, desk: closed},
		{name: "choose-letter", path: "/k/" + storyKey("shut-8"), desk: closed},
		{name: "choose-again", path: shut, desk: closed},
		{name: "choose-again-never", path: "/k/" + storyKey("shut-6"), desk: closed},
		{name: "choose-nothing", method: "POST", path: "/k", form: answer(), desk: closed},
		{name: "choose-no-day", method: "POST", path: "/k", form: answer("wanneer", seeDay), desk: closed},
		{name: "choose-past", method: "POST", path: "/k", form: answer("wanneer", seeDay, "dag", "2025-05-19"), desk: closed},
		{name: "choose-always-day", method: "POST", path: "/k", form: answer("wanneer", "2025-05-21", "altijd", "ja"), desk: closed},
		{name: "choose-failed", status: http.StatusNotFound, method: "POST", path: "/k", form: answer("wanneer", seeNow), desk: func(d *storyDesk) {
			closed(d)
			d.fault = ErrNotFound
		}},
	}
}

// ownStories are the pages on which the person adds and shares.
func ownStories() []story {
	at := []string{"dag", "2025-05-20", "tijd", "09:00"}
	entry := func(pairs ...string) string { return form(append(pairs, at...)...) }
	return []story{
		{name: "add", path: "/e"},
		{name: "add-pressure", path: "/e/1"},
		{name: "add-glucose", path: "/e/4"},
		{name: "add-medicine", path: "/e/10"},
		{name: "add-allergy", path: "/e/11"},
		{name: "add-note", path: "/e/12"},
		{name: "add-missing", method: "POST", path: "/e/1", form: entry("waarde", "hoog", "tweede", "")},
		{name: "add-refused", method: "POST", path: "/e/2", form: entry("waarde", "700"), desk: func(d *storyDesk) {
			d.fault = &Refused{Reason: RefuseRange, Low: "0.3", High: "500"}
		}},
		{name: "add-question", method: "POST", path: "/e/1", form: entry("waarde", "212", "tweede", "110"), desk: func(d *storyDesk) { d.question = AskUnusual }},
		{name: "added", path: "/e/klaar"},
		{name: "confirm", method: "POST", path: "/d/stuur", form: form("aan", sourceKey(storyHospital), "soort", "1", "som", "0")},
		{name: "sent", path: "/d/verstuurd"},
	}
}

// providerStories are the pages about care providers.
func providerStories() []story {
	return []story{
		{name: "providers", path: "/z"},
		{name: "providers-empty", path: "/z", desk: empty},
		{name: "providers-found", method: "POST", path: "/z/zoek", form: form("q", "linde")},
		{name: "providers-none", method: "POST", path: "/z/zoek", form: form("q", "niemand")},
		{name: "source", path: "/z/" + sourceKey(storyPharmacy)},
		{name: "source-lasting", path: "/z/" + sourceKey(storyGP)},
		{name: "source-consents", path: "/z/" + sourceKey(storyHospital)},
		{name: "leave", method: "POST", path: "/z/verbind", form: form("bron", storyGP, "n", "0")},
		{name: "progress", path: "/z/bezig"},
		{name: "progress-done", path: "/z/bezig", desk: func(d *storyDesk) { d.progress = d.progress[:1] }},
		{name: "progress-none", path: "/z/bezig", desk: func(d *storyDesk) { d.progress = nil }},
	}
}

// form encodes names and values in turn as a browser does.
func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func locked(d *storyDesk)  { d.become(Locked) }
func noVault(d *storyDesk) { d.become(NoVault) }

// empty is the example before anything was collected.
func empty(d *storyDesk) {
	d.o = &aggregator.Overview{AsOf: storyNow, Person: aggregator.Person{Name: "Anna de Vries"}}
	d.shares, d.progress, d.links = Shares{}, nil, nil
}

// closed has results and a letter that the person does not see yet, as a view
// of the overview gives them: some new, some for which there is a choice.
func closed(d *storyDesk) {
	issued := time.Date(2025, 5, 14, 10, 0, 0, 0, time.UTC)
	lab := aggregator.Closed{Kind: aggregator.KindLab, Issued: issued}
	week, never := lab, lab
	week.Opens, never.Never = issued.AddDate(0, 0, 7), true
	d.o.Items = append([]aggregator.Item{
		sealed("lab", "shut-1", storyHospital, "2025-05-16", lab),
		sealed("lab", "shut-2", storyGP, "2025-05-14", lab),
		sealed("lab", "shut-3", storyGP, "2025-05-14", lab),
		sealed("lab", "shut-4", storyGP, "2025-05-14", lab),
		sealed("lab", "shut-5", storyHospital, "2025-05-14", week),
		sealed("lab", "shut-6", storyHospital, "2025-05-12", never),
		sealed("procedure", "shut-7", storyHospital, "2025-05-15", aggregator.Closed{Kind: aggregator.KindImaging, Issued: issued}),
		sealed("letter", "shut-8", storyHospital, "", aggregator.Closed{Kind: aggregator.KindLetter, Issued: issued}),
	}, d.o.Items...)
}

// onlyClosed has nothing but results that are closed.
func onlyClosed(d *storyDesk) {
	d.o.Items = nil
	closed(d)
}

// allChosen has closed results for which the person has chosen.
func allChosen(d *storyDesk) {
	closed(d)
	d.o.Items = d.o.Items[4:]
}

// calm has nothing that waits for the person.
func calm(d *storyDesk) {
	for i := range d.o.Items {
		d.o.Items[i].Conflicts = nil
	}
	for i := range d.o.Sources {
		d.o.Sources[i].Outcome, d.o.Sources[i].Fetched = fhir.Complete, storyNow.Add(-time.Hour)
		for j := range d.o.Sources[i].Queries {
			d.o.Sources[i].Queries[j].Outcome = fhir.OK
		}
	}
	d.o.Unread = nil
}

// partly has nothing that waits but the results of one provider, which failed today.
func partly(d *storyDesk) {
	calm(d)
	d.o.Sources[1].Outcome = fhir.Partial
	d.o.Sources[1].Queries[2].Outcome, d.o.Sources[1].Queries[2].Detail = fhir.Failed, "P-503"
}

// noAllergies leaves only the statement that there are none.
func noAllergies(d *storyDesk) {
	var kept []aggregator.Item
	for _, item := range d.o.Items {
		if item.Subject != "allergy" || item.Section == aggregator.NoneKnown {
			kept = append(kept, item)
		}
	}
	d.o.Items = kept
}

// storyKey makes the twelve letters of an item in a story.
func storyKey(name string) string { return sourceKey("story:" + name) }

// storyID is the id of an item of the example.
func storyID(subject, name string) string { return fmt.Sprint(subject, ":", storyKey(name)) }
