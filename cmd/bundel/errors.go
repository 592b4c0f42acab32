package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web/desk"
)

var errNoTerminal = errors.New("no terminal")

// problem is an error with its words and its exit code.
type problem struct {
	exit          int
	code          string
	message, hint string
	err           error
}

func (p *problem) Error() string { return p.message }
func (p *problem) Unwrap() error { return p.err }

func usage(message, hint string) error {
	return &problem{exit: 2, code: "usage", message: message, hint: hint}
}

// misused: whatever goes wrong before a command starts is about the command line.
func (a *app) misused(err error) error {
	var p *problem
	if errors.As(err, &p) {
		return err
	}
	return usage(a.t("dit begrijpen wij niet: ", "we do not understand this: ")+err.Error(), "bundel --help")
}

// report writes one line of what and one line of hint, or JSON, and gives the
// exit code.
func (a *app) report(err error) int {
	p := a.explainError(err)
	if a.json {
		raw, _ := json.Marshal(map[string]any{"error": map[string]string{"code": p.code, "message": p.message, "hint": p.hint}})
		fmt.Fprintln(a.Stderr, string(raw))
		return p.exit
	}
	fmt.Fprintln(a.Stderr, "bundel: "+p.message)
	if p.hint != "" {
		fmt.Fprintln(a.Stderr, a.t("  tip: ", "  hint: ")+p.hint)
	}
	return p.exit
}

// explainError puts an error into words with a next step.
func (a *app) explainError(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var refused *aggregator.Refused
	if errors.As(err, &refused) {
		return &problem{1, "refused", a.t("dit kan niet samen: ", "these cannot be joined: ") + refused.Words(a.lang), a.t("kijk met bundel explain wat ernaast staat", "see with bundel explain what stands beside it"), err}
	}
	for _, row := range a.errorTable() {
		if errors.Is(err, row.err) {
			return &row
		}
	}
	if errors.Is(err, desk.ErrBinding) {
		return a.providerProblem(medmij.CodeLogin, err)
	}
	if code := medmij.CodeOf(err); code != medmij.CodeOther {
		return a.providerProblem(code, err)
	}
	return &problem{exit: 1, code: "error", message: err.Error()}
}

func (a *app) errorTable() []problem {
	return []problem{
		{10, "no-store", a.t("er is nog geen kluis", "there is no vault yet"), a.t("maak er een met: bundel init", "make one with: bundel init"), store.ErrNoStore},
		{11, "in-use", a.t("de kluis is in gebruik door een ander programma", "the vault is in use by another program"), a.t("sluit het andere venster van Bundel en probeer opnieuw", "close the other window of Bundel and try again"), store.ErrInUse},
		{12, "wrong-passphrase", a.t("dat is niet de wachtzin", "that is not the passphrase"), a.t("let op hoofdletters; of gebruik uw herstelcode op de pagina's", "mind the capitals; or use your recovery code on the pages"), store.ErrWrongKey},
		{13, "damaged", a.t("de kluis is beschadigd", "the vault is damaged"), a.t("zet een reservekopie terug; bundel verify --deep zegt waar", "put back a backup; bundel verify --deep tells where"), store.ErrDamaged},
		{1, "exists", a.t("er is al een kluis op deze plek", "there already is a vault in this place"), a.t("kies een andere plek met --store", "choose another place with --store"), store.ErrExists},
		{2, "weak-passphrase", a.t("de wachtzin is te kort", "the passphrase is too short"), a.t("neem 12 tekens of meer, bijvoorbeeld zes woorden", "take 12 characters or more, six words for example"), store.ErrWeakPassphrase},
		{1, "exposed", a.t("anderen op deze computer kunnen bij het kluisbestand", "others on this computer can reach the vault file"), "chmod 600", store.ErrExposed},
		{2, "no-medmij", a.t("er is niet ingesteld waar de lijsten van MedMij staan", "it is not set where the lists of MedMij are"), a.t("geef --config FILE, of probeer: bundel demo", "give --config FILE, or try: bundel demo"), desk.ErrNoMedMij},
		{1, "not-found", a.t("niet gevonden", "not found"), a.t("zoek met bundel providers, of kijk in bundel overview", "search with bundel providers, or look in bundel overview"), desk.ErrNotFound},
		{0, "nothing-to-send", a.t("er is niets om te versturen", "there is nothing to send"), a.t("kies eerst wat u deelt: bundel share ITEM --with ZORGVERLENER", "first choose what you share: bundel share ITEM --with PROVIDER"), desk.ErrNothingToSend},
		{2, "kind", a.t("dit soort gegeven bestaat niet", "there is no such kind of entry"), "bloodpressure, weight, height, glucose, heartrate, temperature, oxygen, medicine, allergy, note", aggregator.ErrKind},
		{2, "number", a.t("dit is geen getal", "this is not a number"), a.t("bijvoorbeeld: bundel add bloodpressure 128/82", "for example: bundel add bloodpressure 128/82"), aggregator.ErrNumber},
		{1, "impossible", a.t("deze waarde kan niet kloppen; er is niets bewaard", "this value cannot be right; nothing was kept"), a.t("kijk de waarde en de eenheid na", "check the value and the unit"), aggregator.ErrImpossible},
		{1, "future", a.t("dit ligt in de toekomst; er is niets bewaard", "this lies in the future; nothing was kept"), "--at", aggregator.ErrFuture},
		{2, "empty", a.t("er is niets ingevuld", "nothing was filled in"), "", aggregator.ErrEmpty},
		{1, "not-found", a.t("niet gevonden", "not found"), "bundel overview", aggregator.ErrNoItem},
		{1, "together", a.t("deze gegevens staan al bij elkaar", "these are together already"), "bundel explain", aggregator.ErrTogether},
		{1, "same-record", a.t("dit zijn kopieën van één gegeven; die kunnen niet uit elkaar", "these are copies of one record; they cannot be taken apart"), "bundel explain", aggregator.ErrSameRecord},
		{1, "no-conflict", a.t("dit verschil staat er niet", "there is no such difference"), "bundel explain", aggregator.ErrNoConflict},
		{1, "no-decision", a.t("deze keuze is er niet, of is al teruggedraaid", "there is no such decision, or it was taken back"), "bundel decisions", aggregator.ErrNoDecision},
		{1, "no-stranger", a.t("van deze bron houden wij niets apart", "we keep nothing of this source apart"), "bundel overview", aggregator.ErrNoStranger},
		{1, "gated", a.t("deze uitslag hebt u nog niet bekeken", "you did not look at this result yet"), "bundel see", aggregator.ErrGated},
		{2, "no-terminal", a.t("de wachtzin kan hier niet worden gevraagd", "the passphrase cannot be asked here"), "--passphrase-file FILE", errNoTerminal},
	}
}

// providerProblem takes the words for a code, and adds what only a command line
// can: which command to give, and the id that the provider knows too.
func (a *app) providerProblem(code string, err error) *problem {
	f := medmij.FailureOf(code)
	words := medmij.Explain(code, a.lang).For("")
	hint := words.Step
	if f.Next == medmij.NextLogin {
		hint += " bundel connect"
	}
	message := words.What + " (" + code
	var provider *medmij.Error
	if errors.As(err, &provider) && provider.Trace != "" {
		message += ", " + provider.Trace
	}
	return &problem{exit: 1, code: code, message: message + ")", hint: hint, err: err}
}
