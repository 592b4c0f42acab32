package medmij

import (
	"context"
	"net/url"
)

// find asks page after page.
func (b bundel1) find(ctx context.Context, query string, limit int) ([]Provider, error) {
	var all []Provider
	cursor := ""
	for range mostSearchPages {
		next, some, err := b.page(ctx, query, cursor)
		if err != nil {
			return nil, &Error{Code: codeOf(err), Op: "find providers", Err: err}
		}
		all = append(all, some...)
		if next == "" || next == cursor || len(all) >= limit {
			break
		}
		cursor = next
	}
	return all[:min(limit, len(all))], nil
}

// mostSearchPages bounds a search: nobody looks further.
const mostSearchPages = 20

func (b bundel1) page(ctx context.Context, query, cursor string) (next string, some []Provider, err error) {
	var answer struct {
		Providers []bundelProvider `json:"providers"`
		Next      string           `json:"next"`
	}
	q := url.Values{"q": {query}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if err := b.g.ask(ctx, b.g.RoundTrip, b.g.base.String()+"/providers?"+q.Encode(), nil, &answer); err != nil {
		return "", nil, err
	}
	for _, p := range answer.Providers {
		some = append(some, b.g.provider(p.found()))
	}
	return answer.Next, some, nil
}

type bundelProvider struct {
	Name     string `json:"name"`
	Display  string `json:"display"`
	City     string `json:"city"`
	Type     string `json:"type"`
	Services []struct {
		ID         string `json:"id"`
		Connection string `json:"connection"`
		Roles      []struct {
			Code   string `json:"code"`
			Target string `json:"target"`
		} `json:"roles"`
	} `json:"services"`
}

// found has one interface version: the gateway knows which dialect a provider
// wants, and asks for consent in it.
func (p bundelProvider) found() found {
	v := InterfaceVersion{ID: string(Dialect2)}
	for _, s := range p.Services {
		service := ListedService{ID: s.ID, Authorization: s.Connection, Token: s.Connection}
		for _, r := range s.Roles {
			service.Roles = append(service.Roles, Role{Code: r.Code, Base: r.Target})
		}
		v.Services = append(v.Services, service)
	}
	f := found{Provider: Provider{Name: p.Name, Display: p.Display, City: p.City}, versions: []InterfaceVersion{v}}
	if kindWords(p.Type) != "" {
		f.Kind = p.Type
	}
	return f
}
