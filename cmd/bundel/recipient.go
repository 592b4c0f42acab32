package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

// longestName of a recipient is in characters.
const longestName = 80

// tidyName makes a name as it was typed fit on one line.
func tidyName(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// roles are who somebody can be, as --as has them. Empty is somebody in care.
var roles = map[string]share.Role{
	"care": "", "family": share.Family, "employer": share.Employer, "insurer": share.Insurer, "municipality": share.Municipality,
}

const roleWords = "care, family, employer, insurer, municipality"

// connected finds the source of a provider that the person has a grant at.
func connected(c *cobra.Command, d *desk.Desk, name string) (source string, found bool, err error) {
	grants, err := d.Grants(c.Context())
	for _, g := range grants {
		if isNamed(g, name) {
			return g.Source(), true, nil
		}
	}
	return "", false, err
}

// provider finds the source of a provider: a connected one by name, else one
// on the lists.
func (a *app) provider(c *cobra.Command, d *desk.Desk, name string) (string, error) {
	source, found, err := connected(c, d, name)
	if err != nil || found {
		return source, err
	}
	if err := d.Refresh(c.Context()); err != nil {
		return "", err
	}
	p, err := d.FindProvider(c.Context(), name)
	if err != nil {
		return "", err
	}
	return "medmij:" + p.Name, nil
}

// recipient finds the id of somebody to share with: who is known from a choice,
// else a provider.
func (a *app) recipient(c *cobra.Command, d *desk.Desk, name string) (string, error) {
	to, found, err := known(c, d, name)
	if err != nil || found {
		return to.ID, err
	}
	id, err := a.provider(c, d, name)
	if errors.Is(err, desk.ErrNotFound) || errors.Is(err, desk.ErrNoMedMij) {
		err = &problem{
			exit: 1, code: "not-found", err: err, message: a.t("deze ontvanger kennen wij niet", "we do not know this recipient"),
			hint: a.t("kijk in bundel shares; iemand die nieuw is: bundel share ITEM --with NAAM --as family", "look in bundel shares; somebody new: bundel share ITEM --with NAME --as family"),
		}
	}
	return id, err
}

// known finds a recipient among those the person chose for, by id or by name.
func known(c *cobra.Command, d *desk.Desk, name string) (to share.Recipient, found bool, err error) {
	policy, err := d.Policy(c.Context())
	for _, choice := range policy.Choices {
		if choice.Recipient == name || strings.EqualFold(choice.Name, name) {
			return choice.To(), true, nil
		}
	}
	return to, false, err
}

// somebody is the recipient of --with. With --as it need not be a provider, and
// is made when the name is new.
func (a *app) somebody(c *cobra.Command, d *desk.Desk, o shareOptions) (share.Recipient, error) {
	name := tidyName(o.with)
	if o.as == "" {
		to, found, err := known(c, d, name)
		if err == nil && !found {
			to.ID, err = a.recipient(c, d, name)
		}
		return to, err
	}
	role, ok := roles[o.as]
	if !ok {
		return share.Recipient{}, usage(a.t("zo iemand kennen wij niet", "we know nobody like that"), "--as "+roleWords)
	}
	return a.person(c, d, share.Recipient{Name: name, Role: role}, o.stop)
}

// person finds somebody who is no provider by name, or makes them. A name that
// is somebody else's would be two recipients that nobody can tell apart.
func (a *app) person(c *cobra.Command, d *desk.Desk, to share.Recipient, stop bool) (share.Recipient, error) {
	old, found, err := known(c, d, to.Name)
	if err != nil {
		return to, err
	}
	_, provider, err := connected(c, d, to.Name)
	switch {
	case err != nil:
		return to, err
	case provider, found && (old.Role != to.Role || old.Kind() == share.ToProvider):
		return to, usage(a.t("deze naam is al van iemand anders", "this name is of somebody else already"), "bundel shares")
	case found:
		return old, nil
	case stop:
		return to, usage(a.t("met deze persoon deelt u niets", "you share nothing with this person"), "bundel shares")
	case to.Name == "" || len([]rune(to.Name)) > longestName:
		return to, usage(a.t("geef een naam van ten hoogste 80 tekens", "give a name of at most 80 characters"), "--with")
	}
	return share.NewRecipient(share.ToPerson, to.Name, to.Role), nil
}
