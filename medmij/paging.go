package medmij

import (
	"cmp"
	"net/url"
	"strings"
)

// paging guards the way from page to page of one query (4.4): within the
// origin of the base address, each page once, and not for ever.
type paging struct {
	origin string // the base address
	limit  int
	table  bool   // the query is one of the table, as it is
	places places // nil is plainPlaces
	seen   int
	been   map[string]bool
}

// first is the address of a query. A "|" is sent as %7C, a space as %20; the
// rest is as it stands.
func (p *paging) first(path string) (*url.URL, error) {
	u, err := under(p.origin, strings.NewReplacer("|", "%7C", " ", "%20").Replace(path))
	if err != nil {
		return nil, err
	}
	return u, p.visit(u)
}

// next resolves a link to the next page, which may be relative, and refuses
// one that leads elsewhere: the token would go there.
func (p *paging) next(from *url.URL, link string) (*url.URL, error) {
	to, err := url.Parse(link)
	if err != nil {
		return nil, ErrAddress
	}
	// From the address asked, not from the base: that is what a link means.
	u, err := cmp.Or(p.places, places(plainPlaces{})).resolve(from, to)
	if err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	base, err := url.Parse(p.origin)
	if err != nil || !sameOrigin(base, u) {
		return nil, ErrAddress
	}
	return u, p.visit(u)
}

func (p *paging) visit(u *url.URL) error {
	if p.been == nil {
		p.been = map[string]bool{}
	}
	// A page that was read before leads to the same ones again.
	if p.been[u.String()] || p.seen == p.limit {
		return errIncomplete
	}
	p.been[u.String()] = true
	p.seen++
	return nil
}

// logged is how the chain log may have the address: a query of the table as it
// is, one that was narrowed and a further page without their values.
func (p *paging) logged(u *url.URL) string {
	if p.seen == 1 && p.table {
		return u.String()
	}
	return plainAddress(u)
}

// under joins a base address and a relative one. What is doubled inside the
// base stays: real lists have such addresses, and they work.
func under(base, relative string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(base, "/") + "/" + strings.TrimLeft(relative, "/"))
	if err != nil || u.Host == "" {
		return nil, ErrAddress
	}
	return u, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b) && b.User == nil
}

// originOf is a host and its port, in one spelling.
func originOf(u *url.URL) string { return strings.ToLower(u.Hostname()) + ":" + port(u) }

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}
