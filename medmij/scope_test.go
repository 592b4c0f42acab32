package medmij

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestScopesOfAllDialects(t *testing.T) {
	for text, want := range map[string]Scope{
		"huisarts-delinde":                           {Provider: "huisarts-delinde"},
		"kliniek-zon&zee":                            {Provider: "kliniek-zon&zee"},
		"huisarts-delinde~53":                        {Provider: "huisarts-delinde", Services: []string{"53"}},
		"huisarts-delinde~48 huisarts-delinde~49":    {Provider: "huisarts-delinde", Services: []string{"48", "49"}},
		"subscribe~90/huisarts-delinde~48":           {Provider: "huisarts-delinde", Services: []string{"48"}, Subscription: true, Days: 90},
		"subscribe~0/huisarts-delinde~48":            {Provider: "huisarts-delinde", Services: []string{"48"}, Subscription: true},
		"huisarts-delinde onbehalfof":                {Provider: "huisarts-delinde", OnBehalfOf: OnBehalfOf},
		"huisarts-delinde~48 onbehalfofchild":        {Provider: "huisarts-delinde", Services: []string{"48"}, OnBehalfOf: OnBehalfOfChild},
		"subscribe~9/huisarts-delinde~48 onbehalfof": {Provider: "huisarts-delinde", Services: []string{"48"}, Subscription: true, Days: 9, OnBehalfOf: OnBehalfOf},
	} {
		got, err := ParseScope(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestWhatIsNoScope(t *testing.T) {
	for _, text := range []string{
		"", " ", "onbehalfof", "onbehalfof onbehalfofchild", "a b", "a~1 b~2", "a~1 a", "a a~1", "a~", "~1", "a~x", "a~1~2", "a  a~1",
		"subscribe~90/a", "subscribe~/a~1", "subscribe~x/a~1", "subscribe~-1/a~1", "subscribe~1/a~1 a~2", "a~1 subscribe~1/a~2",
		"subscribe~1234567/a~1", "a~1\n", "a/b",
	} {
		if got, err := ParseScope(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		} else if text != "" && strings.TrimSpace(text) != "" && strings.Contains(err.Error(), text) && len(text) > 2 {
			t.Errorf("the error repeats %q", text)
		}
	}
}

// What is asked can be read back, in every dialect.
func TestLawOfWrittenScopes(t *testing.T) {
	name := rapid.StringMatching(`[a-z]{1,8}[0-9]{0,4}([-&.][a-z]{1,8}[0-9]{0,4}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		conn := connection()
		conn.Provider = name.Draw(t, "name") + rapid.SampledFrom([]string{"", "@medmij"}).Draw(t, "ending")
		conn.Dialect = rapid.SampledFrom([]Dialect{Dialect2, Dialect15, Dialect12}).Draw(t, "dialect")
		purpose := rapid.SampledFrom([]Direction{Collect, Share}).Draw(t, "purpose")
		services := rapid.SliceOfN(rapid.StringMatching(`[0-9]{1,30}`), 1, 4).Draw(t, "services")
		got, err := ParseScope(scopeFor(conn, purpose, services))
		want := Scope{Provider: bareName(conn.Provider), Services: services}
		if purpose == Collect && conn.Dialect == Dialect2 {
			want.Services = nil
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
	})
}

func TestBirthDates(t *testing.T) {
	if got, err := ParseBirthDate("20190229"); err == nil {
		t.Errorf("29 February 2019 is %v", got)
	}
	for _, text := range []string{"", "2019-02-28", "190228", "20191301", "20190228 ", "x0190228"} {
		if _, err := ParseBirthDate(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
	got, err := ParseBirthDate("20200229")
	if err != nil || !got.Equal(time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzScope(f *testing.F) {
	f.Add("huisarts-delinde~48 huisarts-delinde~49 onbehalfof")
	f.Add("subscribe~90/huisarts-delinde~48")
	l := Login{Connection: connection("48", "49"), Services: []string{"48", "49"}}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScope(text)
		if err == nil && (s.Provider == "" || s.Subscription && len(s.Services) != 1) {
			t.Errorf("%+v", s)
		}
		granted, err := grantedServices(l, text)
		if err == nil && len(granted) > 2 {
			t.Errorf("granted %v", granted)
		}
	})
}
