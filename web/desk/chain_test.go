package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
)

// trail is what a whole run left behind: logins that went well and one that was
// refused, collecting with and without faults, and a message that was sent.
type trail struct {
	*bench
	raw     []byte // the chain log, as it is given out
	events  []medmij.Event
	errs    []error
	secrets []string // what must be found nowhere
}

func newTrail(t *testing.T) *trail {
	t.Helper()
	tr := &trail{bench: newBench(t)}
	tr.collectAll(t)
	for _, g := range must(tr.Grants(t.Context())) { // renewed later
		tr.secrets = append(tr.secrets, g.AccessToken, g.RefreshToken)
	}
	tr.refusedLogin(t)
	tr.collectWithFaults(t)
	tr.sendWeight(t)
	var out bytes.Buffer
	if _, _, err := tr.WriteChainLog(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	tr.raw = out.Bytes()
	for line := range bytes.Lines(tr.raw) {
		var e medmij.Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		tr.events = append(tr.events, e)
	}
	return tr
}

// refusedLogin is a login that the person stops, and one with a code that is
// no good.
func (tr *trail) refusedLogin(t *testing.T) {
	t.Helper()
	_, err := tr.connect(t, "huisarts-delinde", mock.Visitor{Persona: "anna", Stop: "deny"})
	tr.errs = append(tr.errs, err)
	p, err := tr.FindProvider(t.Context(), "huisarts-delinde")
	if err != nil {
		t.Fatal(err)
	}
	started, err := tr.Begin(t.Context(), collecting(p)[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := tr.net.Visit(t.Context(), started.Address, anna)
	if err != nil {
		t.Fatal(err)
	}
	answer := back.Query()
	tr.secrets = append(tr.secrets, answer.Get("state"), answer.Get("code"), started.Handle)
	answer.Set("code", "code-canary-of-nobody")
	_, err = tr.Finish(t.Context(), started.Handle, answer)
	tr.errs = append(tr.errs, err)
}

func (tr *trail) collectWithFaults(t *testing.T) {
	t.Helper()
	if err := tr.net.Fault(
		mock.Fault{On: "resource:49/AllergyIntolerance", Kind: "status", Status: 403},
		mock.Fault{On: "resource:49/Condition", Kind: "html200"},
		mock.Fault{On: "resource:48", Kind: "status", Status: 401, Times: 1},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Collect(t.Context(), nil, must(tr.Grants(t.Context()))...); err != nil {
		t.Fatal(err)
	}
	if err := tr.net.SetFaults(); err != nil {
		t.Fatal(err)
	}
}

func (tr *trail) sendWeight(t *testing.T) {
	t.Helper()
	const gp = "medmij:huisarts-delinde@medmij"
	if _, err := tr.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4"}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Share(t.Context(), "vital", gp, false); err != nil {
		t.Fatal(err)
	}
	if sent := tr.send(t, gp); len(sent) != 1 {
		t.Fatalf("sent %+v", sent)
	}
}

// sentTo says which requests of the mock's record a DVP has to log.
func (tr *trail) sentTo() []mock.Exchange { return tr.net.Requests("token", "resource") }

func (tr *trail) count(kinds ...string) (n int) {
	for _, e := range tr.events {
		if slices.Contains(kinds, e.Event.Type) {
			n++
		}
	}
	return n
}

// TestLOG_01_EveryRequestAndAnswerIsInTheVault counts the chain log against
// what the providers saw.
func TestLOG_01_EveryRequestAndAnswerIsInTheVault(t *testing.T) {
	tr := newTrail(t)
	for _, c := range []struct {
		name           string
		seen           int
		asked, answers []string
	}{
		{
			"authorization", len(tr.net.Requests("authorize")),
			[]string{"send_authorization_request"},
			[]string{"receive_authorization_response", "receive_authorization_error_response"},
		},
		{"token", len(tr.net.Requests("token")), []string{"send_token_request"}, []string{"receive_token_response", "receive_token_error_response"}},
		{"resource", len(tr.net.Requests("resource")), []string{"send_resource_request"}, []string{"receive_resource_response", "receive_resource_error_response"}},
	} {
		if asked, answered := tr.count(c.asked...), tr.count(c.answers...); asked != c.seen || answered != c.seen || c.seen == 0 {
			t.Errorf("%s: the providers saw %d, the log has %d requests and %d answers", c.name, c.seen, asked, answered)
		}
	}
	if tr.count("receive_authorization_error_response") != 1 || tr.count("receive_token_error_response") != 1 || tr.count("receive_resource_error_response") != 2 {
		t.Error("an error is no answer like any other")
	}
	if len(tr.sentTo()) < 80 || len(tr.events) != 2*(len(tr.sentTo())+len(tr.net.Requests("authorize"))) {
		t.Errorf("%d exchanges, %d events", len(tr.sentTo()), len(tr.events))
	}
}

// TestLOG_02_BothLogsJoinOnTheirIds finds every exchange of the providers in
// the chain log, by its ids, and nothing beside them.
func TestLOG_02_BothLogsJoinOnTheirIds(t *testing.T) {
	tr := newTrail(t)
	asked, answered := map[string]medmij.Event{}, map[string]medmij.Event{}
	for _, e := range tr.events {
		switch {
		case e.Request != nil && e.Event.Type != "send_authorization_request":
			asked[e.Request.ID] = e
		case e.Response != nil:
			answered[e.Response.ID] = e
		}
	}
	for _, x := range tr.sentTo() {
		id, trace := x.Header.Get("MedMij-Request-ID"), x.Header.Get("X-Correlation-ID")
		request, response := asked[id], answered[id]
		if request.Request == nil || response.Response == nil {
			t.Errorf("%s %s is not in the log", x.Method, x.Endpoint)
			continue
		}
		delete(asked, id)
		if request.Event.TraceID != trace || response.Event.TraceID != trace || trace == "" {
			t.Errorf("%s: trace ids %q and %q, sent %q", x.Endpoint, request.Event.TraceID, response.Event.TraceID, trace)
		}
		if response.Response.Status != x.Status || request.Request.Method != x.Method || !strings.HasPrefix(x.Host, request.Request.ServerID) {
			t.Errorf("%s: %+v, %+v", x.Endpoint, request.Request, response.Response)
		}
		// What a record refers to is logged without its id.
		if got := pathOf(t, request.Request.URI); got != strings.Split(x.URL, "?")[0] && !strings.HasPrefix(got, "/.../") {
			t.Errorf("%s is logged as %s", x.URL, got)
		}
	}
	if len(asked) != 0 {
		t.Errorf("%d requests are in the log only", len(asked))
	}
	tr.joinLogins(t)
}

func pathOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.EscapedPath()
}

// joinLogins: the ids of a login are in its address.
func (tr *trail) joinLogins(t *testing.T) {
	t.Helper()
	for _, e := range tr.events {
		if e.Event.Type != "send_authorization_request" {
			continue
		}
		if !slices.ContainsFunc(tr.net.Requests("authorize"), func(x mock.Exchange) bool {
			return strings.Contains(x.URL, "MedMij-Request-ID="+e.Request.ID) && strings.Contains(x.URL, "X-Correlation-ID="+e.Event.TraceID)
		}) {
			t.Errorf("login %s was not seen", e.Request.ID)
		}
	}
}

// TestLOG_03_NoLogHoldsASecretOrContent looks for canaries in all that the run
// wrote: log, chain log, errors, addresses, and the folder of the vault.
func TestLOG_03_NoLogHoldsASecretOrContent(t *testing.T) {
	tr := newTrail(t)
	canaries, ids := tr.canaries(t), tr.recordIDs(t)
	if len(canaries) < 60 || len(ids) < 60 {
		t.Fatalf("only %d things and %d ids to look for", len(canaries), len(ids))
	}
	written := map[string]string{"log": tr.logs.String(), "chain log": string(tr.raw)}
	for _, err := range tr.errs {
		if err == nil {
			t.Error("a login that had to fail went well")
			continue
		}
		written["errors"] += err.Error() + "\n"
	}
	for _, x := range tr.net.Requests() {
		written["addresses"] += x.URL + "\n"
	}
	err := filepath.WalkDir(tr.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		written["folder"] += d.Name() + "\n" + string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range written {
		if text == "" {
			t.Errorf("nothing was written: %s", where)
		}
		look := canaries
		if where != "addresses" { // there a record is asked for by the provider's own id
			look = slices.Concat(canaries, ids)
		}
		for _, c := range look {
			if strings.Contains(text, c) {
				t.Errorf("%q is in the %s", c, where)
			}
		}
	}
}

// canaries are tokens, codes, states, the BSN in the data, names, and what the
// records say.
func (tr *trail) canaries(t *testing.T) []string {
	t.Helper()
	all := append(tr.secrets, "code-canary-of-nobody", "999990482", "Anna", "Vries", "1961-04-02", "METOPROLOL", "resourceType", "Bearer")
	for _, g := range must(tr.Grants(t.Context())) {
		all = append(all, g.AccessToken, g.RefreshToken)
	}
	for _, p := range tr.net.Personas {
		all = append(all, p.Token, p.Name)
	}
	o := must(tr.Overview(t.Context(), time.Time{}, "nl"))
	for _, item := range o.Items {
		all = append(all, item.Title)
	}
	return longEnough(all, "Anna", "Vries", "Bearer")
}

func (tr *trail) recordIDs(t *testing.T) []string {
	t.Helper()
	var all []string
	for r, err := range must(tr.Vault()).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.ID)
	}
	return longEnough(all)
}

// longEnough leaves out what is in words and numbers by chance.
func longEnough(all []string, also ...string) []string {
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return len(s) < 8 && !slices.Contains(also, s) })
}

// TestLOG_04_OldLinesAreGivenToNobody: 36 months on, the log is empty and the
// records are all there. (That the vault destroys the lines is not promised.)
func TestLOG_04_OldLinesAreGivenToNobody(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d, err := New(Config{
		Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap},
		Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	log := medmij.NewChainLog(sealedLog{d})
	one := medmij.Event{Event: medmij.EventHead{Type: "send_token_request", Datetime: now, TraceID: "first"}}
	log.Add(one)
	if err := must(d.Vault()).Append(t.Context(), []byte("another log")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now          time.Time
		written, old int
	}{
		{now.AddDate(0, 36, 0), 2, 0},
		{now.AddDate(0, 36, 0).Add(time.Nanosecond), 2, 1},
	} {
		now = c.now
		log.Add(medmij.Event{Event: medmij.EventHead{Type: "send_token_request", Datetime: now}})
		var out bytes.Buffer
		written, old, err := d.WriteChainLog(t.Context(), &out)
		if err != nil || written != c.written || old != c.old || strings.Count(out.String(), "\n") != written {
			t.Errorf("%d written, %d old, %v", written, old, err)
		}
		if strings.Contains(out.String(), "first") != (old == 0) {
			t.Errorf("given out:\n%s", out.String())
		}
	}
	if err := d.pruneLog(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := 0
	for line, err := range must(d.Vault()).Log(t.Context()) {
		if err != nil || bytes.Contains(line.Entry, []byte("first")) {
			t.Errorf("%v, or the old line is still there", err)
		}
		left++
	}
	if left != 2 {
		t.Errorf("%d lines left, want 2", left)
	}
	if o := must(d.Overview(t.Context(), time.Time{}, "nl")); len(o.Subject("vital")) != 1 {
		t.Error("the records went with the log")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAChainLogThatCannotBeWrittenSaysSo(t *testing.T) {
	b := newBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.WriteChainLog(t.Context(), failing{}); err == nil {
		t.Error("a full disk went unnoticed")
	}
	b.Close()
	if _, _, err := b.WriteChainLog(t.Context(), failing{}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if n, err := (sealedLog{b.Desk}).Write([]byte("x\n")); n != 2 || err != nil {
		t.Error("a closed vault is no reason to complain about every line")
	}
}
