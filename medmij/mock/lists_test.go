package mock_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

func TestTheListsAreThoseOfTheDevelopmentForm(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	list := func(file string) *bytes.Reader {
		t.Helper()
		res, body := a.get(n.ListsURL+file+"?api=2", nil)
		if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/xml") {
			t.Fatalf("%s: status %d", file, res.StatusCode)
		}
		return bytes.NewReader(body)
	}
	w, err := medmij.ReadWhitelist(list(medmij.FileWhitelist), true)
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	for _, node := range w.Nodes {
		hosts = append(hosts, node.Hostname)
	}
	if want := []string{"stelselnode.medmij.localhost", "api.dva.medmij.localhost", "localhost", "pgo.medmij.localhost"}; !slices.Equal(hosts, want) {
		t.Errorf("whitelist %v", hosts)
	}
	if w.Number == 0 || w.When().IsZero() {
		t.Error("the whitelist has no stamp")
	}
	zal, err := medmij.ReadZAL(list(medmij.FileZAL), true)
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string][]string{}
	for _, p := range zal.Providers {
		for _, s := range p.Versions[0].Services {
			offered[p.Name] = append(offered[p.Name], s.ID)
		}
	}
	if diff := cmp.Diff(map[string][]string{
		"huisarts-delinde@medmij": {"49", "53"}, "apotheek-dezon@medmij": {"35"}, "ziekenhuis-noordzee@medmij": {"46", "48", "51", "63"},
	}, offered); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
	if ocl, err := medmij.ReadOCL(list(medmij.FileOCL), true); err != nil || ocl.Clients[0].Hostname != mock.DefaultClient {
		t.Errorf("client list: %v", err)
	}
	if gnl, err := medmij.ReadGNL(list(medmij.FileGNL)); err != nil || len(gnl.Services) != len(medmij.Services()) {
		t.Errorf("names: %v", err)
	}
}

func TestTheAddressBook(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, body := a.get(n.AddressBookURL, nil)
	var book []map[string]string
	if err := json.Unmarshal(body, &book); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"name": "huisarts-delinde", "display": "Huisartsenpraktijk De Linde", "kind": "gp", "street": "Lindelaan 3",
		"postcode": "9712 AB", "city": "Groningen", "agb": "01099999",
	}
	if diff := cmp.Diff(want, book[0]); diff != "" || len(book) != 3 {
		t.Errorf("%d entries, the first (-want +got):\n%s", len(book), diff)
	}
}

func TestOtherHostNamesAreRefused(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for _, address := range []string{n.ListsURL + "MedMij_Whitelist.xml", n.AdminURL + "/admin/requests", a.authorizeURL("huisarts-delinde")} {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "rebind.example"
		res, err := a.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s under another name: status %d", req.URL.Path, res.StatusCode)
		}
	}
}
