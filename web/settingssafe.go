package web

import (
	"net/http"
)

// passPage asks for another passphrase.
func passPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.passSetting(r), nil
}

func (v *view) passSetting(r *http.Request) *settingPage {
	p := v.setting(r, "pass", "/wachtzin", "old", "copies", "leak").asksPassphrase(v, v.T("set.pass.forgot"))
	p.Rest = v.T("set.pass.rest")
	p.Fields = append(p.Fields,
		secretField{Name: "nieuw", Label: v.T("set.pass.next"), Hint: v.T("n.hint"), Auto: "new-password"},
		secretField{Name: "nogmaals", Label: v.T("n.again"), Auto: "new-password"},
	)
	return p
}

// changePass puts another passphrase in the place of the one of now. Every other
// browser has to open the vault again: it may have been let in by somebody who
// knew the old one.
func changePass(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p := v.passSetting(r)
	next, wrongs := v.typedTwice(r, "nieuw")
	if wrongs != nil {
		p.Wrong = wrongs
		return p, nil
	}
	defer clear(next)
	again, err := v.proven(r, p, func(present []byte) error { return v.s.Desk.ChangePassphrase(r.Context(), present, next) })
	if again != nil {
		return again, nil
	}
	if text := v.weakSecret(err); text != "" {
		return p.refused("nieuw", text), nil
	}
	if err != nil {
		return nil, err
	}
	v.s.sessions.end()
	v.s.sessions.begin(w, r, v.now)
	return see(w, r, settingsHome+"/wachtzin?ok")
}

// newCodePage asks whether the person wants another recovery code.
func newCodePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.codeSetting(r), nil
}

func (v *view) codeSetting(r *http.Request) *settingPage {
	p := v.setting(r, "code", "/code", "once", "seen", "copies").asksPassphrase(v, "")
	p.Rest = v.T("set.code.rest")
	return p
}

// newCode makes another recovery code. As at the first run it stands on the answer
// and nowhere else.
func newCode(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	recovery := ""
	again, err := v.proven(r, v.codeSetting(r), func(secret []byte) (err error) {
		recovery, err = v.s.Desk.NewRecoveryCode(r.Context(), secret)
		return err
	})
	if again != nil {
		return again, nil
	}
	if recovery == "" {
		return nil, err
	}
	p := v.code(recovery, settingsHome+"/code", settingsHome)
	if err != nil {
		p.Besides = v.T("set.code.both")
	}
	return p, nil
}

// ringPage says how the keyring stands, and offers to switch it.
func ringPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.ringSetting(r)
}

func (v *view) ringSetting(r *http.Request) (*settingPage, error) {
	state, err := v.s.Desk.Keyring(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.setting(r, "ring", "/sleutelbos", "who", "keep")
	p.Lead = v.T("set.ring.lead")
	switch state {
	case KeyringNone:
		p.Answer, p.Button, p.Know = v.T("set.ring.none"), "", nil
	case KeyringOn:
		p.Answer, p.Button = v.T("set.ring.on"), v.T("set.ring.end")
	case KeyringStale:
		p.Answer = v.T("set.ring.stale")
		p.asksPassphrase(v, "")
	default:
		p.asksPassphrase(v, "")
	}
	return p, nil
}

// switchRing switches the keyring to what it is not.
func switchRing(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.ringSetting(r)
	if err != nil {
		return nil, err
	}
	if p.Fields == nil {
		if p.Button != "" {
			err = v.s.Desk.RemoveFromKeyring(r.Context())
		}
	} else {
		var again *settingPage
		again, err = v.proven(r, p, func(secret []byte) error { return v.s.Desk.AddToKeyring(r.Context(), secret) })
		if again != nil {
			return again, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return see(w, r, settingsHome+"/sleutelbos")
}
