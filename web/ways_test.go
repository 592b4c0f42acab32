package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/share"
)

// TestALinkIsAsTheFormSays, and none is made of a form that does not say it all.
func TestALinkIsAsTheFormSays(t *testing.T) {
	for _, tc := range []struct {
		name, path, form string
		want             *LinkWish
	}{
		{"everything", "/nieuw", "wat=alles&naam=Piet&tijd=maand&keer=vrij", &LinkWish{Name: "Piet", Life: 30 * 24 * time.Hour, Lang: "nl"}},
		{"as it stands", "/nieuw", "wat=alles&naam=Piet&tijd=uur&keer=een&cijfers=ja", &LinkWish{Name: "Piet", Life: time.Hour, Openings: 1, Passcode: true, Lang: "nl"}},
		{"for somebody", "/nieuw", "wat=" + sourceKey(storyGP) + "&naam=Arts&tijd=dag&keer=vijf", &LinkWish{Audience: storyGP, Name: "Arts", Life: 24 * time.Hour, Openings: 5, Lang: "nl"}},
		{"a code", "/code", "wat=alles&naam=Piet&geboren=1961-04-02", &LinkWish{Name: "Piet", BirthDate: "1961-04-02", Lang: "nl"}},
		{"for nobody we know", "/nieuw", "wat=xyz&naam=Piet&tijd=uur&keer=een", nil},
		{"without a name", "/nieuw", "wat=alles&tijd=uur&keer=een", nil},
		{"without a choice", "/nieuw", "naam=Piet&tijd=uur&keer=een", nil},
		{"for ever", "/nieuw", "wat=alles&naam=Piet&tijd=altijd&keer=een", nil},
		{"a code without a date", "/code", "wat=alles&naam=Piet", nil},
		{"a date to come", "/code", "wat=alles&naam=Piet&geboren=2061-04-02", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			res := c.do("POST", linkHome+tc.path, tc.form)
			if (res.StatusCode == http.StatusSeeOther) != (tc.want != nil) {
				t.Fatal(res.Status)
			}
			var want []LinkWish
			if tc.want != nil {
				want = []LinkWish{*tc.want}
			}
			if !cmp.Equal(want, c.desk.ways.wishes) {
				t.Errorf("%d wishes, or another one", len(c.desk.ways.wishes))
			}
		})
	}
}

// TestSecretsDoNotShowThemselves in texts or logs.
func TestSecretsDoNotShowThemselves(t *testing.T) {
	l := storyLinks()[0]
	for _, got := range []string{fmt.Sprintf("%v %+v %#v", l, l, &l), l.LogValue().String(), fmt.Sprint(LinkWish{BirthDate: "1961-04-02"}, FileWish{Code: "geheim"})} {
		if strings.Contains(got, l.Passcode) || strings.Contains(got, "1961") || strings.Contains(got, "geheim") {
			t.Errorf("shows %q", got)
		}
	}
}

// TestAFileFromAnotherSiteIsRefused: the form with a file has the guards of every
// other one.
func TestAFileFromAnotherSiteIsRefused(t *testing.T) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("naam", "Fysio")
	part, _ := w.CreateFormFile("bestand", "a.pdf")
	_, _ = part.Write([]byte("%PDF-1.4"))
	_ = w.Close()
	kind := header("Content-Type", w.FormDataContentType())
	c := newClient(t)
	if res := c.do("POST", uploadFrom("d"), form.String(), kind); res.StatusCode != http.StatusUnauthorized {
		t.Error("without a session:", res.Status)
	}
	c.unlock()
	for _, site := range []string{"cross-site", "same-site", "none"} {
		if res := c.do("POST", uploadFrom("d"), form.String(), kind, header("Sec-Fetch-Site", site), header("Sec-Fetch-Dest", "image")); res.StatusCode != http.StatusForbidden {
			t.Error(site, res.Status)
		}
	}
	if len(c.desk.post.added) != 0 {
		t.Fatal("it was kept")
	}
	if res := c.do("POST", uploadFrom("d"), form.String(), kind); res.StatusCode != http.StatusSeeOther || c.desk.post.added["Fysio"] != 8 {
		t.Error("from here:", res.Status)
	}
}

// TestAFileLeadsBackToWhereItWasAdded, and what is wrong with it is told with
// the name kept.
func TestAFileLeadsBackToWhereItWasAdded(t *testing.T) {
	c := newClient(t).unlock()
	post := func(path, title string, data []byte) *http.Response {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		_ = w.WriteField("naam", title)
		part, _ := w.CreateFormFile("bestand", "a.pdf")
		_, _ = part.Write(data)
		_ = w.Close()
		return c.do("POST", path, form.String(), header("Content-Type", w.FormDataContentType()))
	}
	for path, want := range map[string]string{
		uploadPath: "/e/klaar", uploadFrom("b"): "/b?eigen", uploadFrom("d"): sendHome + "?ok", uploadFrom("//evil.example"): "/e/klaar",
	} {
		if got := post(path, "Fysio", []byte("%PDF-1.4")).Header.Get("Location"); got != want {
			t.Errorf("%s leads to %q", path, got)
		}
	}
	mustSay(t, bodyOf(t, post(uploadFrom("b"), "Fysio 2", nil)), "Dit bestand is leeg.", `value="Fysio 2"`, "van=b")
	mustSay(t, bodyOf(t, post(uploadPath, "Fysio 2", make([]byte, 10<<20+1))), "Dit bestand is groter dan 10 MB.", `value="Fysio 2"`)
	mustSay(t, bodyOf(t, post(uploadFrom("b"), "Fysio 2", make([]byte, 12<<20))), "Dit bestand is groter dan 10 MB.", "van=b")
	mustSay(t, bodyOf(t, post(uploadPath, " ", []byte("%PDF-1.4"))), "Vul dit in.")
	if len(c.desk.post.added) != 1 {
		t.Errorf("%d files were kept", len(c.desk.post.added))
	}
	if res := c.do("GET", "/e/"+kindNumber(OwnDocument), ""); res.StatusCode != http.StatusNotFound {
		t.Error("a file has another form:", res.Status)
	}
}

// TestNothingUnseenIsSent: without the checksum of what was shown no login begins.
func TestNothingUnseenIsSent(t *testing.T) {
	c := newClient(t).unlock()
	to := "aan=" + sourceKey(storyHospital) + "&soort=1"
	mustSay(t, bodyOf(t, c.do("POST", "/d/stuur", to)), "Er is iets veranderd")
	mustSay(t, bodyOf(t, c.do("POST", "/d/stuur", "aan=x&soort=1&som=0")), "kennen wij niet")
	if len(c.desk.post.begun) != 0 {
		t.Fatal("a login began")
	}
	c.do("POST", "/d/stuur", to+"&som=abc&weer=ja&ding=x")
	want := []Parcel{{Kind: share.KindMeasurements, Recipient: storyHospital, Items: []string{"x"}, Again: true, Digest: "abc"}}
	if diff := cmp.Diff(want, c.desk.post.begun); diff != "" {
		t.Error(diff)
	}
}

// TestWithoutARelayThereAreOtherWays, named before what is technical; links that
// are open stay in sight.
func TestWithoutARelayThereAreOtherWays(t *testing.T) {
	for _, none := range []bool{true, false} {
		c := newClient(t).unlock()
		c.desk.ways.noRelay = true
		if !none {
			withLinks(c.desk)
		}
		page := bodyOf(t, c.do("GET", linkHome, ""))
		mustSay(t, page, `href="`+fileHome+`"`, `href="/p"`, "--relay")
		if got := strings.Contains(page, "Geef een bestand, of geef het op papier."); got != none {
			t.Errorf("answers with the other ways: %v", got)
		}
		if strings.Index(page, "--relay") < strings.LastIndex(page, `href="/p"`) && none {
			t.Error("what is technical comes first")
		}
		mustNotSay(t, page, `href="`+linkHome+`/nieuw"`)
	}
}
