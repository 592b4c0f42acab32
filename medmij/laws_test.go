package medmij

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLawsOfEdits(t *testing.T) {
	word := rapid.StringMatching(`[a-e]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if edits(a, b, 3) != edits(b, a, 3) {
			t.Fatal("not the same in both directions")
		}
		if (edits(a, b, 3) == 0) != (a == b) {
			t.Fatal("zero is for the same word only")
		}
		if d := edits(a, b, 30); d < max(len(a)-len(b), len(b)-len(a)) || d > max(len(a), len(b)) {
			t.Fatalf("%d is impossible", d)
		}
		if small, large := edits(a, b, 2), edits(a, b, 30); small <= 2 && small != large {
			t.Fatal("the limit changes the outcome")
		}
	})
}

func TestLawsOfVersions(t *testing.T) {
	version := rapid.StringMatching(`[0-9]{1,2}(\.[0-9]{1,2}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := version.Draw(t, "a"), version.Draw(t, "b")
		if compareVersions(a, b) != -compareVersions(b, a) {
			t.Fatal("not the opposite in the other direction")
		}
		if compareVersions(a, a+".0") != 0 {
			t.Fatal("a zero at the end changes a version")
		}
	})
}

// Whatever a provider writes in a scope, nothing is granted that was not asked.
func TestLawsOfScopes(t *testing.T) {
	item := rapid.SampledFrom([]string{"48", "49", "99", "huisarts-delinde~49", "huisarts-delinde~99", "apotheek~48", "x", "~48", "huisarts-delinde@medmij~48"})
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(item, 0, 6).Draw(t, "items")
		l := Login{Connection: connection("48", "49", "51"), Services: []string{"48", "49"}}
		granted, err := grantedServices(l, strings.Join(items, " "))
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range granted {
			if !slices.Contains(l.Services, id) || slices.Contains(granted[:i], id) {
				t.Fatalf("granted %v", granted)
			}
		}
		if len(items) == 0 && len(granted) != 2 {
			t.Fatal("no scope is what was asked")
		}
		if slices.Equal(items, []string{"apotheek~48"}) && len(granted) != 0 {
			t.Fatal("another provider's scope is granted")
		}
	})
}

// A provider is always found by its own name.
func TestLawsOfSearch(t *testing.T) {
	d := manyProviders(300)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(d.index.providers)-1).Draw(t, "i")
		p := d.index.providers[i]
		if !slices.Contains(names(d.Search(bareName(p.Name), 300)), p.Name) {
			t.Fatalf("%s does not find itself", p.Name)
		}
		if !slices.Contains(names(d.Search(strings.ToUpper(p.Display)+" "+p.Postcode, 300)), p.Name) {
			t.Fatalf("%s %s does not find it", p.Display, p.Postcode)
		}
	})
}

// The address of a query is what the table says, apart from what may not be in
// an address as it is.
func TestEveryQueryOfTheTableHasAnAddress(t *testing.T) {
	for _, base := range []string{apiBase, apiBase + "/", "https://" + apiHost + "//fhir", "https://" + apiHost + ":8443/a/b"} {
		for _, s := range Services() {
			for _, q := range s.Queries {
				p := paging{origin: base, limit: 1}
				u, err := p.first(q.Path)
				if err != nil {
					t.Fatalf("%s: %v", q.Path, err)
				}
				plain, err := url.QueryUnescape(u.String())
				if err != nil || plain != strings.TrimRight(base, "/")+"/"+q.Path {
					t.Errorf("%s becomes %s", q.Path, u)
				}
				if strings.ContainsAny(u.RawQuery, "| ") {
					t.Errorf("%s is not encoded", u)
				}
			}
		}
	}
}

func TestConnectionIDsAreStableAndApart(t *testing.T) {
	a := connection("48", "49")
	b := a
	b.Token += "2"
	c := connection("48")
	c.Dialect = Dialect12
	d := connection("49")
	d.Dialect = Dialect12
	ids := []string{a.ID(), b.ID(), c.ID(), d.ID()}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 4 {
		t.Errorf("connections share an id: %v", ids)
	}
	if a.ID() != connection("51").ID() {
		t.Error("the id changes with the services of the provider")
	}
	if ok := regexp.MustCompile(`^huisarts-delinde-[0-9a-f]{8}$`).MatchString(a.ID()); !ok {
		t.Errorf("id %s", a.ID())
	}
}

func TestAFixedTokenIsNotMistakenForTheOneBefore(t *testing.T) {
	s := newSetup(t, always(200, bundle("")))
	for i := range 2 {
		g, err := FixedToken(connection("46"), fmt.Sprint("fixed-", i))
		if err != nil {
			t.Fatal(err)
		}
		fetchOne(t, s, g)
		if _, err := s.Succeeded(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range s.net.requests() {
		if r.header("Authorization") != fmt.Sprint("Bearer fixed-", i) {
			t.Errorf("request %d has another token", i)
		}
	}
}
