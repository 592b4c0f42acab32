package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
)

// Search finds providers by the words people use for them, best first: in the
// lists, or at the gateway. What a gateway found is remembered as long as the
// program runs, since its connections hold handles that are in no list.
func (d *Desk) Search(ctx context.Context, query string, limit int) ([]medmij.Provider, error) {
	var finder medmij.Finder
	switch dir, err := d.Directory(); {
	case d.gateway != nil:
		finder = d.gateway
	case err != nil:
		return nil, err
	default:
		finder = dir
	}
	found, err := finder.Find(ctx, query, limit)
	if err != nil {
		return nil, err
	}
	if d.gateway != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, p := range found {
			d.found[p.Name] = p
		}
	}
	return found, nil
}

// ProviderNamed gives the provider with a MedMij name; false when it is not
// listed. Behind a gateway it is one that was found before, or is found by
// that name.
func (d *Desk) ProviderNamed(ctx context.Context, name string) (medmij.Provider, bool, error) {
	if d.gateway == nil {
		dir, err := d.Directory()
		if err != nil {
			return medmij.Provider{}, false, err
		}
		p, ok := dir.Provider(name)
		return p, ok, nil
	}
	if p, ok := d.remembered(name); ok {
		return p, true, nil
	}
	_, err := d.Search(ctx, strings.TrimSuffix(name, "@medmij"), 20)
	p, ok := d.remembered(name)
	return p, ok, err
}

func (d *Desk) remembered(name string) (medmij.Provider, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.found[name]
	return p, ok
}

// FindProvider finds one provider by its MedMij name, its source, or a search
// that has one clear answer.
func (d *Desk) FindProvider(ctx context.Context, query string) (medmij.Provider, error) {
	p, ok, err := d.ProviderNamed(ctx, strings.TrimPrefix(query, "medmij:"))
	if err != nil || ok {
		return p, err
	}
	found, err := d.Search(ctx, query, 2)
	switch {
	case err != nil:
		return medmij.Provider{}, err
	case len(found) == 0:
		return medmij.Provider{}, ErrNotFound
	case len(found) > 1 && !strings.EqualFold(found[0].Display, query):
		return medmij.Provider{}, fmt.Errorf("%w: several providers match", ErrNotFound)
	}
	return found[0], nil
}

// ServiceName is the name of a data service in the list of MedMij, else that
// of the table.
func (d *Desk) ServiceName(id string) string {
	if d.lists != nil {
		if dir := d.lists.Last(); dir != nil {
			return dir.ServiceName(id)
		}
	}
	s, ok := medmij.ServiceByID(id)
	if !ok {
		return "Gegevensdienst " + id
	}
	return s.Name
}
