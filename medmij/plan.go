package medmij

import "slices"

// Wish is a provider that a person chose and what they want of it. Without
// Services it is all that can be collected there.
type Wish struct {
	Provider string   // MedMij name
	Services []string // ids
}

// Plan is the way to what was wished with the fewest logins: "you log in
// len(Logins) times".
type Plan struct {
	Logins []PlannedLogin
	// Missing are the wishes, or the parts of them, that nothing on the list
	// of providers fulfils. One without services is a provider that is not
	// listed or has nothing to collect.
	Missing []Wish
}

// PlannedLogin is one login: the connection it is at, and the services to ask
// for there.
type PlannedLogin struct {
	Connection Connection
	Services   []string
}

// Plan finds the fewest logins that cover what was wished. Of the ways that
// take as many, it takes the one that leaves the fewest services to older
// dialects, and then the one that comes first on the list. The logins are in
// the order of the wishes; several wishes for one provider are one. Sharing is
// not planned: it takes a login each time.
//
// For a provider that offers what was wished in more than 16 different
// combinations of places, the plan is a good one, not always the best.
func (d *Directory) Plan(wishes []Wish) Plan {
	var plan Plan
	for _, w := range mergedWishes(wishes) {
		listed := d.listed[bareName(w.Provider)]
		wanted := w.Services
		if len(wanted) == 0 {
			wanted = collectable(listed)
		}
		var missing []string
		for _, id := range wanted {
			if !slices.Contains(collectable(listed), id) {
				missing = append(missing, id)
			}
		}
		if len(wanted) == 0 || len(missing) > 0 {
			plan.Missing = append(plan.Missing, Wish{w.Provider, missing})
		}
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(id string) bool { return slices.Contains(missing, id) })
		plan.Logins = append(plan.Logins, planOne(listed, wanted)...)
	}
	return plan
}

// mergedWishes puts wishes for one provider together. One for everything beats those
// for parts.
func mergedWishes(wishes []Wish) []Wish {
	var all []Wish
	at := map[string]int{}
	for _, w := range wishes {
		name := bareName(w.Provider)
		i, known := at[name]
		if !known {
			at[name] = len(all)
			all = append(all, Wish{w.Provider, uniqueIDs(w.Services)})
			continue
		}
		if len(w.Services) == 0 || len(all[i].Services) == 0 {
			all[i].Services = nil
			continue
		}
		all[i].Services = uniqueIDs(slices.Concat(all[i].Services, w.Services))
	}
	return all
}

// uniqueIDs gives the different ones, in the order of their first place.
func uniqueIDs(ids []string) []string {
	var all []string
	for _, id := range ids {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// collectable are the services at these connections that can be collected.
func collectable(listed []Connection) []string {
	var all []string
	for _, c := range listed {
		for _, o := range c.Services {
			if s, ok := ServiceByID(o.ID); ok && s.Direction == Collect {
				all = append(all, o.ID)
			}
		}
	}
	return uniqueIDs(all)
}

// planOne covers services of one provider that are all offered. The list has
// the newest dialect first, so the first chosen connection that offers a
// service has it in the newest one.
func planOne(listed []Connection, wanted []string) []PlannedLogin {
	listed = slices.DeleteFunc(slices.Clone(listed), func(c Connection) bool {
		return !slices.ContainsFunc(wanted, c.offers)
	})
	chosen := fewest(listed, wanted)
	var logins []PlannedLogin
	left := slices.Clone(wanted)
	for _, c := range chosen {
		login := PlannedLogin{Connection: c}
		left = slices.DeleteFunc(left, func(id string) bool {
			if c.offers(id) {
				login.Services = append(login.Services, id)
			}
			return c.offers(id)
		})
		logins = append(logins, login)
	}
	return logins
}

func (c Connection) offers(id string) bool {
	_, ok := c.Offer(id)
	return ok
}
