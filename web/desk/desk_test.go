package desk

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
)

var cheap = store.KDF{Time: 1, Memory: 8 << 10, Threads: 1}

const passphrase = "een lange wachtzin"

// bench is a desk at running mock providers, with everything it logs.
type bench struct {
	*Desk
	net  *mock.Network
	logs *bytes.Buffer
	dir  string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchAt(t, mock.Config{})
}

func newBenchAt(t *testing.T, providers mock.Config) *bench {
	t.Helper()
	n := mock.Start(t, providers)
	pair, err := tls.X509KeyPair(n.ClientCert, n.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	creds := medmij.TLS{Certificate: &pair, Roots: x509.NewCertPool()}
	creds.Roots.AppendCertsFromPEM(n.CA)
	b := &bench{net: n, logs: new(bytes.Buffer), dir: t.TempDir()}
	b.Desk, err = New(Config{
		Path: filepath.Join(b.dir, "vault.bundel"), Store: store.Config{KDF: cheap}, Log: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		MedMij: &MedMij{
			ClientID: n.ClientID, Redirect: "http://127.0.0.1:1/oauth/callback", TLS: creds, Dev: true,
			Lists: medmij.ListsConfig{URL: n.ListsURL, AddressBook: n.AddressBookURL, TLS: creds}, Corrections: providers.Corrections,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// connect logs in at a provider as a person would.
func (b *bench) connect(t *testing.T, query string, v mock.Visitor) (Finished, error) {
	t.Helper()
	p, err := b.FindProvider(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	started, err := b.Begin(t.Context(), collecting(p)[0])
	if err != nil {
		t.Fatal(err)
	}
	return b.comeBack(t, started, v)
}

func (b *bench) comeBack(t *testing.T, started Started, v mock.Visitor) (Finished, error) {
	t.Helper()
	back, err := b.net.Visit(t.Context(), started.Address, v)
	if err != nil {
		t.Fatal(err)
	}
	return b.Finish(t.Context(), started.Handle, back.Query())
}

var anna = mock.Visitor{Persona: "anna", Indefinite: true}

func (b *bench) collectAll(t *testing.T) []fhir.Receipt {
	t.Helper()
	for _, name := range []string{"huisarts-delinde", "apotheek-dezon", "ziekenhuis-noordzee"} {
		if _, err := b.connect(t, name, anna); err != nil {
			t.Fatal(err)
		}
	}
	grants, err := b.Grants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := b.Collect(t.Context(), nil, grants...)
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

// TestTheMainJob goes the whole real way, and then looks for what must not be
// found: in the vault, beside it, and in the logs.
func TestTheMainJob(t *testing.T) {
	b := newBench(t)
	for _, r := range b.collectAll(t) {
		if r.Outcome() != fhir.Complete {
			t.Errorf("service %s is %s", r.Origin.Service, r.Outcome())
		}
	}
	o, err := b.Overview(t.Context(), time.Time{}, "nl")
	if err != nil {
		t.Fatal(err)
	}
	if o.Person.Name != "Anna de Vries" || len(o.Sources) != 6 || len(o.Items) < 100 || len(o.Unread) != 1 {
		t.Errorf("%+v, %d sources, %d items, %d unread", o.Person, len(o.Sources), len(o.Items), len(o.Unread))
	}
	again, err := b.Overview(t.Context(), o.AsOf, "nl")
	if err != nil {
		t.Fatal(err)
	}
	one, _ := json.Marshal(o)
	two, _ := json.Marshal(again)
	if !bytes.Equal(one, two) {
		t.Error("two overviews of one moment differ")
	}
	b.checkNothingReadable(t, o)
}

// checkNothingReadable scans every file of the vault's folder and every log
// line for what the overview and the providers hold.
func (b *bench) checkNothingReadable(t *testing.T, o *aggregator.Overview) {
	t.Helper()
	markers := []string{"AllergyIntolerance", "MedicationRequest", "resourceType", "huisarts-delinde", "De Linde", "noordzee", "1961-04-02", "999990482", "self", "%PDF-"}
	for _, item := range o.Items {
		if len(item.Title) > 8 {
			markers = append(markers, item.Title)
		}
	}
	grants, err := b.Grants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range grants {
		markers = append(markers, g.AccessToken, g.RefreshToken)
	}
	err = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range markers {
			if m != "" && (bytes.Contains(raw, []byte(m)) || strings.Contains(d.Name(), m)) {
				t.Errorf("%q can be read in the vault", m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range markers {
		if m != "" && strings.Contains(b.logs.String(), m) {
			t.Errorf("%q is in the log", m)
		}
	}
	if len(markers) < 60 {
		t.Errorf("only %d markers to look for", len(markers))
	}
}

func TestALoginWorksOnceAndInOneBrowser(t *testing.T) {
	b := newBench(t)
	p, err := b.FindProvider(t.Context(), "huisarts-delinde")
	if err != nil {
		t.Fatal(err)
	}
	started, err := b.Begin(t.Context(), collecting(p)[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := b.net.Visit(t.Context(), started.Address, anna)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Finish(t.Context(), "another browser", back.Query()); err == nil {
		t.Fatal("another browser finished the login")
	}
	if _, err := b.Finish(t.Context(), started.Handle, back.Query()); !errors.Is(err, ErrBinding) {
		t.Errorf("a login that was tried is still there: %v", err)
	}
	if n := len(b.net.Requests("token")); n != 0 {
		t.Errorf("%d token requests", n)
	}
	if _, err := b.Finish(t.Context(), "", url.Values{"state": {"made up"}, "code": {"x"}}); !errors.Is(err, ErrBinding) {
		t.Errorf("an invented state gives %v", err)
	}
}

func TestRefusalIsAProblemOfTheProvider(t *testing.T) {
	b := newBench(t)
	_, err := b.connect(t, "huisarts-delinde", mock.Visitor{Persona: "anna", Stop: "deny"})
	var problem *medmij.Error
	if !errors.As(err, &problem) || problem.Code != medmij.CodeCancel {
		t.Errorf("got %v", err)
	}
	if grants, _ := b.Grants(t.Context()); len(grants) != 0 {
		t.Error("a refused login left a grant")
	}
}

func TestAFailingQueryKeepsTheRestAndEarlierData(t *testing.T) {
	b := newBench(t)
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	grants, _ := b.Grants(t.Context())
	if _, err := b.Collect(t.Context(), nil, grants...); err != nil {
		t.Fatal(err)
	}
	before, _ := b.Overview(t.Context(), time.Time{}, "nl")
	if err := b.net.Fault(mock.Fault{On: "resource:49/AllergyIntolerance", Kind: "status", Status: 500}); err != nil {
		t.Fatal(err)
	}
	receipts, err := b.Collect(t.Context(), nil, grants...)
	if err != nil || receipts[0].Outcome() != fhir.Partial {
		t.Fatalf("%v, %s", err, receipts[0].Outcome())
	}
	after, _ := b.Overview(t.Context(), time.Time{}, "nl")
	if len(after.Subject("allergy")) != len(before.Subject("allergy")) || len(before.Subject("allergy")) == 0 {
		t.Error("a failed query took allergies away")
	}
}

func TestSharingAndSending(t *testing.T) {
	b := newBench(t)
	const gp = "medmij:huisarts-delinde@medmij"
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	for kind, value := range map[string]string{"weight": "81.4", "bloodpressure": "128/82"} {
		if _, err := b.Add(t.Context(), aggregator.OwnEntry{Kind: kind, Value: value}); err != nil {
			t.Fatal(err)
		}
	}
	if ready, err := b.Ready(t.Context(), gp); err != nil || len(ready) != 0 {
		t.Fatalf("%d ready without a choice, %v", len(ready), err)
	}
	o, _ := b.Overview(t.Context(), time.Time{}, "nl")
	weight := o.Subject("vital")[0]
	for _, item := range o.Subject("vital") {
		if item.Title == "Gewicht" {
			weight = item
		}
	}
	if err := b.Share(t.Context(), "vital", gp, false); err != nil {
		t.Fatal(err)
	}
	if err := b.Share(t.Context(), weight.ID, gp, true); err != nil {
		t.Fatal(err)
	}
	sent := b.send(t, gp)
	if len(sent) != 1 || sent[0].Title != "Bloeddruk" || sent[0].Result != "sent" {
		t.Errorf("sent %+v", sent)
	}
	if got := b.net.Received(); len(got) != 1 {
		t.Errorf("%d messages received", len(got))
	}
	if ready, _ := b.Ready(t.Context(), gp); len(ready) != 0 {
		t.Error("what was sent is ready again")
	}
	o = must(b.Overview(t.Context(), time.Time{}, "nl"))
	if item, _ := o.Find(sent[0].Item); !strings.Contains(item.Fields["sent"].Text, "Huisarts") {
		t.Errorf("what was sent does not say so: %+v", item.Fields)
	}
	for _, g := range must(b.Grants(t.Context())) {
		if g.Purpose == medmij.Share {
			t.Error("the consent for one message was kept")
		}
	}
}

func (b *bench) send(t *testing.T, recipient string) []Delivery {
	t.Helper()
	started, err := b.BeginSend(t.Context(), Measured(recipient))
	if err != nil {
		t.Fatal(err)
	}
	done, err := b.comeBack(t, started, mock.Visitor{Persona: "anna"})
	if err != nil || !done.Send {
		t.Fatal(err)
	}
	sent, err := b.Send(t.Context(), done.Grant, done.Sending)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestClosedVaultGivesNothing(t *testing.T) {
	b := newBench(t)
	b.Close()
	if _, err := b.Overview(t.Context(), time.Time{}, "nl"); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := b.Open(store.Passphrase([]byte("een verkeerde wachtzin"))); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("got %v", err)
	}
	if err := b.Open(store.Passphrase([]byte(passphrase))); err != nil {
		t.Error(err)
	}
}

// TestEveryFixtureImports imports all qualification data as three sources and
// counts it through to the overview.
func TestEveryFixtureImports(t *testing.T) {
	const fixtures = "../../../shared/fixtures"
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no shared fixtures here")
	}
	d, err := New(Config{Path: filepath.Join(t.TempDir(), "vault.bundel"), Store: store.Config{KDF: cheap}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create(t.Context(), []byte(passphrase)); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.SetGate(t.Context(), aggregator.GateRule{Wait: aggregator.WaitNot}); err != nil {
		t.Fatal(err)
	}
	files, resources := 0, 0
	for _, in := range []Import{
		{Paths: []string{fixtures + "/STU3", fixtures + "/cc0/STU3-zib2017", fixtures + "/bundles-dvamock"}, Name: "stu3", Version: fhir.STU3},
		{Paths: []string{fixtures + "/R4", fixtures + "/cc0/R4-zib2020", fixtures + "/cc0/R4-mondzorg"}, Name: "r4", Version: fhir.R4},
	} {
		done, err := d.Import(t.Context(), in)
		if err != nil || len(done.Failures) > 0 {
			t.Fatal(err, done.Failures)
		}
		files += done.Files
		resources += done.Resources
	}
	o, err := d.Overview(t.Context(), time.Date(2026, 6, 1, 12, 0, 0, 0, fhir.Amsterdam()), "nl")
	if err != nil {
		t.Fatal(err)
	}
	seen, unread := map[string]bool{}, map[string]bool{}
	for _, item := range o.Items {
		for _, p := range item.Parts {
			seen[p.Source+p.Type+p.ID+"|"+p.Version] = true
		}
	}
	for _, u := range o.Unread {
		unread[u.Source+u.Type+u.ID] = true
	}
	stored := 0
	for r, err := range must(d.Vault()).Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Origin.IsSelf() {
			continue
		}
		stored++
		key := r.Origin.Source + r.Type + r.ID
		if seen[key+"|"+jsonNumber(r.Number)] == unread[key] {
			t.Errorf("%s %s is in the overview and in unread, or in neither", r.Type, r.ID)
		}
	}
	t.Logf("%d files, %d resources, %d stored versions, %d in the overview, %d unread", files, resources, stored, len(seen), len(unread))
	if files < 2000 || stored < 2000 {
		t.Errorf("only %d files and %d stored", files, stored)
	}
}

func jsonNumber(n int) string { raw, _ := json.Marshal(n); return string(raw) }

// TestAWrongTryEndsNothing: somebody else at the computer cannot close what
// the person has open.
func TestAWrongTryEndsNothing(t *testing.T) {
	b := newBench(t)
	if err := b.Unlock(store.Passphrase([]byte("een verkeerde wachtzin"))); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Vault(); err != nil {
		t.Error("the vault was closed by a wrong try")
	}
	if err := b.Unlock(store.Passphrase([]byte(passphrase))); err != nil {
		t.Error(err)
	}
	b.Close()
	if err := b.Unlock(store.Passphrase([]byte(passphrase))); err != nil {
		t.Error(err)
	}
}

// A login that the provider will refuse is not begun. That the app is not on
// the Whitelist under this name proves nothing: its certificate may have another.
func TestNobodyIsSentOnALoginThatIsRefused(t *testing.T) {
	b := newBench(t)
	p, err := b.FindProvider(t.Context(), "huisarts-delinde")
	if err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]string{"list:clients": medmij.CodeConfig, "list:whitelist": ""} {
		if err := b.net.SetFaults(mock.Fault{On: list, Kind: "drop", Value: mock.DefaultClient}); err != nil {
			t.Fatal(err)
		}
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Begin(t.Context(), collecting(p)[0]); medmij.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", list, err, want)
		}
	}
}
