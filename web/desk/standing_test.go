package desk

import (
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
)

// TestWhereAConnectionStands follows one connection through logins that fail
// and succeed, a provider in trouble, and time.
func TestWhereAConnectionStands(t *testing.T) {
	b := newBench(t)
	ahead := time.Duration(0)
	b.cfg.Now = func() time.Time { return time.Now().Add(ahead) }
	p, err := b.FindProvider(t.Context(), "apotheek-dezon")
	if err != nil {
		t.Fatal(err)
	}
	conn := collecting(p)[0]
	want := func(when string, state medmij.ConnectionState, trouble string) medmij.Known {
		t.Helper()
		k, err := b.Known(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		code := ""
		if k.Standing.LastError != nil {
			code = k.Standing.LastError.Code
		}
		if got := k.State(b.Now()); got != state || code != trouble {
			t.Errorf("%s: %s %q, want %s %q", when, got, code, state, trouble)
		}
		return k
	}
	begin := func() Started {
		t.Helper()
		started, err := b.Begin(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		return started
	}
	want("before anything", medmij.StateNone, "")
	started := begin()
	if k := want("at the provider", medmij.StateAwaiting, ""); k.Standing.ListNumber == 0 {
		t.Error("it is not known which list was used")
	}
	if _, err := b.comeBack(t, started, mock.Visitor{Persona: "anna", Stop: "deny"}); err == nil {
		t.Fatal("a refusal gave a grant")
	}
	want("refused", medmij.StateDenied, medmij.CodeCancel)
	if err := b.net.Fault(mock.Fault{On: "token", Kind: "status", Status: 503, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.comeBack(t, begin(), anna); err == nil {
		t.Fatal("an exchange that failed gave a grant")
	}
	want("no tokens", medmij.StateExchangeFailed, medmij.CodeUnavailable)
	if _, err := b.comeBack(t, begin(), anna); err != nil {
		t.Fatal(err)
	}
	want("consented", medmij.StateLasting, "")

	collect := func() {
		t.Helper()
		if _, err := b.Collect(t.Context(), nil, must(b.Grants(t.Context()))...); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.net.Fault(mock.Fault{On: "resource", Kind: "status", Status: 403}); err != nil {
		t.Fatal(err)
	}
	collect()
	if k := want("no access", medmij.StateLasting, medmij.CodeForbidden); k.Standing.LastError.Trace == "" {
		t.Error("no id to tell the provider")
	}
	if err := b.net.SetFaults(); err != nil {
		t.Fatal(err)
	}
	collect()
	want("collected", medmij.StateLasting, "")

	ahead = 200 * 24 * time.Hour
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want("six months idle", medmij.StateConsentEnded, "")
	b.net.Reset()
	collect()
	if asked := len(b.net.Requests("token", "resource")); asked != 0 {
		t.Errorf("%d requests after the consent ended", asked)
	}
	if g := must(b.Grants(t.Context()))[0]; g.AccessToken != "" || g.RefreshToken != "" || g.State != medmij.GrantConsentEnded {
		t.Error("the tokens of an ended consent are still there")
	}
	// A login that lapsed is not taken for one that is on its way.
	begin()
	ahead += time.Hour
	want("nobody came back", medmij.StateAbandoned, medmij.CodeExpired)
	if _, err := must(b.Vault()).Load(t.Context(), store.Setting, standingPrefix+conn.ID()); err != nil {
		t.Error(err)
	}
}
