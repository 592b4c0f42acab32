package web

import (
	"net/http"
)

// settingsHome is the address of the settings; what stands under it is one
// question each.
const settingsHome = "/instellingen"

// settingPage asks one thing about how Bundel works for the person.
type settingPage struct {
	page
	Post   string
	Groups []group
	Fields []secretField
	Tick   string // that has to be set before it is done
	Button string
	Stop   bool // the button erases
	Know   []string
}

func (*settingPage) template() string { return "setting" }

// group is a set of answers of which one holds.
type group struct {
	Name, Heading string
	Options       []option
}

// secretField is a field for a passphrase. Auto is its autocomplete, so that a
// program that keeps passphrases knows which one is meant.
type secretField struct{ Name, Label, Hint, Auto string }

// settingsPage lists the settings and how they stand.
func settingsPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	last, err := v.s.Desk.LastBackup(r.Context())
	if err != nil {
		return nil, err
	}
	gates, err := v.s.Desk.Gates(r.Context())
	if err != nil {
		return nil, err
	}
	p := &listPage{page: page{Title: v.T("title.set"), Here: settingsHome, H1: v.T("set.h1"), Answer: v.T("set.answer")}}
	erase := row{Name: v.T("set.wipe.h1"), Soft: v.T("set.wipe.rest")}
	erase.Actions = []action{{Text: v.T("set.wipe.go"), Href: settingsHome + "/wissen", Look: "stop"}}
	p.Parts = []listPart{
		{Rows: onTop([]row{
			v.settingRow("look", "/weergave", v.lookNow()),
			v.settingRow("gate", "/zien", v.gateNow(gates)),
		})},
		{Heading: v.T("set.part.safe"), Rows: []row{
			v.settingRow("pass", "/wachtzin", ""),
			v.settingRow("code", "/code", ""),
			v.settingRow("idle", "/tijd", v.T("set.idle.now", "n", int(v.s.idleAfter().Minutes()))),
			v.settingRow("ring", "/sleutelbos", ""),
		}},
		{Heading: v.T("set.part.own"), Rows: []row{
			v.settingRow("copy", "/kopie", v.copyNow(last)),
			{Name: v.T("waar.h1"), Href: "/hulp/waar", Soft: v.T("waar.answer")},
			erase,
		}},
	}
	return p, nil
}

// settingRow leads to one setting.
func (v *view) settingRow(key, path, now string) row {
	if now == "" {
		now = v.T("set." + key + ".what")
	}
	return row{Name: v.T("set." + key + ".h1"), Href: settingsHome + path, Soft: now}
}

// setting is the page of one setting; key is the beginning of its words.
func (v *view) setting(r *http.Request, key, path string, know ...string) *settingPage {
	name := v.T("set." + key + ".h1")
	p := &settingPage{
		page: page{
			Title: v.T("title.set"), Here: settingsHome, Path: settingsHome + path, H1: name, Answer: v.T("set." + key + ".answer"),
			Crumbs: []link{{v.T("set.h1"), settingsHome}, {name, ""}},
		},
		Post: settingsHome + path, Button: v.T("set." + key + ".go"),
	}
	for _, k := range know {
		p.Know = append(p.Know, v.T("set."+key+".know."+k))
	}
	if r.Method == http.MethodGet && r.URL.Query().Has("ok") && v.Has("set."+key+".done") {
		p.Notice = &notice{Text: v.T("set." + key + ".done")}
	}
	return p
}

// asksPassphrase adds the field in which the person types the passphrase of now.
func (p *settingPage) asksPassphrase(v *view, hint string) *settingPage {
	p.Fields = append(p.Fields, secretField{Name: "wachtzin", Label: v.T("set.pass.now"), Hint: hint, Auto: "current-password"})
	return p
}

// refused is the page again with what is wrong in a field.
func (p *settingPage) refused(field, text string) *settingPage {
	p.Wrong = append(p.Wrong, wrong{field, text})
	return p
}

// proven runs do with the passphrase that was typed. The page comes back with
// what is wrong about it, or nil when do was done.
func (v *view) proven(r *http.Request, p *settingPage, do func(secret []byte) error) (*settingPage, error) {
	secret := []byte(r.PostFormValue("wachtzin"))
	defer clear(secret)
	if len(secret) == 0 {
		return p.refused("wachtzin", v.T("x.empty")), nil
	}
	err := do(secret)
	if text := v.badSecret(err); text != "" {
		return p.refused("wachtzin", text), nil
	}
	return nil, err
}
