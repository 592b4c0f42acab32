package mock

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func scopeNetwork(t *testing.T) *Network {
	t.Helper()
	cfg := Full()
	cfg.Providers[0].Bundles = nil // Fred's measurements take time to load
	cfg.Providers = append(cfg.Providers, Provider{Name: "praktijk", Interfaces: []string{"1.5.0"}, Services: []string{"49", "54", "53"}})
	cfg = cfg.withDefaults()
	w, err := build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &Network{cfg: cfg, world: w}
}

func TestScopesAreUnderstoodAsWritten(t *testing.T) {
	n := scopeNetwork(t)
	some := Client{Hostname: "some.example", Services: []string{"49", "48"}}
	for name, c := range map[string]struct {
		scope    string
		client   Client
		platform int
		answer   string // of the token endpoint; empty: refused
	}{
		"all of a provider":               {"huisarts-delinde", Client{}, 1, "49 58"},
		"all the client takes part in":    {"huisarts-delinde", some, 1, "49"},
		"nothing the client takes part":   {"apotheek-dezon", some, 1, ""},
		"at the second platform":          {"ziekenhuis-noordzee", Client{}, 2, "52"},
		"nothing at that platform":        {"huisarts-delinde", Client{}, 2, ""},
		"to share":                        {"huisarts-delinde~53", Client{}, 1, "53"},
		"to share two at once":            {"kliniek-zon&zee~55 kliniek-zon&zee~60", Client{}, 1, ""},
		"to collect and share":            {"huisarts-delinde~49 huisarts-delinde~53", Client{}, 1, ""},
		"older form at a newer one":       {"ziekenhuis-noordzee~48 ziekenhuis-noordzee~46", Client{}, 1, "48 46"},
		"older form, other platform":      {"ziekenhuis-noordzee~48 ziekenhuis-noordzee~52", Client{}, 1, ""},
		"older form, not taking part":     {"ziekenhuis-noordzee~46", some, 1, ""},
		"1.4: one service":                {"oudehuisarts~49", Client{}, 1, "oudehuisarts~49"},
		"1.4: the whole provider":         {"oudehuisarts", Client{}, 1, ""},
		"1.4 and 2: the whole provider":   {"apotheek-dezon", Client{}, 1, "31 35"},
		"1.5: two services":               {"praktijk~49 praktijk~54", Client{}, 1, "praktijk~49 praktijk~54"},
		"1.5: the whole provider":         {"praktijk", Client{}, 1, ""},
		"the same twice":                  {"praktijk~49 praktijk~49", Client{}, 1, ""},
		"two providers":                   {"praktijk~49 huisarts-delinde~49", Client{}, 1, ""},
		"two names":                       {"huisarts-delinde apotheek-dezon", Client{}, 1, ""},
		"a name and a service":            {"huisarts-delinde huisarts-delinde~49", Client{}, 1, ""},
		"two spaces":                      {"praktijk~49  praktijk~54", Client{}, 1, ""},
		"unknown":                         {"nergens", Client{}, 1, ""},
		"nothing":                         {"", Client{}, 1, ""},
		"service not offered":             {"huisarts-delinde~48", Client{}, 1, ""},
		"no service":                      {"huisarts-delinde~", Client{}, 1, ""},
		"with its address":                {"huisarts-delinde@medmij", Client{}, 1, ""},
		"an ampersand":                    {"kliniek-zon&zee", Client{}, 1, "48 59"},
		"a subscription":                  {"subscribe~90/huisarts-delinde~49", Client{}, 1, "subscribe~90/huisarts-delinde~49"},
		"a subscription that is too long": {"subscribe~365/huisarts-delinde~49", Client{}, 1, "subscribe~180/huisarts-delinde~49"},
		"the end of a subscription":       {"subscribe~0/huisarts-delinde~49", Client{}, 1, "subscribe~0/huisarts-delinde~49"},
		"a subscription nobody gives":     {"subscribe~90/apotheek-dezon~35", Client{}, 1, ""},
		"a subscription to receiving":     {"subscribe~90/huisarts-delinde~53", Client{}, 1, ""},
		"a subscription of no length":     {"subscribe~x/huisarts-delinde~49", Client{}, 1, ""},
		"a subscription of less":          {"subscribe~-1/huisarts-delinde~49", Client{}, 1, ""},
		"a subscription and more":         {"subscribe~90/huisarts-delinde~49 huisarts-delinde", Client{}, 1, ""},
	} {
		a, ok := n.readScope(c.scope, c.client, c.platform)
		if ok != (c.answer != "") {
			t.Errorf("%s: understood is %t", name, ok)
			continue
		}
		if got := a.answer(a.services); ok && got != c.answer {
			t.Errorf("%s: answer %q, want %q", name, got, c.answer)
		}
	}
}

func TestTheWordOfARepresentativeComesLast(t *testing.T) {
	n := scopeNetwork(t)
	for scope, want := range map[string]string{
		"huisarts-delinde onbehalfofchild":     forChild,
		"huisarts-delinde onbehalfof":          forAdult,
		"praktijk~49 praktijk~54 onbehalfof":   forAdult,
		"onbehalfof huisarts-delinde":          "refused",
		"onbehalfofchild":                      "refused",
		"huisarts-delinde onbehalfofeverybody": "refused",
	} {
		a, ok := n.readScope(scope, Client{}, 1)
		if got := a.behalf; ok != (want != "refused") || (ok && got != want) {
			t.Errorf("%s: understood %t, for %q", scope, ok, got)
		}
	}
}

// No scope is granted for more than one provider, platform or direction.
func TestGrantedScopesStayWithinBounds(t *testing.T) {
	n := scopeNetwork(t)
	words := []string{"huisarts-delinde", "ziekenhuis-noordzee", "~49", "~48", "~52", "~53", " ", "onbehalfof", "subscribe~9/", "~57", "nergens"}
	rapid.Check(t, func(t *rapid.T) {
		scope := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 7).Draw(t, "words"), "")
		platform := rapid.IntRange(1, 2).Draw(t, "platform")
		a, ok := n.readScope(scope, Client{}, platform)
		if !ok {
			return
		}
		shared := 0
		for _, id := range a.services {
			if platformOf(a.provider, id) != platform {
				t.Fatalf("%q grants %s of the other platform", scope, id)
			}
			if n.world.service(id).Bundle != "" {
				shared++
			}
		}
		if shared > 0 && len(a.services) > 1 {
			t.Fatalf("%q grants sharing and more: %v", scope, a.services)
		}
	})
}

func TestVersionsAreComparedByNumber(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"2", "1.5"}: 1, {"1.4.0", "1.5"}: -1, {"1.5.0", "1.5"}: 0, {"1.10", "1.9"}: 1, {"2", "2"}: 0, {"x", "1"}: -1,
	} {
		if got := compareVersions(pair[0], pair[1]); (got > 0) != (want > 0) || (got < 0) != (want < 0) {
			t.Errorf("%s and %s: %d", pair[0], pair[1], got)
		}
	}
}

func TestTheAgeRule(t *testing.T) {
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		born  string
		child bool
		want  bool
	}{
		"nobody knows":          {"", false, true},
		"sixteen today":         {"2010-06-01", false, true},
		"sixteen tomorrow":      {"2010-06-02", false, false},
		"a child of eleven":     {"2014-06-02", true, true},
		"a child of twelve":     {"2014-06-01", true, false},
		"a grown-up as a child": {"1961-04-02", true, false},
	} {
		if got := oldEnough(Persona{BirthDate: c.born}, c.child, at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestPlaceholdersForSomethingUnique(t *testing.T) {
	once := string(fillUnique([]byte(`${UUID} ${UUID} ${RANDOM-10} ${RANDOM-11} ${patient}`), "a.json"))
	parts := strings.Fields(once)
	if !uuid4.MatchString(parts[0]) || !uuid4.MatchString(parts[1]) || parts[0] == parts[1] || len(parts[2]) != 10 {
		t.Errorf("filled in: %s", once)
	}
	if diff := cmp.Diff([]string{"${RANDOM-11}", "${patient}"}, parts[3:]); diff != "" {
		t.Errorf("what is not known stays (-want +got):\n%s", diff)
	}
	if again := string(fillUnique([]byte(`${UUID} ${UUID} ${RANDOM-10} ${RANDOM-11} ${patient}`), "a.json")); again != once {
		t.Error("another run fills in something else")
	}
}

func TestNumbersThatCouldBeABSN(t *testing.T) {
	for body, want := range map[string]bool{
		`{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"123456782"}]}`:         true,
		`{"resourceType":"Patient","identifier":[{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","value":"123456782"}]}`:            true,
		`{"resourceType":"Patient","identifier":[{"value":"123456782"}]}`:                                                         true,
		`{"resourceType":"Observation","comment":"nummer 123456782 van mij"}`:                                                     true,
		`{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990482"}]}`:         false,
		`{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/uzi-nr-pers","value":"123456782"}]}`: false,
		`{"resourceType":"Observation","comment":"nummer 123456789"}`:                                                             false, // the 11-test fails
		`{"resourceType":"Observation","valueQuantity":{"value":123456782}}`:                                                      false,
		`{"resourceType":"Binary","content":"AAAA/123456782/AAA"}`:                                                                false,
		`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:x:123456782"}]}`:                                                       true,
		`no JSON 123456782`: true,
		`no JSON`:           false,
	} {
		if got := realBSN(newRecord([]byte(body), 3).Resource, []byte(body)); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}
