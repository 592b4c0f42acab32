package mock_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestEveryQueryOfAnnasServicesHasItsCount(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	want := map[string][]int{ // matches in all, in the order of the table of services
		"huisarts-delinde 49":    {1, 6, 10, 2, 41, 10, 10},
		"apotheek-dezon 35":      {8},
		"ziekenhuis-noordzee 46": {38},
		"ziekenhuis-noordzee 48": {1, 1, 1, 1, 1, 6, 1, 0, 1, 1, 1, 1, 4, 1, 2, 1, 1, 1, 1, 1, 1, 7, 1, 3, 1, 1, 1, 2},
		"ziekenhuis-noordzee 51": {1, 4},
		"ziekenhuis-noordzee 63": {4},
	}
	for name, counts := range want {
		provider, id, _ := strings.Cut(name, " ")
		_, _, base := a.zal(provider, id)
		service, _ := medmij.ServiceByID(id)
		var got []int
		for _, q := range service.Queries {
			found := a.search(base, q.At(time.Now()))
			if found.Type != "searchset" || !strings.HasPrefix(found.Self, base+"/") {
				t.Errorf("%s %s: type %q, self link %q", name, q.Path, found.Type, found.Self)
			}
			got = append(got, found.Total)
		}
		if diff := cmp.Diff(counts, got); diff != "" {
			t.Errorf("%s: counts (-want +got):\n%s", name, diff)
		}
	}
}

func TestPagesGiveEverythingOnce(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, base := a.zal("huisarts-delinde", "49")
	const all = "Observation?code=https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen|"
	for query, size := range map[string]int{all: 10, all + "&_count=7": 7, all + "&_count=500": 10} {
		var ids []string
		found := a.search(base, query)
		for pages := 1; ; pages++ {
			if len(found.ids("match")) > size || pages > 20 {
				t.Fatalf("%d resources on page %d, want at most %d", len(found.ids("match")), pages, size)
			}
			ids = append(ids, found.ids("match")...)
			if found.Next == "" {
				break
			}
			found = a.search(base, strings.TrimPrefix(found.Next, base+"/"))
		}
		slices.Sort(ids)
		if len(ids) != found.Total || len(slices.Compact(ids)) != found.Total {
			t.Errorf("%d resources, %d of them different, total %d", len(ids), len(slices.Compact(ids)), found.Total)
		}
	}
}

func TestANextLinkIsForItsPatientAlone(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	next := a.search(base, "Observation").Next
	a.token = n.Personas[1].Token
	if res, _ := a.get(next, http.Header{"Authorization": {"Bearer " + a.token}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("another patient's next link: status %d", res.StatusCode)
	}
}

func TestTheTokenDecidesThePatient(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	a.token = n.Personas[1].Token
	if found := a.search(base, "Patient"); !slices.Equal(found.ids("match"), []string{"Patient/delinde-bram"}) {
		t.Errorf("Bram sees %v", found.ids("match"))
	}
	if found := a.search(base, "EpisodeOfCare"); found.Total != 0 {
		t.Errorf("Bram sees %d episodes of Anna", found.Total)
	}
	for path, want := range map[string]int{
		"Condition/delinde-cond-t90": http.StatusNotFound, "Organization/delinde-praktijk": http.StatusOK,
	} {
		if res, _ := a.fhir(base, path); res.StatusCode != want {
			t.Errorf("Bram reads %s: status %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestLastnGivesTheNewestOfEveryCode(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, base := a.zal("ziekenhuis-noordzee", "48")
	if got := a.search(base, "Observation/$lastn?code=http://loinc.org|85354-9").ids("match"); !slices.Equal(got, []string{"Observation/nz-rr-1"}) {
		t.Errorf("newest blood pressure: %v", got)
	}
	if got := a.search(base, "Observation/$lastn?code=http://loinc.org|85354-9&max=2").Total; got != 2 {
		t.Errorf("the two newest: %d", got)
	}
}

func TestIncludesGiveWhatIsReferredTo(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, gp := a.zal("huisarts-delinde", "49")
	_, _, r4 := a.zal("ziekenhuis-noordzee", "63")
	for _, c := range []struct {
		base, query string
		want        []string
	}{
		{gp, "Patient?_include=Patient:general-practitioner", []string{"Practitioner/delinde-lindeman", "PractitionerRole/delinde-role-lindeman"}},
		{gp, "Patient?_include=Patient:general-practitioner:PractitionerRole", []string{"PractitionerRole/delinde-role-lindeman"}},
		{
			gp, "Patient?_include=Patient:general-practitioner&_include:recurse=PractitionerRole:organization",
			[]string{"Organization/delinde-praktijk", "Practitioner/delinde-lindeman", "PractitionerRole/delinde-role-lindeman"},
		},
		{gp, "Patient", nil},
		{
			r4, "Immunization?_id=nz4-vacc-griep&_include=Immunization:location&_include:iterate=Location:managing-organization&_include=Immunization:patient",
			[]string{"Location/nz4-loc", "Organization/nz4-org", "Patient/nz4-pat-204417"},
		},
	} {
		got := a.search(c.base, c.query).ids("include")
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.query, diff)
		}
	}
}

func TestWhatNobodyAskedForComesAlong(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, hospital := a.zal("ziekenhuis-noordzee", "48")
	_, _, gp := a.zal("huisarts-delinde", "49")
	found := a.search(hospital, "Condition")
	if len(found.Outcomes) != 1 || found.Outcomes[0].Severity != "information" || found.Total != 6 {
		t.Errorf("outcomes %v, total %d", found.Outcomes, found.Total)
	}
	if got := a.search(gp, "Encounter").ids("include"); !slices.Equal(got, []string{"Huisartsnotitie/delinde-notitie-1"}) {
		t.Errorf("with the encounters: %v", got)
	}
}

func TestAnAgreementComesWithItsStop(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, base := a.zal("huisarts-delinde", "49")
	today := time.Now().Format(time.DateOnly)
	got := a.search(base, "MedicationRequest?periodofuse=ge"+today).ids("match")
	for _, id := range []string{"MedicationRequest/delinde-ma-omeprazol", "MedicationRequest/delinde-ma-omeprazol-stop"} {
		if !slices.Contains(got, id) {
			t.Errorf("%s is not in the answer", id)
		}
	}
}

func TestResourcesGoOutAsTheyAre(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, gp := a.zal("huisarts-delinde", "49")
	_, _, lab := a.zal("ziekenhuis-noordzee", "46")
	for path, want := range map[string]string{
		gp + "/Patient/delinde-anna": "999990482", gp + "/Patient": "999990482", // the receiver has to mask it
		lab + "/Observation?code=2823-3": "5.10",
	} {
		if _, body := a.get(path, http.Header{"Authorization": {"Bearer " + a.token}}); !strings.Contains(string(body), want) {
			t.Errorf("%s has no %s", path, want)
		}
	}
}

func TestBinaryRawAndAsResource(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, base := a.zal("ziekenhuis-noordzee", "51")
	for accept, want := range map[string]string{
		"application/fhir+json; fhirVersion=3.0": `"resourceType": "Binary"`,
		"application/pdf":                        "%PDF-1.4",
		"":                                       `"resourceType": "Binary"`,
	} {
		res, body := a.get(base+"/Binary/nz-bin-1", http.Header{"Authorization": {"Bearer " + a.token}, "Accept": {accept}})
		if res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("Accept %q: status %d, type %q", accept, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, gp := a.zal("huisarts-delinde", "49")
	_, _, hospital := a.zal("ziekenhuis-noordzee", "48")
	_, _, documents := a.zal("ziekenhuis-noordzee", "51")
	fixed := a.token
	_, answer := a.form(token, tokenForm(a.code(mock.Visitor{})))
	granted, _ := answer["access_token"].(string)
	for name, c := range map[string]struct {
		address, token, accept string
		status                 int
		code                   string
	}{
		"no token":               {gp + "/Patient", "", "", 401, "security"},
		"unknown token":          {gp + "/Patient", "x", "", 401, "security"},
		"token of another place": {hospital + "/Patient", granted, "", 403, "forbidden"},
		"other FHIR release":     {gp + "/Patient", fixed, "application/fhir+json; fhirVersion=4.0", 400, "not-supported"},
		"type not offered":       {gp + "/NutritionOrder", fixed, "", 404, "not-supported"},
		"unknown id":             {documents + "/Binary/onbekend", fixed, "", 404, "not-found"},
		"unknown operation":      {documents + "/DocumentReference/$", fixed, "", 400, "invalid"},
		"bad date":               {gp + "/Observation?date=gisteren", fixed, "", 400, "invalid"},
		"bad prefix":             {gp + "/Observation?date=xx2026-01-01", fixed, "", 400, "invalid"},
		"bad count":              {gp + "/Observation?_count=0", fixed, "", 400, "invalid"},
		"empty value":            {gp + "/Observation?code=", fixed, "", 400, "invalid"},
		"bad escape":             {gp + "/Observation?code=%zz", fixed, "", 400, "invalid"},
		"unknown next link":      {gp + "/Observation?_page=x", fixed, "", 404, "not-found"},
		"unknown provider":       {strings.Replace(gp, "huisarts-delinde", "nergens", 1) + "/Patient", fixed, "", 404, "not-found"},
		"service not offered":    {strings.Replace(gp, "/49/", "/48/", 1) + "/Patient", fixed, "", 404, "not-found"},
		"no such path":           {strings.TrimSuffix(gp, "/fhir"), fixed, "", 404, "not-found"},
	} {
		h := http.Header{"Accept": {c.accept}, "Medmij-Request-Id": {"r-1"}}
		if c.token != "" {
			h.Set("Authorization", "Bearer "+c.token)
		}
		res, body := a.get(c.address, h)
		if res.StatusCode != c.status || !strings.Contains(string(body), `"code":"`+c.code+`"`) {
			t.Errorf("%s: status %d, body %s", name, res.StatusCode, body)
		}
		if c.status == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
}

func TestTheSelfLinkHasWhatWasHandled(t *testing.T) {
	a := newApp(t, start(t, mock.Config{}))
	_, _, base := a.zal("huisarts-delinde", "49")
	self := a.search(base, "AllergyIntolerance?category=medication&onzin=1&_lastUpdated=ge2020-01-01").Self
	if self != base+"/AllergyIntolerance?category=medication" {
		t.Errorf("self link %s", self)
	}
}
