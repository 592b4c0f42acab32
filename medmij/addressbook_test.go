package medmij

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrettyNames(t *testing.T) {
	for name, want := range map[string]string{
		"huisarts-delinde@medmij": "Huisarts Delinde", "kliniek-zon&zee@medmij": "Kliniek Zon & Zee",
		"umc.noord2": "Umc Noord2", "@medmij": "",
	} {
		if got := prettyName(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, want := range map[string]string{"apothekersgroep": "pharmacy", "umcnoord": "hospital", "huisartsen": "gp", "fysio": "other"} {
		if got := kindOf(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAddressBook(t *testing.T) {
	book, err := ReadAddressBook(strings.NewReader(`[{"name":"huisarts-delinde","display":"De Linde","kind":"gp","street":"Lindelaan 3","postcode":"9712 AB","city":"Groningen","agb":"01099999","codes":[{"kind":"KVK","value":"90000001"}]}]`))
	want := []Address{{
		Name: "huisarts-delinde", Display: "De Linde", Kind: "gp", Street: "Lindelaan 3", Postcode: "9712 AB", City: "Groningen",
		AGB: "01099999", Codes: []Code{{"KVK", "90000001"}},
	}}
	if diff := cmp.Diff(want, book); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := ReadAddressBook(strings.NewReader("{")); err == nil {
		t.Error("half an address book is accepted")
	}
}

func readZAKL(t *testing.T, raw string) *ZAKL {
	t.Helper()
	z, err := ReadZAKL(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTheOfficialExampleOfTheZAKLIsRead(t *testing.T) {
	z := readZAKL(t, string(shared(t, "lists", "MedMij_Zorgaanbiederskoppellijst_example.5.1.xml")))
	var got []string
	for _, p := range z.Providers {
		for _, c := range p.Codes {
			got = append(got, c.AGB+"/"+c.URA+"/"+c.OIN)
		}
	}
	if z.Number != 13 || len(z.Providers) != 2 || len(got) != 3 || got[0] == "//" || got[1] == "//" || got[2] == "//" {
		t.Errorf("number %d, %d providers, %v", z.Number, len(z.Providers), got)
	}
}

// There is no schema: what joining needs is checked, the rest is skipped.
func TestReadZAKL(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as it is", "", "", true},
		{"an unknown number", "<AGB>90099999</AGB>", "<BIG>1</BIG>", true},
		{"an unknown element", "<IdentificerendeKenmerken>", "<Extra><Zorgaanbiedernaam>x</Zorgaanbiedernaam></Extra><IdentificerendeKenmerken>", true},
		{"no numbers", goodZAKL[strings.Index(goodZAKL, "<IdentificerendeKenmerken>"):strings.Index(goodZAKL, "<Gegevensdiensten>")], "", true},
		{"an attribute", "<AGB>", `<AGB soort="a">`, true},
		{"no name", "<Zorgaanbiedernaam>kliniek-zon&amp;zee@medmij</Zorgaanbiedernaam>", "", false},
		{"two names", "<IdentificerendeKenmerken>", "<Zorgaanbiedernaam>eerste@medmij</Zorgaanbiedernaam><IdentificerendeKenmerken>", false},
		{"an endless number", "90099999", strings.Repeat("9", 51), false},
		{"an empty number", "90099999", "", false},
		{"another namespace", "Zorgaanbiederskoppellijst/release1", "zorgaanbiederskoppellijst/release1", false},
		{"no Volgnummer", "<Volgnummer>12</Volgnummer>", "", false},
		{"a DOCTYPE", "<Zorgaanbiederskoppellijst ", "<!DOCTYPE x><Zorgaanbiederskoppellijst ", false},
		{"unknown elements in one another", "<IdentificerendeKenmerken>", strings.Repeat("<a>", 30) + strings.Repeat("</a>", 30) + "<IdentificerendeKenmerken>", true},
		{"too many in one another", "<IdentificerendeKenmerken>", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "<IdentificerendeKenmerken>", false},
	} {
		e := edit{c.name, "ZAKL", c.old, c.new, ""}
		if err := readAny("ZAKL", e.apply(t)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The address book stays the source of names; the ZAKL adds numbers to it.
func TestNumbersFindAProvider(t *testing.T) {
	raw := strings.Replace(goodZAKL, "<AGB>90099999</AGB>", "<AGB>90099999</AGB></IdentificerendKenmerk><IdentificerendKenmerk><KVK>90000002</KVK>", 1)
	zakl := readZAKL(t, raw)
	book := []Address{{Name: "kliniek-zon&zee@medmij", Display: "Kliniek Zon en Zee", City: "Zandvoort"}}
	zal := &ZAL{Providers: []ListedProvider{{Name: "kliniek-zon&zee@medmij"}, {Name: "huisarts-debeuk@medmij"}}}
	for name, addresses := range map[string][]Address{"in the book": book, "not in the book": nil} {
		d := NewDirectory(nil, zal, nil, nil, zakl.Join(addresses))
		for _, number := range []string{"90099999", "00099998", "90000002"} {
			found := d.Search(number, 5)
			if len(found) != 1 || found[0].Name != "kliniek-zon&zee@medmij" || found[0].AGB != "90099999" {
				t.Errorf("%s, %s: %+v", name, number, found)
			}
		}
		p, _ := d.Provider("kliniek-zon&zee")
		want := []Code{{"AGB", "90099999"}, {"KVK", "90000002"}, {"URA", "00099998"}}
		if diff := cmp.Diff(want, p.Codes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if name == "in the book" && (p.Display != "Kliniek Zon en Zee" || p.City != "Zandvoort") || name != "in the book" && p.Display != "Kliniek Zon & Zee" {
			t.Errorf("%s: shown as %s", name, p.Display)
		}
		if found := d.Search("99999999", 5); len(found) > 0 {
			t.Errorf("%s: a number of nobody finds %v", name, names(found))
		}
	}
	if book[0].AGB != "" || book[0].Codes != nil {
		t.Error("the book was changed")
	}
	if joined := (*ZAKL)(nil).Join(book); !cmp.Equal(joined, book) {
		t.Errorf("no list: %+v", joined)
	}
	twice := zakl.Join(zakl.Join(book))
	if len(twice) != 1 || len(twice[0].Codes) != 3 || slices.Contains(twice[0].Codes, Code{}) {
		t.Errorf("joined twice: %+v", twice)
	}
}

func FuzzReadZAKL(f *testing.F) {
	for _, seed := range []string{goodZAKL, "<a", goodZAL} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		z, err := ReadZAKL(strings.NewReader(raw))
		if err != nil {
			return
		}
		for _, a := range z.Join(nil) {
			if !namePattern3.MatchString(a.Name + "@medmij") {
				t.Fatalf("name %q passed", a.Name)
			}
			for _, c := range a.Codes {
				if c.Value == "" || !slices.Contains(codeKinds(), c.Kind) {
					t.Fatalf("code %+v passed", c)
				}
			}
		}
	})
}
