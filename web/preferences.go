package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"
)

// lookCookie carries how the pages look to the pages outside the vault. Its name
// is the same in every instance, so that it is there before the vault is open; it
// says light or dark, and nothing of the person.
const lookCookie = "bundel_weergave"

// longestLook is how long a browser keeps it.
const longestLook = 365 * 24 * time.Hour

// The words of the cookie, beside the colours and the languages.
const (
	lookLarge    = "groot"
	lookContrast = "contrast"
)

// cookie writes how the pages look in words with dots; empty for the zero value.
func (p Preferences) cookie() string {
	var words []string
	for _, w := range [...]struct {
		word string
		on   bool
	}{{p.Colour, p.Colour != ""}, {lookLarge, p.Large}, {lookContrast, p.Contrast}, {p.Lang, p.Lang != ""}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ".")
}

// Class are the classes of the page for it.
func (p Preferences) Class() string {
	var all []string
	if p.Large {
		all = append(all, "large")
	}
	if p.Contrast {
		all = append(all, "sharp")
	}
	return strings.Join(all, " ")
}

// readLook reads the words of the cookie that it knows.
func readLook(cookie string) Preferences {
	var p Preferences
	for word := range strings.SplitSeq(cookie, ".") {
		switch word {
		case ColourLight, ColourDark:
			p.Colour = word
		case lookLarge:
			p.Large = true
		case lookContrast:
			p.Contrast = true
		case "nl", "en":
			p.Lang = word
		}
	}
	return p
}

// lookOf is what the browser behind r kept.
func lookOf(r *http.Request) string {
	c, err := r.Cookie(lookCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// recall reads what the person prefers. Without an answer things stay as they
// are: the page that was asked for meets the same trouble and says so. A language
// that was chosen before there was a vault goes on until one is chosen in it.
func (s *Server) recall(r *http.Request) {
	p, err := s.Desk.Preferences(r.Context())
	if err != nil {
		return
	}
	p.Lang = cmp.Or(p.Lang, readLook(lookOf(r)).Lang)
	s.prefer(p)
	if s.lang.Load() == "" {
		s.lang.Store(p.Lang)
	}
}

// prefer makes the pages as the person wants them.
func (s *Server) prefer(p Preferences) { s.prefs.Store(&p) }

// preferences are those of the person once the vault was open, and what the
// browser kept until then.
func (s *Server) preferences(cookie string) Preferences {
	if p := s.prefs.Load(); p != nil {
		return *p
	}
	return readLook(cookie)
}

// idleAfter is after how long without a request the vault closes.
func (s *Server) idleAfter() time.Duration {
	if p := s.prefs.Load(); p != nil && p.Idle > 0 {
		return p.Idle
	}
	return s.Idle
}

// keepLook gives the browser what it should remember, when that is not what it
// sent: locking wipes all cookies, and another browser may have chosen.
func keepLook(w http.ResponseWriter, v *view) {
	look := v.look.cookie()
	if look == v.kept {
		return
	}
	c := http.Cookie{Name: lookCookie, Value: look, Path: "/", MaxAge: int(longestLook.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if look == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, &c)
}

// speak changes the language of the pages. Inside the vault it is kept there, and
// outside it in the browser.
func (v *view) speak(ctx context.Context, w http.ResponseWriter, inside bool, lang string) error {
	v.s.lang.Store(lang)
	if !inside {
		v.look.Lang = lang
		keepLook(w, v)
		return nil
	}
	p, err := v.s.Desk.Preferences(ctx)
	if err != nil || p.Lang == lang {
		return err
	}
	p.Lang = lang
	return v.setPreferences(ctx, p)
}

// setPreferences keeps what the person prefers, and does it.
func (v *view) setPreferences(ctx context.Context, p Preferences) error {
	if err := v.s.Desk.SetPreferences(ctx, p); err != nil {
		return err
	}
	v.s.prefer(p)
	v.s.touch()
	return nil
}
