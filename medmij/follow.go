package medmij

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/fhir"
	"golang.org/x/sync/errgroup"
)

const (
	binaryType = "Binary"
	// Documents are large: only so many are in memory at once.
	binariesAtOnce = 2
)

// remember notes which resources there are, and which they refer to of the
// types that the service follows.
func (r *run) remember(resources []fhir.Resource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, res := range resources {
		r.have[res.Ref] = true
		if len(r.service.Follow) > 0 {
			r.refer(res)
		}
	}
}

func (r *run) refer(res fhir.Resource) {
	root := res.Node()
	walk(root, func(n fhir.Node) {
		reference := n.Str("reference")
		for _, kind := range r.service.Follow {
			if kind != binaryType && strings.Contains(reference, kind+"/") {
				r.want(kind, reference)
			}
		}
	})
	if res.Type != "DocumentReference" {
		return
	}
	for _, content := range root.All("content") {
		if a := content.Get("attachment"); a.Str("url") != "" && a.Str("data") == "" {
			r.want(binaryType, a.Str("url"))
		}
	}
}

func (r *run) want(kind, reference string) {
	if !slices.Contains(r.wanted[kind], reference) {
		r.wanted[kind] = append(r.wanted[kind], reference)
	}
}

// walk visits every object of a resource. Resources are at most MaxDepth deep.
func walk(n fhir.Node, visit func(fhir.Node)) {
	if n.IsObject() {
		visit(n)
	}
	for _, m := range n.Members() {
		walk(m, visit)
	}
	for _, item := range n.Items() {
		walk(item, visit)
	}
}

// follow reads what was referred to and did not come by itself, as one query
// named by the resource type. Without anything to read there is no such query.
func (r *run) follow(ctx context.Context, kind string) {
	targets, refused := r.targets(kind)
	if len(targets)+refused == 0 || ctx.Err() != nil {
		return
	}
	t := tally{result: fhir.QueryResult{Query: kind}, failed: refused}
	if refused > 0 {
		t.code = CodeTrust
	}
	var reads errgroup.Group
	reads.SetLimit(r.s.c.cfg.Limits.PerHost)
	if kind == binaryType {
		reads.SetLimit(binariesAtOnce)
	}
	// Each read is a page of its own: a document that came is stored at once.
	for _, target := range targets {
		reads.Go(func() error {
			res, err := r.readOne(ctx, kind, target)
			if err == nil {
				err = r.count(1)
			}
			if t.add(err) {
				r.remember([]fhir.Resource{res})
				r.give(ctx, fhir.Page{Query: kind, Resources: []fhir.Resource{res}})
			}
			return nil
		})
	}
	_ = reads.Wait() // they report in the tally
	if ctx.Err() == nil {
		r.give(ctx, fhir.Page{Query: kind, Result: t.sum()})
	}
}

// targets are the addresses to read, and how many may not be read because
// they lead to another host.
func (r *run) targets(kind string) (targets []*url.URL, refused int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	for _, reference := range r.wanted[kind] {
		u, err := r.resolve(kind, reference)
		switch {
		case u == nil && err == nil: // there already, or of no concern
		case err != nil:
			refused++
		case !seen[u.String()]:
			seen[u.String()] = true
			targets = append(targets, u)
		}
	}
	return targets, refused
}

// resolve makes an address of a reference; nil when there is nothing to read:
// it came already, or lives elsewhere. A resource is read at the base of its
// service only. An attachment may be on any origin that the list of providers
// has for this service; elsewhere is an error, for the person misses it.
func (r *run) resolve(kind, reference string) (*url.URL, error) {
	to, err := url.Parse(reference)
	if err != nil || strings.Contains(to.Path, "..") {
		return nil, ErrAddress
	}
	// It names an entry of a Bundle, which came or did not.
	if to.Scheme == "urn" {
		return nil, nil
	}
	base := r.offer.base(followRole(kind))
	u, err := r.against(base, reference, to)
	if err != nil {
		return nil, err
	}
	plain, _, _ := strings.Cut(u.String(), "/_history/")
	id, inside := strings.CutPrefix(plain, strings.TrimRight(base, "/")+"/"+kind+"/")
	switch {
	case inside && goodID.MatchString(id):
		if r.have[fhir.Ref{Type: kind, ID: id}] {
			return nil, nil
		}
		return url.Parse(plain)
	case kind == binaryType:
		return u, r.ownHost(u)
	}
	return nil, nil
}

// against resolves as FHIR asks: what is relative comes after the base, where
// HTML would take off its last part.
func (r *run) against(base, reference string, to *url.URL) (*url.URL, error) {
	if !to.IsAbs() && to.Host == "" && !strings.HasPrefix(reference, "/") {
		return under(base, reference)
	}
	from, err := url.Parse(base)
	if err != nil {
		return nil, ErrAddress
	}
	return r.s.c.places.resolve(from, to)
}

var goodID = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// followRole is the role whose endpoint gives the resources of a type: of
// documents, finding and fetching are apart.
func followRole(kind string) string {
	switch kind {
	case binaryType:
		return "PDB"
	case "DocumentReference":
		return "PLB"
	}
	return ""
}

// ownHost lets the token go to the origins of this service only, however many
// other hosts are on the Whitelist.
func (r *run) ownHost(u *url.URL) error {
	for _, role := range r.offer.Roles {
		if base, err := url.Parse(role.Base); err == nil && sameOrigin(base, u) {
			return nil
		}
	}
	return ErrAddress
}
