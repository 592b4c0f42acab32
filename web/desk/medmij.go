package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
)

// MedMij is how the desk reaches providers: with a certificate and the lists,
// or through a gateway that has them.
type MedMij struct {
	ClientID string             // host name on the list of OAuth clients
	Redirect string             // where the browser comes back
	TLS      medmij.TLS         // of the back channel
	Lists    medmij.ListsConfig // ClientID, Dev, Now, Log and Limits are filled in
	// Gateway, when set, is used instead of TLS and Lists; Dev and Limits are
	// filled in.
	Gateway *medmij.GatewayConfig
	// Corrections is the number of the data service that takes requests to
	// correct a record. It is not public; empty, the default: such a request is
	// printed as a letter.
	Corrections string
	Limits      medmij.Limits // what a provider can make the desk do; those of Lists too
	Dev         bool          // loopback providers, for the demonstration and tests
}

func (d *Desk) setUpMedMij(m MedMij) error {
	d.chain = medmij.NewChainLog(sealedLog{d})
	d.chain.Log = d.cfg.Log
	if m.Gateway != nil {
		cfg := *m.Gateway // the caller's own stays as it is
		cfg.Dev, cfg.Limits = m.Dev, m.Limits
		var err error
		if d.gateway, err = medmij.NewGateway(cfg); err != nil {
			return fmt.Errorf("set up MedMij: %w", err)
		}
		d.found = map[string]medmij.Provider{}
		return d.SetRedirect(m.Redirect)
	}
	m.Lists.ClientID = m.ClientID
	m.Lists.Dev, m.Lists.Now, m.Lists.Log, m.Lists.Limits = m.Dev, d.cfg.Now, d.cfg.Log, m.Limits
	d.lists = medmij.NewLists(m.Lists)
	return d.SetRedirect(m.Redirect)
}

// transport is the way to the providers.
func (d *Desk) transport(m *MedMij) (medmij.Transport, error) {
	if d.gateway != nil {
		return d.gateway, nil
	}
	return medmij.NewDirect(medmij.DirectConfig{TLS: m.TLS, Directory: d.lists.Directory, Limits: m.Limits, Dev: m.Dev, DevPorts: m.Lists.DevPorts})
}

// SetRedirect makes the client anew for another address to come back to: the
// port of the pages is only known once they listen.
func (d *Desk) SetRedirect(address string) error {
	m := d.cfg.MedMij
	if m == nil || address == "" {
		return nil
	}
	transport, err := d.transport(m)
	if err != nil {
		return fmt.Errorf("set up MedMij: %w", err)
	}
	var services []medmij.Service
	if m.Corrections != "" {
		services = append(services, medmij.CorrectionRequests(m.Corrections))
	}
	client, err := medmij.New(medmij.Config{
		Services: services,
		ClientID: m.ClientID, RedirectURI: address, Transport: transport, Limits: m.Limits, Dev: m.Dev,
		Save: d.renewGrant, Chain: d.chain.Add, Log: d.cfg.Log, Now: d.cfg.Now,
	})
	if err != nil {
		return fmt.Errorf("set up MedMij: %w", err)
	}
	d.mu.Lock()
	d.client = client
	d.mu.Unlock()
	return nil
}

// Refresh reads the lists of MedMij. The last good ones stay when it fails. A
// gateway has lists of its own.
func (d *Desk) Refresh(ctx context.Context) error {
	if d.gateway != nil {
		return nil
	}
	if d.lists == nil {
		return ErrNoMedMij
	}
	return d.lists.Refresh(ctx)
}

// KeepListsFresh refreshes the lists until ctx ends.
func (d *Desk) KeepListsFresh(ctx context.Context) {
	if d.lists != nil {
		d.lists.Run(ctx)
	}
}

// Directory is the current snapshot of the lists. Behind a gateway there is
// none: see [Desk.Search].
func (d *Desk) Directory() (*medmij.Directory, error) {
	if d.lists == nil {
		return nil, ErrNoMedMij
	}
	return d.lists.Directory()
}

// connector is the client to reach providers with.
func (d *Desk) connector() (*medmij.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil {
		return nil, ErrNoMedMij
	}
	return d.client, nil
}

// saveGrant keeps the grant of a new login.
func (d *Desk) saveGrant(ctx context.Context, g *medmij.Grant) error {
	return d.keep(ctx, store.Token, g.ID(), g)
}

// renewGrant keeps a grant in the place of its older self. store.ErrForgotten when
// that is no longer there: a renewal under way brings nothing back.
func (d *Desk) renewGrant(ctx context.Context, g *medmij.Grant) error {
	return d.keepWhile(ctx, store.Token, g.ID(), g, g)
}

// keepWhile stores a small document as JSON as long as the consent of a grant is
// in the vault.
func (d *Desk) keepWhile(ctx context.Context, kind store.Kind, name string, value any, g *medmij.Grant) error {
	s, err := d.Vault()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep a document: %w", err)
	}
	doc, grant := store.Document{Kind: kind, Name: name, Value: raw}, store.Document{Kind: store.Token, Name: g.ID()}
	return s.KeepWhile(ctx, doc, grant, func(stored []byte) bool { return sameConsent(stored, g) })
}

// sameConsent tells whether a stored grant comes from the same login. A token that
// was handed over has none, and is never renewed.
func sameConsent(stored []byte, g *medmij.Grant) bool {
	var old medmij.Grant
	if json.Unmarshal(stored, &old) != nil || !old.Consented.Equal(g.Consented) {
		return false
	}
	return !g.Consented.IsZero() || old.AccessToken == g.AccessToken
}

// Grants are all consents in the vault, sorted by provider.
func (d *Desk) Grants(ctx context.Context) ([]*medmij.Grant, error) {
	s, err := d.Vault()
	if err != nil {
		return nil, err
	}
	var grants []*medmij.Grant
	for doc, err := range s.List(ctx, store.Token) {
		if err != nil {
			return nil, fmt.Errorf("read the connections: %w", err)
		}
		g := new(medmij.Grant)
		if err := json.Unmarshal(doc.Value, g); err != nil {
			return nil, fmt.Errorf("read a connection: %w", err)
		}
		grants = append(grants, g)
	}
	slices.SortFunc(grants, func(a, b *medmij.Grant) int { return strings.Compare(a.ID(), b.ID()) })
	return grants, nil
}
