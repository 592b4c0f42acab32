package medmij

import (
	"net/url"
	"slices"
	"strings"
)

// places tells where to ask for what an answer points to, which behind a
// gateway is another address than the provider's own.
type places interface {
	// resolve gives the address to ask at for a link that stood in an answer
	// from the address from. The error is ErrAddress.
	resolve(from, link *url.URL) (*url.URL, error)
	// origin is what the provider itself calls an address.
	origin(at *url.URL) *url.URL
}

// plainPlaces are those of a provider that is reached directly.
type plainPlaces struct{}

func (plainPlaces) resolve(from, link *url.URL) (*url.URL, error) {
	return from.ResolveReference(link), nil
}

func (plainPlaces) origin(at *url.URL) *url.URL { return at }

// The addresses of this package behind a gateway's base address:
//
//	/fhir/{target}/{path}         what lies at a role's base address
//	/media/{target}?url={address} anything else at that provider
//	/connection/{handle}          in place of the two OAuth endpoints
//
// A target holds the handle that the gateway gave for a role. The dialect says
// how such an address is asked.
const (
	partFHIR       = "fhir"
	partMedia      = "media"
	partConnection = "connection"
)

// place is such an address taken apart.
type place struct {
	part, target string
	rest         string // of the path, as it goes over the line
	query        string
}

// parse takes an address of ours apart.
func (g *Gateway) parse(u *url.URL) (place, bool) {
	below, ok := strings.CutPrefix(u.EscapedPath(), g.base.EscapedPath()+"/")
	if !ok || !sameOrigin(g.base, u) {
		return place{}, false
	}
	part, below, _ := strings.Cut(below, "/")
	target, rest, _ := strings.Cut(below, "/")
	name, err := url.PathUnescape(target)
	if part != partFHIR && part != partMedia && part != partConnection || name == "" || err != nil {
		return place{}, false
	}
	return place{part: part, target: name, rest: rest, query: u.RawQuery}, true
}

// address makes an address of ours; rest is escaped already.
func (g *Gateway) address(part, target, rest, query string) *url.URL {
	path := g.base.EscapedPath() + "/" + part + "/" + url.PathEscape(target)
	if rest != "" {
		path += "/" + rest
	}
	u := url.URL{Scheme: g.base.Scheme, Host: g.base.Host, RawPath: path, RawQuery: query}
	u.Path, _ = url.PathUnescape(path) // it was escaped here, or came so
	return &u
}

// resolve implements places. A link to another origin than the one that the
// gateway asked is refused, and so is one to the gateway itself: it could lead
// a token to another provider. Before the first answer of a role nothing is
// known of its origin; then the gateway judges.
func (g *Gateway) resolve(from, link *url.URL) (*url.URL, error) {
	at, ok := g.parse(from)
	if !ok || at.part == partConnection || link.User != nil {
		return nil, ErrAddress
	}
	base := g.upstream(at.target)
	if base == nil {
		if link.Scheme != "https" || sameOrigin(g.base, link) {
			return nil, ErrAddress
		}
		return g.address(partMedia, at.target, "", url.Values{"url": {link.String()}}.Encode()), nil
	}
	u := g.origin(from).ResolveReference(link)
	if !sameOrigin(base, u) {
		return nil, ErrAddress
	}
	rest, inside := strings.CutPrefix(u.EscapedPath(), base.EscapedPath())
	if inside && (rest == "" || rest[0] == '/') {
		if slices.Contains(strings.Split(u.Path, "/"), "..") {
			return nil, ErrAddress
		}
		return g.address(partFHIR, at.target, strings.TrimPrefix(rest, "/"), u.RawQuery), nil
	}
	u.Fragment, u.RawFragment = "", ""
	return g.address(partMedia, at.target, "", url.Values{"url": {u.String()}}.Encode()), nil
}

// origin implements places.
func (g *Gateway) origin(at *url.URL) *url.URL {
	p, ok := g.parse(at)
	if !ok {
		return at
	}
	if p.part == partMedia {
		if u, err := url.Parse(at.Query().Get("url")); err == nil {
			return u
		}
		return at
	}
	base := g.upstream(p.target)
	if base == nil {
		return at
	}
	u := *base
	u.RawPath, u.RawQuery = base.EscapedPath(), p.query
	if p.rest != "" {
		u.RawPath += "/" + p.rest
	}
	u.Path, _ = url.PathUnescape(u.RawPath)
	return &u
}

// upstream is the provider's own base address of a target; nil when no answer
// told it yet. It is not changed.
func (g *Gateway) upstream(target string) *url.URL {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.bases[target]
}

// mostTargets bounds what is remembered; a person has some tens.
const mostTargets = 10_000

// learn remembers the base address behind a target.
func (g *Gateway) learn(target, base string) {
	u, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || sameOrigin(g.base, u) {
		return
	}
	u.RawQuery, u.Fragment = "", ""
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.bases) >= mostTargets {
		clear(g.bases)
	}
	g.bases[target] = u
}

// withoutHandles keeps the handles out of the chain log: they are long, they
// change, and they open a way to a provider.
func (g *Gateway) withoutHandles(chain func(Event)) func(Event) {
	return func(e Event) {
		if e.Request != nil {
			if u, err := url.Parse(e.Request.URI); err == nil {
				if p, ok := g.parse(u); ok {
					plain := *e.Request
					plain.URI = strings.Replace(plain.URI, url.PathEscape(p.target), "...", 1)
					e.Request = &plain
				}
			}
		}
		chain(e)
	}
}
