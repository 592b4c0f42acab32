package medmij

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Connection is what one login covers: services of one provider that share
// their authorization and token endpoints. A provider with several needs a
// login for each.
type Connection struct {
	Provider      string  `json:"provider"` // MedMij name
	Display       string  `json:"display"`
	Kind          string  `json:"kind"`
	Dialect       Dialect `json:"dialect"`
	Authorization string  `json:"authorization"` // endpoint address
	Token         string  `json:"token"`         // endpoint address
	Services      []Offer `json:"services"`
	// Key stands for the two endpoints in ID where those change from one search
	// to the next, as they do behind a gateway; empty otherwise.
	Key string `json:"key,omitempty"`
}

// Offer is a data service of a provider with its roles.
type Offer struct {
	ID    string `json:"id"`
	Roles []Role `json:"roles"`
}

// Dialect is how a provider wants to be asked for consent: it follows from the
// framework version in the list of providers.
type Dialect string

// The dialects, by what the scope may hold (medmij-protocol.md 3.3).
const (
	Dialect2  Dialect = "2"   // the provider
	Dialect15 Dialect = "1.5" // several services of the provider
	Dialect12 Dialect = "1.2" // one service
)

// ID names the connection, the same in every run and free of secrets.
func (c Connection) ID() string {
	key := c.Provider + "\n" + cmp.Or(c.Key, c.Authorization+"\n"+c.Token)
	switch {
	case c.Dialect == Dialect12 && len(c.Services) > 0:
		key += "\n" + c.Services[0].ID
	case c.Dialect == Dialect15:
		key += "\n" + string(c.Dialect)
	}
	sum := sha256.Sum256([]byte(key))
	return bareName(c.Provider) + "-" + hex.EncodeToString(sum[:4])
}

// Offer finds a service of the connection.
func (c Connection) Offer(id string) (Offer, bool) {
	i := slices.IndexFunc(c.Services, func(o Offer) bool { return o.ID == id })
	if i < 0 {
		return Offer{}, false
	}
	return c.Services[i], true
}

// base is the address for a part of a service. A role that is not listed is
// taken to be served by the first one.
func (o Offer) base(role string) string {
	for _, r := range o.Roles {
		if role != "" && strings.Contains(r.Code, role) {
			return r.Base
		}
	}
	if len(o.Roles) == 0 {
		return ""
	}
	return o.Roles[0].Base
}

// newestOf keeps of a service that is offered in several versions the highest
// one we speak.
func newestOf(listed []Connection) []Connection {
	var all []Connection
	taken := map[string]bool{}
	for _, c := range listed {
		offers := c.Services
		c.Services = nil
		for _, o := range offers {
			if !taken[o.ID] {
				taken[o.ID] = true
				c.Services = append(c.Services, o)
			}
		}
		if len(c.Services) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// connectionsOf groups all services by their endpoints, those of the highest
// version first.
func connectionsOf(p Provider, versions []InterfaceVersion) []Connection {
	versions = slices.Clone(versions)
	slices.SortStableFunc(versions, func(a, b InterfaceVersion) int { return -compareVersions(a.ID, b.ID) })
	var all []Connection
	for _, v := range versions {
		if dialect := dialectOf(v.ID); dialect != "" {
			for _, s := range v.Services {
				all = addService(all, p, dialect, s)
			}
		}
	}
	return all
}

func addService(all []Connection, p Provider, dialect Dialect, s ListedService) []Connection {
	offer := Offer{ID: s.ID, Roles: s.Roles}
	for i := range all {
		c := &all[i]
		if c.Dialect != dialect || c.Authorization != s.Authorization || c.Token != s.Token {
			continue
		}
		if _, known := c.Offer(s.ID); known {
			return all // in a higher version
		}
		if dialect != Dialect12 {
			c.Services = append(c.Services, offer)
			return all
		}
	}
	return append(all, Connection{
		Provider: p.Name, Display: p.Display, Kind: p.Kind, Dialect: dialect,
		Authorization: s.Authorization, Token: s.Token, Services: []Offer{offer},
	})
}

// dialectOf is empty for a version that is newer than we know.
func dialectOf(version string) Dialect {
	switch {
	case compareVersions(version, "3") >= 0:
		return ""
	case compareVersions(version, "2") >= 0:
		return Dialect2
	case compareVersions(version, "1.5") >= 0:
		return Dialect15
	}
	return Dialect12
}

// compareVersions compares by dot-separated numbers: 1.10 is after 1.9.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if c := part(as, i) - part(bs, i); c != 0 {
			return c
		}
	}
	return 0
}

func part(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}
