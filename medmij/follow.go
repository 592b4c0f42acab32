package medmij

import (
	"context"
	"maps"
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
	// What is read may refer to more; a chain longer than this is none that
	// the table asks for.
	followRounds = 3
)

// target is an address to read.
type target struct {
	at        *url.URL
	described []attachment // by the documents that it belongs to
}

// follow reads what was referred to and did not come by itself, as one query
// for each resource type. Without anything to read there is no such query.
func (r *run) follow(ctx context.Context) {
	tallies := map[string]*tally{}
	for range followRounds {
		for _, kind := range r.kinds() {
			targets, refused := r.targets(kind)
			if len(targets)+refused == 0 || ctx.Err() != nil {
				continue
			}
			if tallies[kind] == nil {
				tallies[kind] = &tally{result: fhir.QueryResult{Query: kind}, optional: !r.required(kind)}
			}
			tallies[kind].refuse(refused, CodeTrust)
			r.readAll(ctx, kind, targets, tallies[kind])
		}
	}
	for _, kind := range r.kinds() {
		if t := tallies[kind]; t != nil && ctx.Err() == nil {
			r.give(ctx, fhir.Page{Query: kind, Result: t.sum()})
		}
	}
}

// kinds are the types to read, those of the row first: what those refer to is
// read in the same round.
func (r *run) kinds() []string {
	kinds := slices.Clone(r.service.Follow)
	for _, ref := range r.reads {
		kinds = append(kinds, ref.Type)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	kinds = append(kinds, slices.Sorted(maps.Keys(r.refs.wanted))...)
	var once []string
	for _, kind := range kinds {
		if !slices.Contains(once, kind) {
			once = append(once, kind)
		}
	}
	return once
}

// required tells whether the person misses something when a type cannot be
// read. What a provider should have included is nice to have: a name, a place.
func (r *run) required(kind string) bool {
	return slices.Contains(r.service.Follow, kind) ||
		slices.ContainsFunc(r.reads, func(ref fhir.Ref) bool { return ref.Type == kind })
}

// readAll reads some at a time. Each read is a page of its own: a document
// that came is stored at once.
func (r *run) readAll(ctx context.Context, kind string, targets []target, t *tally) {
	if most := r.s.c.cfg.Limits.Reads - t.tried; len(targets) > most {
		t.refuse(len(targets)-most, CodeIncomplete)
		targets = targets[:most]
	}
	t.tried += len(targets)
	var reads errgroup.Group
	reads.SetLimit(r.s.c.cfg.Limits.PerHost)
	if kind == binaryType {
		reads.SetLimit(binariesAtOnce)
	}
	for _, to := range targets {
		reads.Go(func() error {
			res, err := r.readOne(ctx, kind, to)
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
}

// targets are the addresses to read that were not read before, and how many
// may not be read because they lead to another host.
func (r *run) targets(kind string) (targets []target, refused int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, reference := range r.refs.take(kind) {
		u, err := r.resolve(kind, reference)
		switch {
		case u == nil && err == nil: // there already, or of no concern
		case err != nil:
			refused++
		default:
			targets = r.refs.once(targets, u, r.refs.described[reference])
		}
	}
	for _, ref := range r.reads {
		if u, err := under(r.offer.base(followRole(kind)), ref.String()); err == nil && ref.Type == kind {
			targets = r.refs.once(targets, u, nil)
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

var (
	goodID   = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)
	goodType = regexp.MustCompile(`^[A-Z][A-Za-z]{1,60}$`)
)

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
