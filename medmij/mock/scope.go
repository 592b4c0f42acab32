package mock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/medmij"
)

// The words that a scope of a representative ends with.
const (
	forAdult = "onbehalfof"
	forChild = "onbehalfofchild"
)

// asked is what a scope asks for.
type asked struct {
	provider Provider
	services []string
	share    bool
	named    bool   // the dialect answers with names and numbers
	behalf   string // "", forAdult or forChild
	days     int    // of a subscription
	sub      string // the service to subscribe to
}

// answer writes the scope of the token answer for the services that were
// granted (medmij-protocol.md 3.7 and 3.10).
func (a asked) answer(granted []string) string {
	if a.sub != "" {
		return fmt.Sprintf("subscribe~%d/%s~%s", a.days, a.provider.Name, a.sub)
	}
	if !a.named {
		return strings.Join(granted, " ")
	}
	items := make([]string, len(granted))
	for i, id := range granted {
		items[i] = a.provider.Name + "~" + id
	}
	return strings.Join(items, " ")
}

// readScope understands the scopes of medmij-protocol.md 3.3 at a platform:
// "name" (collect all), "name~53" (share one), "name~48 name~49" (collect
// these, the older form), a subscription, and the words of a representative.
func (n *Network) readScope(scope string, client Client, platform int) (asked, bool) {
	items := strings.Split(scope, " ")
	var a asked
	if last := items[len(items)-1]; last == forAdult || last == forChild {
		a.behalf, items = last, items[:len(items)-1]
	}
	if len(items) == 0 {
		return a, false
	}
	name, _, listed := strings.Cut(items[0], "~")
	if rest, ok := strings.CutPrefix(items[0], "subscribe~"); ok {
		return n.readSubscription(a, rest, items, client, platform)
	}
	var known bool
	if a.provider, known = n.world.provider(name); !known {
		return a, false
	}
	if !listed {
		return a, len(items) == 1 && a.collectAll(n.world, client, platform)
	}
	return a, a.listed(n.world, items, client, platform)
}

// collectAll is the scope of framework 2: all the provider has here that the
// client takes part in.
func (a *asked) collectAll(w world, client Client, platform int) bool {
	for _, id := range a.provider.Services {
		if w.service(id).Direction == medmij.Collect && client.takesPart(id) && platformOf(a.provider, id) == platform {
			a.services = append(a.services, id)
		}
	}
	return a.provider.speaks("2") && len(a.services) > 0
}

// listed is the older form, and the one for sharing. Before 1.5 it names one
// service; what is shared is confirmed by itself.
func (a *asked) listed(w world, items []string, client Client, platform int) bool {
	a.named = !a.provider.speaks("2")
	for _, item := range items {
		name, id, ok := strings.Cut(item, "~")
		offered := ok && name == a.provider.Name && slices.Contains(a.provider.Services, id) && platformOf(a.provider, id) == platform
		if !offered || !client.takesPart(id) || slices.Contains(a.services, id) {
			return false
		}
		a.services = append(a.services, id)
		a.share = a.share || w.service(id).Direction == medmij.Share
	}
	one := a.share || !a.provider.speaks("1.5")
	return len(a.services) == 1 || !one
}

// readSubscription reads "90/name~48", after "subscribe~". No days end a
// subscription; more than the provider gives are cut.
func (n *Network) readSubscription(a asked, rest string, items []string, client Client, platform int) (asked, bool) {
	number, item, _ := strings.Cut(rest, "/")
	name, id, _ := strings.Cut(item, "~")
	days, err := strconv.Atoi(number)
	p, known := n.world.provider(name)
	if err != nil || days < 0 || len(items) != 1 || !known || p.SubscriptionDays == 0 {
		return a, false
	}
	if !slices.Contains(p.Services, id) || n.world.service(id).Direction != medmij.Collect || !client.takesPart(id) || platformOf(p, id) != platform {
		return a, false
	}
	a.provider, a.days, a.sub = p, min(days, p.SubscriptionDays), id
	return a, true
}

// speaks tells whether one of the provider's versions is at least this one.
func (p Provider) speaks(least string) bool {
	return slices.ContainsFunc(p.interfaces(), func(id string) bool { return compareVersions(id, least) >= 0 })
}

// compareVersions compares "1.4.0" and "2" by their numbers.
func compareVersions(a, b string) int {
	number := func(parts []string, i int) int {
		if i >= len(parts) {
			return 0
		}
		n, _ := strconv.Atoi(parts[i]) // what is no number counts as none
		return n
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if d := number(x, i) - number(y, i); d != 0 {
			return d
		}
	}
	return 0
}
