package desk

import (
	"context"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// Pages is a Desk as package web wants it: collecting goes on in the
// background, and errors are those that the pages have words for.
type Pages struct {
	desk *Desk
	ctx  context.Context // ends with the program: what runs in the background
	jobs jobs

	offline func() bool // tells whether this device has no network

	unlocking sync.Mutex // one try at a time: the next one waits for its count

	mu     sync.Mutex
	sent   []web.Sent // what became of the last message
	parcel web.Parcel // and which that was
	last   time.Time  // when the pages were open before this visit
}

// Pages gives the desk to the pages. What runs in the background ends with ctx.
func (d *Desk) Pages(ctx context.Context) *Pages {
	p := &Pages{desk: d, ctx: ctx, offline: noNetwork}
	if m := d.cfg.MedMij; m != nil && m.Dev { // its providers are on this machine
		p.offline = func() bool { return false }
	}
	return p
}

// State implements [web.Vault].
func (p *Pages) State() web.State {
	if _, err := p.desk.Vault(); err == nil {
		return web.Open
	}
	if _, err := os.Stat(p.desk.cfg.Path); err != nil {
		return web.NoVault
	}
	return web.Locked
}

// Create implements [web.Vault].
func (p *Pages) Create(ctx context.Context, passphrase []byte) (string, error) {
	code, err := p.desk.Create(ctx, passphrase)
	if err != nil {
		return "", secretError(err)
	}
	p.mu.Lock()
	p.last = time.Time{}
	p.mu.Unlock()
	return code.Reveal(), nil
}

// Unlock implements [web.Vault]. Wrong tries are counted by the store, for the
// command line and across restarts too, where Config.Store.State names a folder.
func (p *Pages) Unlock(ctx context.Context, secret []byte) error {
	p.unlocking.Lock()
	defer p.unlocking.Unlock()
	visiting := p.State() == web.Open
	err := p.desk.Unlock(store.PassphraseOrRecovery(secret))
	if err == nil && !visiting {
		p.arrive(ctx)
		go p.desk.prepare(p.ctx)
	}
	return secretError(err)
}

// secretError gives the error about a secret that the pages have words for.
func secretError(err error) error {
	var wrong *store.WrongKeyError
	var wait *store.WaitError
	var weak *store.WeakPassphraseError
	switch {
	case errors.As(err, &wrong):
		return &web.WrongSecret{Left: wrong.Left, Wait: wrong.Wait}
	case errors.As(err, &wait):
		return &web.WrongSecret{Wait: wait.Wait}
	case errors.Is(err, store.ErrWrongKey):
		return &web.WrongSecret{}
	case errors.As(err, &weak):
		return &web.WeakSecret{Reason: string(weak.Reason)}
	}
	return openError(err)
}

// Lock implements [web.Vault].
func (p *Pages) Lock() {
	p.jobs.stopAll()
	ctx := context.WithoutCancel(p.ctx)
	if p.State() == web.Open {
		p.desk.noteOr(ctx, access{Kind: web.EventOpen, What: "closed"})
	}
	p.leave(ctx)
	if err := p.desk.Close(); err != nil {
		p.desk.cfg.Log.Warn("the vault did not close well")
	}
}

// Overview implements [web.Reader].
func (p *Pages) Overview(ctx context.Context, lang string) (*aggregator.Overview, error) {
	o, err := p.desk.overview(ctx, time.Time{}, lang)
	if err != nil {
		return nil, pageError(err)
	}
	o.begin() // a search that comes after this page need not wait for it
	return o.view, nil
}

// Find implements [web.Reader].
func (p *Pages) Find(ctx context.Context, query, lang string, limit int) ([]aggregator.Hit, int, error) {
	o, err := p.desk.overview(ctx, time.Time{}, lang)
	if err != nil {
		return nil, 0, pageError(err)
	}
	hits, n := o.index().SearchNow(query, limit)
	return hits, n, nil
}

// Raw implements [web.Reader].
func (p *Pages) Raw(ctx context.Context, part aggregator.Part) ([]byte, error) {
	r, err := p.desk.Record(ctx, part)
	return r.Shown().Bytes(), pageError(err)
}

// File implements [web.Reader].
func (p *Pages) File(ctx context.Context, item aggregator.Item, index int) (string, []byte, error) {
	contentType, data, err := p.desk.File(ctx, item, index)
	return contentType, data, pageError(err)
}

// Search implements [web.Directory].
func (p *Pages) Search(ctx context.Context, query, _ string) ([]web.Provider, error) {
	hits, err := p.desk.Search(ctx, query, 20)
	if err != nil {
		return nil, pageError(err)
	}
	connected, err := p.connected(ctx)
	if err != nil {
		return nil, err
	}
	var found []web.Provider
	for _, hit := range hits {
		found = append(found, p.provider(hit, connected))
	}
	return found, nil
}

// Provider implements [web.Directory].
func (p *Pages) Provider(ctx context.Context, source, _ string) (web.Provider, error) {
	hit, ok, err := p.desk.ProviderNamed(ctx, strings.TrimPrefix(source, "medmij:"))
	if err != nil {
		return web.Provider{}, pageError(err)
	}
	if !ok {
		return web.Provider{}, web.ErrNotFound
	}
	out := p.provider(hit, nil)
	for i, conn := range collecting(hit) {
		k, err := p.desk.Known(ctx, conn)
		if err != nil {
			return out, pageError(err)
		}
		state := k.State(p.desk.Now())
		c := &out.Connections[i]
		if c.Consent = consentOf(state); c.Consent == web.ConsentLasting {
			c.Ends = k.Grant.ConsentEnd()
		}
		if last := k.Standing.LastError; last != nil {
			c.Trouble, c.Trace, c.At = last.Code, last.Trace, last.Time
		}
		out.Connected = out.Connected || state.HasTokens()
	}
	return out, nil
}

// consentOf is where a consent stands, for the person: whether a login is on
// its way is of no concern there.
func consentOf(s medmij.ConnectionState) web.Consent {
	switch s {
	case medmij.StateLasting:
		return web.ConsentLasting
	case medmij.StateActive, medmij.StateExpired:
		return web.ConsentOnce
	case medmij.StateConsentEnded:
		return web.ConsentEnded
	}
	return web.ConsentNone
}

// connected gives the sources with a grant that still holds.
func (p *Pages) connected(ctx context.Context) (map[string]bool, error) {
	grants, err := p.desk.Grants(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	out := map[string]bool{}
	for _, g := range grants {
		out[g.Source()] = out[g.Source()] || g.State == medmij.GrantActive
	}
	return out, nil
}

func (p *Pages) provider(hit medmij.Provider, connected map[string]bool) web.Provider {
	source := "medmij:" + hit.Name
	out := web.Provider{
		Source: source, Name: hit.Display, Kind: hit.Kind, Connected: connected[source],
		Place: strings.Join(slices.DeleteFunc([]string{hit.Street, strings.TrimSpace(hit.Postcode + " " + hit.City)}, func(s string) bool { return s == "" }), ", "),
	}
	for _, conn := range collecting(hit) {
		var c web.Connection
		for _, o := range conn.Services {
			if s, ok := medmij.ServiceByID(o.ID); ok && s.Direction == medmij.Collect {
				c.Services = append(c.Services, p.desk.ServiceName(o.ID))
			}
		}
		out.Connections = append(out.Connections, c)
	}
	out.Unsupported = p.unsupported(hit)
	return out
}

// unsupported names the data services of a provider that the table does not
// have, each once: the person should know that there is more than we can get.
func (p *Pages) unsupported(hit medmij.Provider) []string {
	var names []string
	for _, conn := range hit.Connections {
		for _, o := range conn.Services {
			name := p.desk.ServiceName(o.ID)
			if _, ok := medmij.ServiceByID(o.ID); !ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// collecting are the connections of a provider at which there is something to
// collect.
func collecting(p medmij.Provider) []medmij.Connection {
	return slices.DeleteFunc(slices.Clone(p.Connections), func(c medmij.Connection) bool {
		return !slices.ContainsFunc(c.Services, func(o medmij.Offer) bool {
			s, ok := medmij.ServiceByID(o.ID)
			return ok && s.Direction == medmij.Collect
		})
	})
}

// Begin implements [web.Connector].
func (p *Pages) Begin(ctx context.Context, source string, connection int) (address, binding string, err error) {
	found, err := p.desk.FindProvider(ctx, source)
	if err != nil {
		return "", "", pageError(err)
	}
	conns := collecting(found)
	if connection < 0 || connection >= len(conns) {
		return "", "", web.ErrNotFound
	}
	started, err := p.desk.Begin(ctx, conns[connection])
	return started.Address, started.Handle, pageError(err)
}

// Finish implements [web.Connector]. A login to send sends at once: the
// consent is for this one time.
func (p *Pages) Finish(ctx context.Context, answer url.Values, binding string) (source string, sent bool, err error) {
	done, err := p.desk.Finish(ctx, binding, answer)
	if err != nil {
		return done.Source, false, sourceError(err, done.Source)
	}
	if !done.Send {
		return done.Source, false, nil
	}
	deliveries, err := p.desk.Send(ctx, done.Grant, done.Sending)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent, p.parcel = nil, parcelOf(done.Sending)
	for _, d := range deliveries {
		p.sent = append(p.sent, web.Sent{Item: d.Item, Title: d.Title, OK: d.Result == share.Sent, Code: sentCode(d.Result), Detail: d.Detail, Twice: d.Twice})
	}
	return done.Source, true, sourceError(err, done.Source)
}

// sentCode is the code that explains what became of an item that was sent.
func sentCode(result string) string {
	switch result {
	case share.Sent:
		return ""
	case share.Refused:
		return medmij.CodeRefused
	}
	return medmij.CodeUnknown
}

// pageError gives the error that the pages have words for.
func pageError(err error) error { return sourceError(err, "") }

func sourceError(err error, source string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrClosed), errors.Is(err, store.ErrClosed):
		return web.ErrLocked
	case errors.Is(err, ErrPreview):
		return web.ErrPreview
	case errors.Is(err, ErrNothingToSend):
		return web.ErrNothingToSend
	case errors.Is(err, ErrTakesNone):
		return web.ErrTakesNone
	case errors.Is(err, ErrSent):
		return web.ErrSent
	case errors.Is(err, ErrNoForm):
		return web.ErrNoForm
	case errors.Is(err, ErrNotAccepted):
		return web.ErrNotAccepted
	case errors.Is(err, ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, ErrBinding):
		return web.ErrBinding
	case errors.Is(err, ErrNoMedMij):
		return &web.Problem{Code: medmij.CodeLists, Source: source, Err: err}
	}
	if code := medmij.CodeOf(err); code != medmij.CodeOther {
		problem := &web.Problem{Code: code, Source: source, Err: err}
		var own *medmij.Error
		if errors.As(err, &own) {
			problem.Trace = own.Trace
		}
		return problem
	}
	return err
}
