package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// idleMinutes are the times after which the vault can close by itself.
var idleMinutes = [...]int{5, 10, 15, 30}

// lookNow says how the pages look.
func (v *view) lookNow() string {
	now := []string{v.T("set.colour." + cmp.Or(v.look.Colour, "auto"))}
	if v.look.Large {
		now = append(now, v.T("set.size.large"))
	}
	if v.look.Contrast {
		now = append(now, v.T("set.contrast.more"))
	}
	return dotted(append(now, v.T("set.lang."+v.Lang))...)
}

// lookPage asks how the pages should look.
func lookPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.lookSetting(r), nil
}

func (v *view) lookSetting(r *http.Request) *settingPage {
	p := v.setting(r, "look", "/weergave", "cookie")
	p.Groups = []group{
		v.group("colour", "kleur", v.look.Colour, "auto", ColourLight, ColourDark),
		v.group("size", "letters", onlyIf(v.look.Large, "large"), "plain", "large"),
		v.group("contrast", "contrast", onlyIf(v.look.Contrast, "more"), "auto", "more"),
		v.group("lang", "taal", v.Lang, "nl", "en"),
	}
	return p
}

// group offers answers by their words, under "set.KEY."; the first one holds when
// none of the others does.
func (v *view) group(key, field, now string, answers ...string) group {
	g := group{Name: field, Heading: v.T("set." + key)}
	if !slices.Contains(answers, now) {
		now = answers[0]
	}
	for _, a := range answers {
		g.Options = append(g.Options, option{Value: a, Text: v.T("set." + key + "." + a), On: a == now})
	}
	return g
}

// onlyIf is an answer when it holds, and else empty.
func onlyIf(on bool, answer string) string {
	if on {
		return answer
	}
	return ""
}

// setLook keeps how the pages should look. An answer that was not on the page is
// the first one.
func setLook(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.s.Desk.Preferences(r.Context())
	if err != nil {
		return nil, err
	}
	p.Colour = ""
	if colour := r.PostFormValue("kleur"); colour == ColourLight || colour == ColourDark {
		p.Colour = colour
	}
	p.Large = r.PostFormValue("letters") == "large"
	p.Contrast = r.PostFormValue("contrast") == "more"
	if lang := r.PostFormValue("taal"); wordsIn(lang).Lang == lang {
		p.Lang = lang
		v.s.lang.Store(lang)
	}
	if err := v.setPreferences(r.Context(), p); err != nil {
		return nil, err
	}
	return see(w, r, settingsHome+"/weergave?ok")
}

// idlePage asks when the vault closes by itself.
func idlePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.idleSetting(r), nil
}

func (v *view) idleSetting(r *http.Request) *settingPage {
	p := v.setting(r, "idle", "/tijd", "warn", "self")
	p.Answer = v.T("set.idle.answer", "n", int(v.s.idleAfter().Minutes()))
	g := group{Name: "minuten", Heading: v.T("set.idle.h2")}
	for _, n := range idleMinutes {
		g.Options = append(g.Options, option{
			Value: strconv.Itoa(n), Text: v.T("set.idle.minutes", "n", n), On: v.s.idleAfter() == time.Duration(n)*time.Minute,
		})
	}
	p.Groups = []group{g}
	return p
}

// setIdle keeps when the vault closes by itself.
func setIdle(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	n, err := strconv.Atoi(r.PostFormValue("minuten"))
	if err != nil || !slices.Contains(idleMinutes[:], n) {
		return v.idleSetting(r).refused("minuten", v.T("k.wrong.none")), nil
	}
	p, err := v.s.Desk.Preferences(r.Context())
	if err != nil {
		return nil, err
	}
	p.Idle = time.Duration(n) * time.Minute
	if err := v.setPreferences(r.Context(), p); err != nil {
		return nil, err
	}
	return see(w, r, settingsHome+"/tijd?ok")
}
