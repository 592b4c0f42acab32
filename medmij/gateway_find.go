package medmij

import (
	"context"
	"net/url"
	"slices"
)

// Finder finds providers by the words people use for them: a [*Directory] of
// lists of one's own, or a [*Gateway] that has them. The best come first, at
// most limit; an empty query finds nothing.
type Finder interface {
	Find(ctx context.Context, query string, limit int) ([]Provider, error)
}

// Find implements [Finder] with [Directory.Search]. The error is that of ctx.
func (d *Directory) Find(ctx context.Context, query string, limit int) ([]Provider, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return d.Search(query, limit), nil
}

// found is a provider as a gateway describes it.
type found struct {
	Provider
	versions []InterfaceVersion // their addresses are handles
}

// provider makes connections of what was found. Handles change, so the
// connections are known by the gateway and their first service.
func (g *Gateway) provider(f found) Provider {
	p := f.Provider
	p.Name = bareName(p.Name) + "@medmij"
	if p.Display == "" {
		p.Display = prettyName(p.Name)
	}
	if p.Kind == "" {
		p.Kind = kindOf(bareName(p.Name))
	}
	for _, v := range f.versions {
		for i := range v.Services {
			s := &v.Services[i]
			s.Authorization = g.address(partConnection, s.Authorization, "", "").String()
			s.Token = g.address(partConnection, s.Token, "", "").String()
			for j := range s.Roles {
				s.Roles[j].Base = g.address(partFHIR, s.Roles[j].Base, "", "").String()
			}
		}
	}
	p.Connections = newestOf(connectionsOf(p, f.versions))
	for i := range p.Connections {
		c := &p.Connections[i]
		ids := make([]string, len(c.Services))
		for j, s := range c.Services {
			ids[j] = s.ID
		}
		c.Key = g.base.Host + " " + slices.Min(ids)
	}
	return p
}

// handle is what a gateway gave for an endpoint of a connection.
func (g *Gateway) handle(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", ErrAddress
	}
	p, ok := g.parse(u)
	if !ok || p.part != partConnection {
		return "", ErrAddress
	}
	return p.target, nil
}
