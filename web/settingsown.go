package web

import (
	"io"
	"net/http"
	"time"
)

// longestBackup is how long a browser may take to save a backup: a slow disk is no
// reason to cut it short.
const longestBackup = 10 * time.Minute

// copyNow says when the last backup was made.
func (v *view) copyNow(last time.Time) string {
	if last.IsZero() {
		return v.T("set.copy.none")
	}
	return v.T("set.copy.last", "moment", v.Moment(last, v.now))
}

// copyPage says when the last backup was made and offers another one.
func copyPage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.copySetting(r)
}

func (v *view) copySetting(r *http.Request) (*settingPage, error) {
	last, err := v.s.Desk.LastBackup(r.Context())
	if err != nil {
		return nil, err
	}
	p := v.setting(r, "copy", "/kopie", "what", "opens", "wiped", "back", "unseen").asksPassphrase(v, v.T("set.copy.hint"))
	p.Answer, p.Lead = v.copyNow(last), v.T("set.copy.lead")
	return p, nil
}

// makeCopy sends a backup as a file to keep. Until the passphrase is right nothing
// is sent; what goes wrong later cuts the file short, and the browser says so.
func makeCopy(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p, err := v.copySetting(r)
	if err != nil {
		return nil, err
	}
	begun := false
	begin := func(name string) io.Writer {
		begun = true
		// Not every ResponseWriter has a deadline; without one there is nothing to move.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longestBackup))
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		return w
	}
	again, err := v.proven(r, p, func(secret []byte) error { return v.s.Desk.Backup(r.Context(), secret, begin) })
	switch {
	case begun && err != nil:
		v.s.Log.Error("a backup was cut short", "kind", errorKind(err))
		panic(http.ErrAbortHandler)
	case again != nil:
		return again, nil
	}
	return nil, err
}

// wipePage asks whether the person wants to erase everything.
func wipePage(v *view, _ http.ResponseWriter, r *http.Request) (content, error) {
	return v.wipeSetting(r), nil
}

func (v *view) wipeSetting(r *http.Request) *settingPage {
	p := v.setting(r, "wipe", "/wissen", "provider", "copies", "disk").asksPassphrase(v, "")
	p.Rest, p.Lead = v.T("set.wipe.rest"), v.T("set.wipe.lead")
	p.Tick, p.Stop = v.T("set.wipe.tick"), true
	return p
}

// wipe erases everything, and leaves the browser at the first page with nothing of
// what was there.
func wipe(v *view, w http.ResponseWriter, r *http.Request) (content, error) {
	p := v.wipeSetting(r)
	if r.PostFormValue("ja") == "" {
		return p.refused("ja", v.T("set.wipe.wrong")), nil
	}
	again, err := v.proven(r, p, func(secret []byte) error { return v.s.Desk.Erase(r.Context(), secret) })
	if again != nil {
		return again, nil
	}
	if err != nil {
		return nil, err
	}
	v.s.prefs.Store(nil)
	v.look = Preferences{}
	keepLook(w, v)
	v.s.leave(w)
	return see(w, r, "/nieuw?gewist")
}
