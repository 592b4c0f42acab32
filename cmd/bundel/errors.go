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
	for _, row := range a.errorTable() {
		if errors.Is(err, row.err) {
			return &row
		}
	}
	var provider *medmij.Error
	if errors.As(err, &provider) {
		return a.providerProblem(provider)
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
		{1, "no-lists", a.t("de lijsten van MedMij zijn niet te lezen", "the lists of MedMij cannot be read"), a.t("controleer de verbinding en lists in --config", "check the connection and lists in --config"), medmij.ErrNoLists},
		{1, "not-found", a.t("niet gevonden", "not found"), a.t("zoek met bundel providers, of kijk in bundel overview", "search with bundel providers, or look in bundel overview"), desk.ErrNotFound},
		{1, "login-over", a.t("deze aanmelding is verlopen of van een andere browser", "this login ended or is of another browser"), a.t("begin opnieuw", "start again"), desk.ErrBinding},
		{0, "nothing-to-send", a.t("er is niets om te versturen", "there is nothing to send"), a.t("kies eerst wat u deelt: bundel share ITEM --with ZORGVERLENER", "first choose what you share: bundel share ITEM --with PROVIDER"), desk.ErrNothingToSend},
		{2, "kind", a.t("dit soort gegeven bestaat niet", "there is no such kind of entry"), "bloodpressure, weight, height, glucose, heartrate, temperature, oxygen, medicine, allergy, note", aggregator.ErrKind},
		{2, "number", a.t("dit is geen getal", "this is not a number"), a.t("bijvoorbeeld: bundel add bloodpressure 128/82", "for example: bundel add bloodpressure 128/82"), aggregator.ErrNumber},
		{1, "impossible", a.t("deze waarde kan niet kloppen; er is niets bewaard", "this value cannot be right; nothing was kept"), a.t("kijk de waarde en de eenheid na", "check the value and the unit"), aggregator.ErrImpossible},
		{1, "future", a.t("dit ligt in de toekomst; er is niets bewaard", "this lies in the future; nothing was kept"), "--at", aggregator.ErrFuture},
		{2, "empty", a.t("er is niets ingevuld", "nothing was filled in"), "", aggregator.ErrEmpty},
		{1, "unknown-outcome", a.t("het is niet zeker of het is aangekomen", "it is not certain whether it arrived"), a.t("vraag het na bij uw zorgverlener; wij sturen niets opnieuw", "ask your care provider; we send nothing again"), medmij.ErrUnknownOutcome},
		{2, "no-terminal", a.t("de wachtzin kan hier niet worden gevraagd", "the passphrase cannot be asked here"), "--passphrase-file FILE", errNoTerminal},
	}
}

// providerProblem words what went wrong at a provider (product.md 6.13).
func (a *app) providerProblem(err *medmij.Error) *problem {
	words := map[string][2]string{
		medmij.CodeCancel:      {a.t("geen toestemming, of geen gegevens voor u", "no consent, or no records of you"), a.t("u kunt opnieuw beginnen", "you can start again")},
		medmij.CodeExpired:     {a.t("uw toestemming is verlopen", "your consent has ended"), "bundel connect"},
		medmij.CodeForbidden:   {a.t("de zorgverlener geeft geen toegang", "the care provider gives no access"), a.t("uw bewaarde gegevens blijven staan", "what you have is kept")},
		medmij.CodeUnavailable: {a.t("de zorgverlener reageert niet; dat ligt niet aan u", "the care provider does not answer; it is not you"), a.t("probeer het later opnieuw", "try again later")},
		medmij.CodeTimeout:     {a.t("de zorgverlener reageert niet; dat ligt niet aan u", "the care provider does not answer; it is not you"), a.t("probeer het later opnieuw", "try again later")},
		medmij.CodeTrust:       {a.t("de verbinding met deze zorgverlener is niet te vertrouwen", "the connection with this care provider cannot be trusted"), a.t("meld dit; er is niets verstuurd", "report this; nothing was sent")},
		medmij.CodeLogin:       {a.t("deze aanmelding is verlopen", "this login has ended"), a.t("begin opnieuw", "start again")},
		medmij.CodeBad:         {a.t("de zorgverlener stuurde iets dat wij niet konden lezen", "the care provider sent something we could not read"), ""},
	}[err.Code]
	if words[0] == "" {
		words[0] = a.t("er ging iets mis bij de zorgverlener", "something went wrong at the care provider")
	}
	message := words[0] + " (" + err.Code
	if err.Trace != "" {
		message += ", " + err.Trace
	}
	return &problem{exit: 1, code: err.Code, message: message + ")", hint: words[1], err: err}
}
