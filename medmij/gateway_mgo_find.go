package medmij

import (
	"cmp"
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// find asks with all words as the name. When that gives nothing the last word
// is taken for the place, which the gateway wants apart.
func (m mgo) find(ctx context.Context, query string, limit int) ([]Provider, error) {
	words := strings.Fields(query)
	providers, err := m.searchFor(ctx, strings.Join(words, " "), "")
	if err == nil && len(providers) == 0 && len(words) > 1 {
		providers, err = m.searchFor(ctx, strings.Join(words[:len(words)-1], " "), words[len(words)-1])
	}
	if err != nil {
		return nil, &Error{Code: codeOf(err), Op: "find providers", Err: err}
	}
	return providers[:min(limit, len(providers))], nil
}

type mgoOrganization struct {
	MedMijID string `json:"medmij_id"`
	Display  string `json:"display_name"`
	ID       string `json:"identification"`
	Places   []struct {
		City     string   `json:"city"`
		Postcode string   `json:"postalcode"`
		Lines    []string `json:"lines"`
	} `json:"addresses"`
	Services []struct {
		ID            json.RawMessage   `json:"id"`
		Versions      []json.RawMessage `json:"interface_versions"`
		Authorization string            `json:"auth_endpoint"`
		Token         string            `json:"token_endpoint"`
		Roles         []struct {
			Code string `json:"code"`
			Base string `json:"resource_endpoint"`
		} `json:"roles"`
	} `json:"data_services"`
}

func (m mgo) searchFor(ctx context.Context, name, city string) ([]Provider, error) {
	var answer struct {
		Organizations []mgoOrganization `json:"organizations"`
	}
	address := m.g.search.JoinPath("localization", "organization", "search").String()
	if err := m.g.ask(ctx, m.g.RoundTrip, address, map[string]string{"name": name, "city": city}, &answer); err != nil {
		return nil, err
	}
	var all []Provider
	for _, o := range answer.Organizations {
		// Who has no MedMij name does not take part.
		if bareName(o.MedMijID) != "" {
			all = append(all, m.g.provider(o.found()))
		}
	}
	return all, nil
}

func (o mgoOrganization) found() found {
	f := found{Provider: Provider{Name: bareName(o.MedMijID), Display: o.Display}}
	if _, agb, ok := strings.Cut(o.ID, "agb-z:"); ok {
		f.AGB = path.Base(agb)
	}
	if len(o.Places) > 0 {
		p := o.Places[0]
		f.City, f.Postcode, f.Street = p.City, p.Postcode, strings.Join(p.Lines, ", ")
	}
	for _, s := range o.Services {
		id, version := unquote(s.ID), newestVersion(s.Versions)
		service := ListedService{ID: id, Authorization: s.Authorization, Token: s.Token}
		for _, r := range s.Roles {
			service.Roles = append(service.Roles, Role{Code: r.Code, Base: mgoTargetOf(r.Base, id, o.MedMijID)})
		}
		i := slices.IndexFunc(f.versions, func(v InterfaceVersion) bool { return v.ID == version })
		if i < 0 {
			i, f.versions = len(f.versions), append(f.versions, InterfaceVersion{ID: version})
		}
		f.versions[i].Services = append(f.versions[i].Services, service)
	}
	return f
}

// newestVersion is the highest interface version that we speak; of a service that
// has none it is 2, which all of them speak by now.
func newestVersion(versions []json.RawMessage) string {
	best := ""
	for _, raw := range versions {
		v := unquote(raw)
		if dialectOf(v) != "" && (best == "" || compareVersions(v, best) > 0) {
			best = v
		}
	}
	return cmp.Or(best, "2")
}

// unquote takes a value that is text to some and a number to others.
func unquote(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }
