package web

import (
	"runtime/debug"
	"testing"
)

// TestHelpSaysWhoMadeThis, inside and outside, and a vendor puts in their own.
func TestHelpSaysWhoMadeThis(t *testing.T) {
	ours := []string{"Over Bundel", "De makers van Bundel", "Apache 2.0", "https://github.com/bundel-pgo/bundel<", "https://github.com/bundel-pgo/bundel/issues", "Zet daar nooit iets over uw gezondheid bij."}
	text := pageAfter(t, "/hulp", nil)
	mustSay(t, text, ours...)
	mustNotSay(t, text, `href="https://`)
	c := newClient(t)
	c.desk.become(Locked)
	mustSay(t, bodyOf(t, c.do("GET", "/hulp", "")), ours...)

	own := About{Name: "Mijn <map>", Maker: "Voorbeeld B.V.", Version: "3.2", Licence: "Eigen", Source: "https://voorbeeld.example", Report: "hulp@voorbeeld.example"}
	s, err := New(Config{Desk: newStoryDesk(), Port: 8080, About: own})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.idle.Stop() })
	c.s = s
	mustSay(t, bodyOf(t, c.do("GET", "/hulp", "")), "Over Mijn &lt;map&gt;", "Voorbeeld B.V.", "3.2", "Eigen", "https://voorbeeld.example", "hulp@voorbeeld.example")
}

// TestWhatIsNotSaidIsFilledIn: one who names only where it is made, is reported to there.
func TestWhatIsNotSaidIsFilledIn(t *testing.T) {
	if got := (About{Source: "https://voorbeeld.example/pgo"}).filled().Report; got != "https://voorbeeld.example/pgo/issues" {
		t.Error(got)
	}
	if got := (About{Version: "1"}).filled(); got.Version != "1" || got.Name != "Bundel" || got.Source != project {
		t.Errorf("%+v", got)
	}
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3":       {Main: debug.Module{Version: "v1.2.3"}, Settings: commit},
		"0123456789ab": {Main: debug.Module{Version: "(devel)"}, Settings: commit},
		"":             {},
	} {
		if got := builtAs(info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
