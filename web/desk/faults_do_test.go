package desk_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

// prepare does what was done before anything went wrong.
func (b *faultBench) prepare(c mock.FaultCase) {
	b.Helper()
	b.refresh()
	switch c.Do {
	case mock.Collect:
		if slices.Contains(c.Setup, mock.NoCertificate) {
			b.fixedToken(serviceOf(c))
			return
		}
		b.grant = b.login(serviceOf(c))
	case mock.Renew:
		b.grant = b.login(serviceOf(c))
		b.advance(20 * time.Minute)
	case mock.Send:
		started, err := b.BeginSend(b.Context(), desk.Measured(gpSource))
		if err != nil {
			b.Fatal(err)
		}
		done, err := b.Finish(b.Context(), started.Handle, b.visit(started, anna))
		if err != nil {
			b.Fatal(err)
		}
		b.grant = done.Grant
	}
}

// fixedToken is for an app that could not even ask for a token.
func (b *faultBench) fixedToken(service string) {
	b.Helper()
	p, err := b.FindProvider(b.Context(), providerOf(service))
	if err != nil {
		b.Fatal(err)
	}
	for _, conn := range p.Connections {
		if _, ok := conn.Offer(service); ok {
			b.grant = must(b.ConnectToken(b.Context(), conn, b.net.Personas[0].Token, service))
		}
	}
}

// setUp does what goes on beside the fault.
func (b *faultBench) setUp(c mock.FaultCase) {
	b.Helper()
	if slices.Contains(c.Setup, mock.ClockDay) {
		b.advance(25 * time.Hour)
	}
	if slices.Contains(c.Setup, mock.ReadLists) {
		_ = b.Refresh(b.Context()) // what is wrong with the lists is what the case is about
	}
	if slices.Contains(c.Setup, mock.CrashSafe) {
		b.watch(b.checkStoredFirst)
	}
}

func (b *faultBench) do(c mock.FaultCase) result {
	b.Helper()
	switch c.Do {
	case mock.Connect:
		_, got := b.connect(c)
		return got
	case mock.ConnectAndCollect:
		g, got := b.connect(c)
		if g != nil {
			got.receipts = b.collectService(g, c)
		}
		return got
	case mock.Collect:
		return result{receipts: b.collectService(b.grant, c)}
	case mock.Renew:
		return b.renew(c)
	case mock.Send:
		return b.send()
	}
	b.Fatalf("unknown action %q", c.Do)
	return result{}
}

// collectService collects one service of the grant, as if no other were
// granted. After a login everything granted is collected.
func (b *faultBench) collectService(g *medmij.Grant, c mock.FaultCase) []fhir.Receipt {
	b.Helper()
	if c.Do != mock.ConnectAndCollect {
		only := *g
		only.Granted = []string{serviceOf(c)}
		g = &only
	}
	return b.collect(g)
}

// connect logs in; how the browser comes back depends on the case.
func (b *faultBench) connect(c mock.FaultCase) (*medmij.Grant, result) {
	b.Helper()
	if slices.Contains(c.Setup, mock.Abandon) {
		b.abandon()
	}
	started, err := b.begin(providerOf(serviceOf(c)))
	if err != nil {
		return nil, result{code: codeOf(err), text: err.Error()}
	}
	back := b.visit(started, visitorOf(c))
	if slices.Contains(c.Setup, mock.ClockLogin) {
		b.advance(31 * time.Minute)
	}
	handle := started.Handle
	if slices.Contains(c.Setup, mock.OtherBrowser) {
		handle = "another browser"
	}
	if slices.Contains(c.Setup, mock.DoubleClick) {
		return b.finishTwice(handle, back)
	}
	done, err := b.Finish(b.Context(), handle, back)
	if slices.Contains(c.Setup, mock.Replay) {
		if err != nil {
			b.Fatal(err)
		}
		_, err = b.Finish(b.Context(), handle, back)
	}
	if err != nil {
		return nil, result{code: codeOf(err), text: err.Error()}
	}
	return done.Grant, result{}
}

// abandon begins a login, meets an error page and never comes back.
func (b *faultBench) abandon() {
	b.Helper()
	started, err := b.begin("huisarts-delinde")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := b.net.Visit(b.Context(), started.Address, anna); err == nil {
		b.Error("the page that should go wrong did not")
	}
	b.advance(31 * time.Minute)
}

// finishTwice is a browser that loads the address of the callback twice. One of
// the two wins.
func (b *faultBench) finishTwice(handle string, back url.Values) (*medmij.Grant, result) {
	var grants [2]*medmij.Grant
	var errs [2]error
	var both sync.WaitGroup
	for i := range errs {
		both.Go(func() {
			done, err := b.Finish(b.Context(), handle, back)
			grants[i], errs[i] = done.Grant, err
		})
	}
	both.Wait()
	for i, err := range errs {
		if err == nil && errs[1-i] != nil {
			return grants[i], result{}
		}
	}
	return nil, result{code: codeOf(errors.Join(errs[:]...)), text: "both or none of the two finished"}
}

// renew collects when the access token has ended.
func (b *faultBench) renew(c mock.FaultCase) result {
	b.Helper()
	if !slices.Contains(c.Setup, mock.Parallel) {
		return result{receipts: b.collectService(b.grant, c)}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var got result
	for range 20 {
		all.Go(func() {
			receipts := b.collectService(b.grant, c)
			mu.Lock()
			defer mu.Unlock()
			got.receipts = append(got.receipts, receipts...)
		})
	}
	all.Wait()
	return got
}

// send sends the weight; what is neither sent nor unknown is ready still.
func (b *faultBench) send() result {
	b.Helper()
	deliveries, err := b.Send(b.Context(), b.grant, desk.Measured(gpSource))
	got := result{code: codeOf(err)}
	if err != nil {
		got.text = err.Error()
	}
	for _, d := range deliveries {
		got.items = d.Result
	}
	ready := must(b.Ready(b.Context(), gpSource))
	if got.items == "" && len(ready) > 0 {
		got.items = "ready"
	}
	if len(ready) == 0 && (got.items == "refused" || got.items == "ready") {
		b.Error("what was not accepted is not ready to be sent")
	}
	return got
}

// furtherChecks are what only one fault needs.
func furtherChecks() map[string]func(*faultBench, mock.FaultCase, result) {
	return map[string]func(*faultBench, mock.FaultCase, result){
		"L05": (*faultBench).checkRollbackLogged,
		"L13": (*faultBench).checkServiceName,
		"L14": (*faultBench).checkBadEntry,
		"T22": (*faultBench).checkNoCookies,
		"A08": (*faultBench).checkNoServerText,
		"A10": (*faultBench).checkNoLoginLeft,
		"K07": (*faultBench).checkOneTime,
		"K10": (*faultBench).checkConsentEnded,
		"K11": (*faultBench).checkNewTokenStored,
		"D03": (*faultBench).checkNoBSN,
		"D09": (*faultBench).checkText,
		"D11": (*faultBench).checkNotActive,
		"D12": (*faultBench).checkDoseShown,
		"D18": (*faultBench).checkOwnTime,
	}
}

func (b *faultBench) checkRollbackLogged(mock.FaultCase, result) {
	if !strings.Contains(b.logs.String(), "list_rollback_rejected") {
		b.Error("the older list is not in the log")
	}
}

func (b *faultBench) checkServiceName(mock.FaultCase, result) {
	if name := must(b.Directory()).ServiceName("58"); name == "" || name == "58" {
		b.Errorf("service 58 is called %q", name)
	}
}

// checkBadEntry: no browser goes to an address that may not be.
func (b *faultBench) checkBadEntry(mock.FaultCase, result) {
	started, err := b.begin("apotheek-dezon")
	if err != nil {
		return
	}
	if u, err := url.Parse(started.Address); err != nil || !strings.HasSuffix(u.Hostname(), "localhost") {
		b.Errorf("the browser is sent to %s", u.Hostname())
	}
}

func (b *faultBench) checkNoCookies(mock.FaultCase, result) {
	b.collect(b.grant)
	for _, e := range b.since() {
		if headerOf(e, "Cookie") != "" || headerOf(e, "Referer") != "" {
			b.Errorf("a cookie or a referer went to %s", e.Endpoint)
		}
	}
}

func (b *faultBench) checkNoServerText(_ mock.FaultCase, got result) {
	for what, text := range map[string]string{"the error": got.text, "the log": b.logs.String()} {
		if strings.Contains(text, "alert(") || strings.Contains(text, "fout fout") {
			b.Errorf("the provider's text is in %s", what)
		}
	}
}

func (b *faultBench) checkNoLoginLeft(mock.FaultCase, result) {
	for range must(b.Vault()).List(b.Context(), store.Login) {
		b.Error("a login that was abandoned is still there")
	}
}

func (b *faultBench) checkOneTime(mock.FaultCase, result) {
	for _, g := range must(b.Grants(b.Context())) {
		if g.Renewable() {
			b.Error("a connection for one time can be renewed")
		}
	}
}

func (b *faultBench) checkConsentEnded(mock.FaultCase, result) {
	for _, g := range must(b.Grants(b.Context())) {
		if g.State != medmij.GrantConsentEnded || g.AccessToken != "" || g.RefreshToken != "" {
			b.Errorf("the connection is %s, or still has tokens", g.State)
		}
	}
}

// checkStoredFirst looks into the vault at the moment that a request comes with
// the new token: a program that stops there has lost nothing.
func (b *faultBench) checkStoredFirst(endpoint string) {
	if !strings.HasPrefix(endpoint, "resource") {
		return
	}
	grants, err := b.Grants(b.Context())
	if err != nil || len(grants) != 1 || grants[0].Generation != b.grant.Generation+1 || grants[0].RefreshToken == b.grant.RefreshToken {
		b.Errorf("a token is used that is not stored yet (%v)", err)
	}
}

// checkNewTokenStored: what is stored is what the provider gave last, so it can
// be renewed once more after a stop.
func (b *faultBench) checkNewTokenStored(c mock.FaultCase, _ result) {
	if !slices.Contains(c.Setup, mock.CrashSafe) {
		return
	}
	b.watch(nil)
	b.advance(20 * time.Minute)
	for _, r := range b.collect(must(b.Grants(b.Context()))[0]) {
		if r.Outcome() == fhir.Failed {
			b.Error("what was stored cannot be renewed")
		}
	}
}

const mockBSN = "111222333"

func (b *faultBench) checkNoBSN(mock.FaultCase, result) {
	for r, err := range must(b.Vault()).Records(b.Context()) {
		if err != nil || fhir.HasBSN(r.Bytes()) || strings.Contains(string(r.Bytes()), mockBSN) {
			b.Errorf("a citizen service number is stored in a %s (%v)", r.Type, err)
		}
	}
	if raw := string(must(json.Marshal(b.overview()))); strings.Contains(raw, mockBSN) {
		b.Error("a citizen service number is shown")
	}
}

func (b *faultBench) checkText(c mock.FaultCase, _ result) {
	for _, item := range b.overview().Items {
		if len(item.Title) > 1000 {
			b.Errorf("a title of %d bytes", len(item.Title))
		}
		if c.Name == "rtl" && strings.ContainsAny(item.Title, "\u202e\u2066") {
			b.Error("a title turns the text around it")
		}
	}
}

// checkNotActive: what has another meaning now is not shown as something that
// is.
func (b *faultBench) checkNotActive(c mock.FaultCase, _ result) {
	for _, item := range b.overview().Items {
		for _, p := range item.Parts {
			isNew := slices.ContainsFunc(b.fresh, func(k recordKey) bool { return k.is(p) })
			if isNew && p.Hidden == "" && (item.Section == aggregator.Active || item.Section == aggregator.Current) {
				b.Errorf("%s: shown as %s", c.Name, item.Section)
			}
		}
	}
}

func (b *faultBench) checkDoseShown(mock.FaultCase, result) {
	for _, item := range b.overview().Subject("medication") {
		for _, conflict := range item.Conflicts {
			if conflict.Code == "C-DOSE" {
				return
			}
		}
	}
	b.Error("two doses are not shown as a difference")
}

func (b *faultBench) checkOwnTime(mock.FaultCase, result) {
	for r, err := range must(b.Vault()).Records(b.Context()) {
		if err != nil || r.Fetched.After(b.Now().Add(time.Minute)) {
			b.Errorf("a record was fetched in the future (%v)", err)
		}
	}
}
