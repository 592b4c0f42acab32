package mock_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

var numberOf = regexp.MustCompile(`<Volgnummer>(\d+)<`)

func (a *app) list(file string) (string, int) {
	a.Helper()
	res, body := a.get(a.net.ListsURL+file+"?api=2", nil)
	if res.StatusCode != http.StatusOK {
		a.Fatalf("list %s: status %d", file, res.StatusCode)
	}
	number := 0
	if m := numberOf.FindSubmatch(body); m != nil {
		number, _ = strconv.Atoi(string(m[1]))
	}
	return string(body), number
}

// withoutNumber is a list but for what says which edition it is.
func withoutNumber(list string) string { return numberOf.ReplaceAllString(list, "") }

func TestListFaultsMakeListsThatAreRefused(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	refused := map[string]func(string) error{
		"list:whitelist": func(s string) error { _, err := medmij.ReadWhitelist(strings.NewReader(s), true); return err },
		"list:providers": func(s string) error { _, err := medmij.ReadZAL(strings.NewReader(s), true); return err },
		"list:clients":   func(s string) error { _, err := medmij.ReadOCL(strings.NewReader(s), true); return err },
		"list:services":  func(s string) error { _, err := medmij.ReadGNL(strings.NewReader(s)); return err },
	}
	files := map[string]string{
		"list:whitelist": medmij.FileWhitelist, "list:providers": medmij.FileZAL, "list:clients": medmij.FileOCL, "list:services": medmij.FileGNL,
	}
	for on, read := range refused {
		clean, _ := a.list(files[on])
		if err := read(clean); err != nil {
			t.Fatalf("%s: the good list is refused: %v", on, err)
		}
		for kind, values := range map[string][]string{
			"not-xml": {"html", "cut", "empty"}, "namespace": {"other", "list"}, "doctype": {"plain", "entities"},
			"xsd-invalid": {"number", "duplicate", "attribute", "order", "element"},
		} {
			for _, value := range values {
				set(t, n, mock.Fault{On: on, Kind: kind, Value: value})
				if bad, _ := a.list(files[on]); read(bad) == nil {
					t.Errorf("%s %s %s: the list is good", on, kind, value)
				}
			}
		}
		set(t, n)
		if after, _ := a.list(files[on]); withoutNumber(after) != withoutNumber(clean) {
			t.Errorf("%s: the list is not what it was", on)
		}
	}
}

// TestAChangedListIsANewEdition: a client that remembers the number takes every
// list but the one that is rolled back.
func TestAChangedListIsANewEdition(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	clean, first := a.list(medmij.FileZAL)
	set(t, n, mock.Fault{On: "list:providers", Kind: "drop", Value: "apotheek-dezon", Times: 1})
	dropped, second := a.list(medmij.FileZAL)
	after, third := a.list(medmij.FileZAL)
	if !(first < second && second < third) || withoutNumber(after) != withoutNumber(clean) {
		t.Errorf("numbers %d, %d, %d", first, second, third)
	}
	if strings.Contains(dropped, "apotheek-dezon") || !strings.Contains(dropped, "huisarts-delinde") {
		t.Error("not the pharmacy alone was dropped")
	}
	set(t, n, mock.Fault{On: "list:providers", Kind: "rollback"})
	if _, number := a.list(medmij.FileZAL); number >= first {
		t.Errorf("number %d after %d is no rollback", number, first)
	}
	n.Reset()
	if _, number := a.list(medmij.FileZAL); number <= third {
		t.Errorf("number %d after a reset, it was %d", number, third)
	}
}

func TestDroppingTakesOutOneThing(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	for name, c := range map[string]struct {
		file   string
		fault  mock.Fault
		gone   string
		stands []string
	}{
		"a host":              {medmij.FileWhitelist, mock.Fault{On: "list:whitelist", Value: "localhost"}, "<Hostname>localhost<", []string{"api.dva", "pgo."}},
		"a provider":          {medmij.FileZAL, mock.Fault{On: "list:providers", Value: "huisarts-delinde"}, "huisarts-delinde", []string{"apotheek-dezon", "noordzee"}},
		"a service":           {medmij.FileZAL, mock.Fault{On: "list:providers", Value: "48", Provider: "ziekenhuis-noordzee"}, "<GegevensdienstId>48<", []string{"Id>46<", "Id>51<"}},
		"a client":            {medmij.FileOCL, mock.Fault{On: "list:clients", Value: mock.DefaultClient}, mock.DefaultClient, nil},
		"a name of a service": {medmij.FileGNL, mock.Fault{On: "list:services", Value: "49"}, "<GegevensdienstId>49<", []string{"Id>48<", "Id>50<"}},
	} {
		c.fault.Kind = "drop"
		set(t, n, c.fault)
		list, _ := a.list(c.file)
		if strings.Contains(list, c.gone) {
			t.Errorf("%s is still there", name)
		}
		for _, s := range c.stands {
			if !strings.Contains(list, s) {
				t.Errorf("%s took %s along", name, s)
			}
		}
	}
}

func TestAnEndpointFaultIsOfOneProvider(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	set(t, n, mock.Fault{On: "list:providers", Kind: "endpoint", Value: "ip", Provider: "apotheek-dezon"})
	list, _ := a.list(medmij.FileZAL)
	if got := strings.Count(list, "192.0.2.7"); got != 1 {
		t.Errorf("%d addresses changed, the pharmacy has one service", got)
	}
}

func TestAHugeListIsNotMadeInMemory(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	set(t, n, mock.Fault{On: "list:whitelist", Kind: "doctype", Value: "huge"})
	res, err := a.http.Get(n.ListsURL + medmij.FileWhitelist)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf, read := make([]byte, 1<<20), 0
	for read < 8<<20 {
		got, err := res.Body.Read(buf)
		if err != nil {
			t.Fatalf("it ends after %d bytes: %v", read, err)
		}
		read += got
	}
}

func TestStaleListsSayWhenTheyWereMade(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	set(t, n, mock.Fault{On: "list", Kind: "stale"})
	list, _ := a.list(medmij.FileWhitelist)
	w, err := medmij.ReadWhitelist(strings.NewReader(list), true)
	if err != nil || n.Now().Sub(w.When()).Hours() < 27*24 {
		t.Errorf("made at %v (%v)", w.When(), err)
	}
	kinds := slices.Collect(func(yield func(string) bool) {
		for _, e := range n.Requests("list:whitelist") {
			if !yield(e.Fault) {
				return
			}
		}
	})
	if !slices.Equal(kinds, []string{"stale"}) {
		t.Errorf("recorded %v", kinds)
	}
}
