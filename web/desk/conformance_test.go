package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

// The rows of docs/CONFORMANCE.md that only the whole shows: providers, client,
// vault and overview together.

func (b *bench) records(t *testing.T) []fhir.Record {
	t.Helper()
	var all []fhir.Record
	for r, err := range must(b.Vault()).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// The citizen number stands in two places of the test data; it is in the
// answers that the mock gives and nowhere in the vault.
func TestDAT_01_NoCitizenNumberIsStored(t *testing.T) {
	b := newBench(t)
	masked := 0
	for _, r := range b.collectAll(t) {
		masked += r.Masked
	}
	if masked == 0 {
		t.Fatal("the providers sent no citizen number: nothing was shown")
	}
	number := regexp.MustCompile(`9999904\d\d`)
	for _, r := range b.records(t) {
		if fhir.HasBSN(r.Bytes()) || number.Match(r.Bytes()) {
			t.Errorf("%s holds a citizen number", r.Type)
		}
	}
}

func TestDAT_02_EveryRecordSaysWhereItCameFrom(t *testing.T) {
	b := newBench(t)
	before := time.Now().Add(-time.Second)
	b.collectAll(t)
	traces := map[string]bool{}
	for _, e := range b.net.Requests("resource") {
		traces[e.Header.Get("X-Correlation-Id")] = true
		for name, values := range e.Header {
			if strings.EqualFold(name, "X-Correlation-ID") {
				traces[values[0]] = true
			}
		}
	}
	for _, r := range b.records(t) {
		if r.Origin.IsSelf() {
			continue
		}
		if !r.Origin.IsMedMij() || r.Origin.Service == "" || r.Query == "" || r.Fetched.Before(before) || !traces[r.Trace] {
			t.Errorf("%s: origin %v, query %q, fetched %v, trace known %v", r.Ref, r.Origin, r.Query, r.Fetched, traces[r.Trace])
		}
	}
}

// keepAnswers keeps the body of every answer of a FHIR server.
func keepAnswers(bodies *[][]byte) func(string, http.Handler) http.Handler {
	var mu sync.Mutex
	return func(endpoint string, next http.Handler) http.Handler {
		if !strings.HasPrefix(endpoint, "resource:") {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kept := httptest.NewRecorder()
			next.ServeHTTP(kept, r)
			maps.Copy(w.Header(), kept.Header())
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
			mu.Lock()
			defer mu.Unlock()
			*bodies = append(*bodies, kept.Body.Bytes())
		})
	}
}

// What the vault holds is what the provider sent, byte for byte, but for the
// masked number.
func TestDAT_03_NothingElseIsAltered(t *testing.T) {
	var bodies [][]byte
	b := newBenchAt(t, mock.Config{Intercept: keepAnswers(&bodies)})
	b.collectAll(t)
	sent := bytes.Join(bodies, []byte("\n"))
	same, masked := 0, 0
	for _, r := range b.records(t) {
		switch {
		case r.Origin.IsSelf():
		case bytes.Contains(sent, r.Bytes()):
			same++
		case r.Masked > 0:
			masked++
		default:
			t.Errorf("%s is not as it was sent", r.Ref)
		}
	}
	if same < 100 || masked == 0 {
		t.Errorf("only %d compared equal, %d masked", same, masked)
	}
}

func TestDAT_04_NothingThereIsNotNotFetched(t *testing.T) {
	b := newBench(t)
	if _, err := b.connect(t, "ziekenhuis-noordzee", anna); err != nil {
		t.Fatal(err)
	}
	if err := b.net.Fault(mock.Fault{On: "resource:48/Flag", Kind: "status", Status: 403}); err != nil {
		t.Fatal(err)
	}
	receipts, err := b.Collect(t.Context(), nil, must(b.Grants(t.Context()))...)
	if err != nil {
		t.Fatal(err)
	}
	o := must(b.Overview(t.Context(), time.Time{}, "nl"))
	for _, asked := range [][]fhir.QueryResult{receipts[1].Queries, o.Sources[1].Queries} {
		got := map[string]fhir.Outcome{}
		for _, q := range asked {
			got[q.Query] = q.Outcome
		}
		if got["Observation?code=http://snomed.info/sct|228366006"] != fhir.Empty || got["Flag"] != fhir.NotGranted || got["Condition"] != fhir.OK {
			t.Errorf("outcomes %v", got)
		}
	}
}

// DAT-06: who, which service and when, of all that was collected and of
// nothing else; and nothing of a record in it.
func TestDAT_06_PortabilityReport(t *testing.T) {
	b := newBench(t)
	b.collectAll(t)
	report, err := b.Portability(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range report.Collected {
		got = append(got, c.Provider+" "+c.Service)
		if c.Name == "" || c.ServiceName == "" || c.First.IsZero() || c.Last.Before(c.First) || !c.Complete {
			t.Errorf("%+v", c)
		}
	}
	want := "apotheek-dezon@medmij 35, huisarts-delinde@medmij 49, ziekenhuis-noordzee@medmij 46, " +
		"ziekenhuis-noordzee@medmij 48, ziekenhuis-noordzee@medmij 51, ziekenhuis-noordzee@medmij 63"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %v", got)
	}
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Anna", "METOPROLOL", "1961-"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is in the report", secret)
		}
	}
}

// One entry that cannot be read, an OperationOutcome among the data and an
// unknown type: all around them arrives.
func TestDAT_07_DirtyDataLosesNothingAroundIt(t *testing.T) {
	b := newBench(t)
	receipts := b.collectAll(t)
	for _, r := range receipts {
		if r.Outcome() != fhir.Complete || r.Detail != "" {
			t.Errorf("%s: %s %s", r.Origin.Service, r.Outcome(), r.Detail)
		}
	}
	unread := 0
	for _, r := range b.records(t) {
		if r.Type == "OperationOutcome" {
			t.Error("an OperationOutcome is among the records")
		}
		if r.Flaw != "" {
			unread++
		}
	}
	o := must(b.Overview(t.Context(), time.Time{}, "nl"))
	if unread == 0 && len(o.Unread) == 0 {
		t.Error("the data was clean: nothing was shown")
	}
}

// DEL-07: of four own measurements two are shared with the GP, one of them
// for all providers but this one; the GP gets what is left, and the hospital
// gets nothing.
func TestDEL_07_OnlyWhatWasChosenIsSent(t *testing.T) {
	b := newBench(t)
	const gp = "medmij:huisarts-delinde@medmij"
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	for kind, value := range map[string]string{"weight": "81.4", "bloodpressure": "128/82", "heartrate": "61", "temperature": "36.9"} {
		if _, err := b.Add(t.Context(), aggregator.OwnEntry{Kind: kind, Value: value}); err != nil {
			t.Fatal(err)
		}
	}
	shared := map[string]bool{"Gewicht": true, "Hartslag": true}
	for _, item := range must(b.Overview(t.Context(), time.Time{}, "nl")).Subject("vital") {
		if shared[item.Title] {
			if err := b.Share(t.Context(), item.ID, gp, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(b.send(t, gp)); n != 2 {
		t.Errorf("%d sent, want 2", n)
	}
	message := string(b.net.Received()[0].Bundle)
	for code, want := range map[string]bool{"29463-7": true, "8867-4": true, "85354-9": false, "8310-5": false} {
		if strings.Contains(message, code) != want {
			t.Errorf("%s in the message: %v", code, !want)
		}
	}
}

// SEC-01: what is on the disk holds neither tokens nor records; the long way
// is TestTheMainJob.
func TestSEC_01_TokensAndRecordsAreSealed(t *testing.T) {
	b := newBench(t)
	b.collectAll(t)
	var secrets []string
	for _, g := range must(b.Grants(context.Background())) {
		secrets = append(secrets, g.AccessToken, g.RefreshToken)
	}
	for _, r := range b.records(t) {
		if raw := r.Bytes(); len(raw) > 80 {
			secrets = append(secrets, string(raw[20:60]))
		}
	}
	raw, err := os.ReadFile(filepath.Join(b.dir, "vault.bundel"))
	if err != nil || len(secrets) < 100 {
		t.Fatal(err, len(secrets))
	}
	for _, s := range secrets {
		if bytes.Contains(raw, []byte(s)) {
			t.Error("a token or record can be read in the file")
		}
	}
}

// DAT-05: of one provider, and all. What is left of a provider in the vault is
// what the person wrote; its records, tokens and standing are gone, and can be
// collected again.
func TestDAT_05_RecordsCanBeDeleted(t *testing.T) {
	b := newBench(t)
	b.collectAll(t)
	const gp = "medmij:huisarts-delinde@medmij"
	if _, err := b.Add(t.Context(), aggregator.OwnEntry{Kind: "weight", Value: "81.4"}); err != nil {
		t.Fatal(err)
	}
	count := func() (of, others, own int) {
		for _, r := range b.records(t) {
			switch {
			case r.Origin.IsSelf():
				own++
			case r.Origin.Source == gp:
				of++
			default:
				others++
			}
		}
		return of, others, own
	}
	of, others, own := count()
	if err := b.Forget(t.Context(), gp); err != nil {
		t.Fatal(err)
	}
	if after, rest, mine := count(); of == 0 || after != 0 || rest != others || mine != own {
		t.Errorf("%d of %d left, %d of %d others, %d of %d own", after, of, rest, others, mine, own)
	}
	for _, g := range must(b.Grants(t.Context())) {
		if g.Source() == gp {
			t.Error("the consent is still there")
		}
	}
	if documents, err := b.documentsOf(t.Context(), gp); err != nil || len(documents) != 0 {
		t.Errorf("%v, left: %d", err, len(documents))
	}
	for _, s := range must(b.Overview(t.Context(), time.Time{}, "nl")).Sources {
		if s.Source == gp {
			t.Error("the overview still has the source")
		}
	}
	if err := b.Forget(t.Context(), gp); !errors.Is(err, ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	if err := b.Forget(t.Context(), "self"); !errors.Is(err, ErrNotFound) {
		t.Errorf("what the person wrote: %v", err)
	}
	if _, err := b.connect(t, "huisarts-delinde", anna); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Collect(t.Context(), nil, must(b.Grants(t.Context()))...); err != nil {
		t.Fatal(err)
	}
	if again, _, _ := count(); again != of {
		t.Errorf("%d collected again, want %d", again, of)
	}
	if err := b.ForgetAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "vault.bundel")); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
	if _, err := b.Vault(); !errors.Is(err, ErrClosed) {
		t.Errorf("the desk is still open: %v", err)
	}
}
