package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/store/keyring"
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
	if p := a.keyProblem(err); p != nil {
		return p
	}
	var older *store.RolledBackError
	if errors.As(err, &older) {
		return a.rolledBack(older)
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
		{12, "wrong-passphrase", a.t("dat is niet de wachtzin", "that is not the passphrase"), a.t("let op hoofdletters; vergeten? bundel recover", "mind the capitals; forgotten? bundel recover"), store.ErrWrongKey},
		{13, "damaged", a.t("de kluis is beschadigd", "the vault is damaged"), a.t("zet een reservekopie terug (bundel restore), of red wat er is (bundel salvage)", "put back a backup (bundel restore), or save what is left (bundel salvage)"), store.ErrDamaged},
		{1, "exists", a.t("er is al een kluis op deze plek", "there already is a vault in this place"), a.t("kies een andere plek met --store", "choose another place with --store"), store.ErrExists},
		{1, "disk-full", a.t("de schijf is vol; wat er al was, is er nog", "the disk is full; what was there is there still"), a.t("maak ruimte en probeer het opnieuw", "make room and try again"), store.ErrFull},
		{1, "reopen", a.t("het is niet zeker of het laatste is bewaard", "it is not certain whether the last thing was saved"), a.t("probeer het opnieuw", "try again"), store.ErrReopen},
		{1, "exposed", a.t("anderen op deze computer kunnen bij het kluisbestand", "others on this computer can reach the vault file"), a.t("maak het bestand van u alleen: chmod 600 KLUISBESTAND", "make the file yours alone: chmod 600 VAULTFILE"), store.ErrExposed},
		{2, "no-medmij", a.t("er is niet ingesteld waar de lijsten van MedMij staan", "it is not set where the lists of MedMij are"), a.t("geef --config FILE, of probeer: bundel demo", "give --config FILE, or try: bundel demo"), desk.ErrNoMedMij},
		{1, "not-found", a.t("niet gevonden", "not found"), a.t("zoek met bundel providers, of kijk in bundel overview", "search with bundel providers, or look in bundel overview"), desk.ErrNotFound},
		{0, "nothing-to-send", a.t("er is niets om te versturen", "there is nothing to send"), a.t("kies eerst wat u deelt: bundel share ITEM --with ZORGVERLENER", "first choose what you share: bundel share ITEM --with PROVIDER"), desk.ErrNothingToSend},
		{1, "changed", a.t("wat verstuurd zou worden, is niet wat u hebt bekeken; er is niets verstuurd", "what would be sent is not what you looked at; nothing was sent"), a.t("bekijk het opnieuw met --preview", "look again with --preview"), desk.ErrPreview},
		{1, "not-offered", a.t("deze zorgverlener neemt dit niet aan via MedMij", "this provider does not take this over MedMij"), a.t("geef het op papier, of bel", "hand it over on paper, or call"), desk.ErrTakesNone},
		{1, "already-sent", a.t("dit is al verstuurd, of misschien; het blijft zoals het is", "this was sent, or may have been; it stays as it is"), a.t("vraag het de zorgverlener", "ask the provider"), desk.ErrSent},
		{1, "no-form", a.t("deze vragenlijst is niet opgehaald, of kan hier niet worden ingevuld", "this questionnaire was not collected, or cannot be filled in here"), a.t("haal opnieuw op met bundel sync, of vraag de zorgverlener", "collect again with bundel sync, or ask the provider"), desk.ErrNoForm},
		{1, "answers", a.t("de antwoorden zijn niet compleet of kloppen niet; ze zijn bewaard en niet verstuurd", "the answers are not complete or not right; they were kept and not sent"), "--answers FILE", share.ErrAnswers},
		{2, "no-words", a.t("schrijf in uw eigen woorden wat niet klopt, in ten hoogste 4000 tekens", "write in your own words what is wrong, in at most 4000 characters"), "--words", share.ErrNoWords},
		{1, "not-theirs", a.t("deze zorgverlener zegt hier niets over", "this provider says nothing about this"), "bundel explain", share.ErrNotTheir},
		{1, "holds-bsn", a.t("hier staat een nummer in dat een BSN kan zijn; dat versturen wij niet", "this holds a number that could be a BSN; we do not send that"), a.t("haal het nummer weg", "take the number out"), share.ErrHoldsBSN},
		{1, "too-large", a.t("dit is te groot om te versturen", "this is too large to send"), "--item", share.ErrTooLarge},
		{2, "file-type", a.t("de inhoud van dit bestand is geen PDF, JPEG of PNG; er is niets bewaard", "the content of this file is no PDF, JPEG or PNG; nothing was kept"), a.t("maak er een PDF van, of schrijf tekst op met: bundel add note", "make it a PDF, or write text down with: bundel add note"), aggregator.ErrFileType},
		{2, "file-large", a.t("dit bestand is groter dan 10 MB; er is niets bewaard", "this file is larger than 10 MB; nothing was kept"), "bundel add document FILE", aggregator.ErrFileLarge},
		{1, "nothing-shared", a.t("u deelt niets met deze ontvanger; er is niets geschreven", "you share nothing with this recipient; nothing was written"), a.t("kies eerst wat u deelt: bundel share ITEM --with ZORGVERLENER", "first choose what you share: bundel share ITEM --with PROVIDER"), desk.ErrNothingShared},
		{2, "no-relay", a.t("er is geen linkserver (relay) ingesteld; zonder kan er geen link worden gemaakt", "no link server (relay) is set; without one no link can be made"), "--relay https://relay.example.nl | --config: share.relay", desk.ErrNoRelay},
		{2, "birth-date", a.t("voor een code is uw geboortedatum nodig", "a code needs your date of birth"), "--born 1961-04-02", share.ErrBirthDate},
		{1, "relay-full", a.t("de linkserver neemt dit niet aan: het is te veel, of hij is vol", "the link server does not take this: it is too much, or it is full"), a.t("kies minder, of geef een bestand (bundel export --format file)", "choose less, or give a file (bundel export --format file)"), share.ErrRefused},
		{1, "relay-busy", a.t("de linkserver heeft het druk", "the link server is busy"), a.t("probeer het over een minuut nog een keer", "try again in a minute"), share.ErrBusy},
		{1, "holds-bsn", a.t("hier staat een burgerservicenummer in; dat geven wij niet weg", "this holds a citizen service number; we do not give that away"), "bundel export", share.ErrBSN},
		{13, "ledger", a.t("het logboek van het delen is niet heel; wat eraan voorafgaat klopt", "the log of sharing is not whole; what comes before the break is good"), a.t("kijk in een reservekopie (bundel restore)", "look in a backup (bundel restore)"), share.ErrLedger},
		{2, "kind", a.t("dit soort gegeven bestaat niet", "there is no such kind of entry"), "bloodpressure, weight, height, glucose, heartrate, temperature, oxygen, medicine, allergy, note", aggregator.ErrKind},
		{2, "number", a.t("dit is geen getal", "this is not a number"), a.t("bijvoorbeeld: bundel add bloodpressure 128/82", "for example: bundel add bloodpressure 128/82"), aggregator.ErrNumber},
		{1, "impossible", a.t("deze waarde kan niet kloppen; er is niets bewaard", "this value cannot be right; nothing was kept"), a.t("kijk de waarde en de eenheid na", "check the value and the unit"), aggregator.ErrImpossible},
		{1, "future", a.t("dit ligt in de toekomst; er is niets bewaard", "this lies in the future; nothing was kept"), "--at", aggregator.ErrFuture},
		{1, "birth", a.t("dit ligt voor uw geboorte; er is niets bewaard", "this lies before your birth; nothing was kept"), "--at", aggregator.ErrBirth},
		{2, "empty", a.t("er is niets ingevuld", "nothing was filled in"), "", aggregator.ErrEmpty},
		{1, "not-found", a.t("niet gevonden", "not found"), "bundel overview", aggregator.ErrNoItem},
		{1, "together", a.t("deze gegevens staan al bij elkaar", "these are together already"), "bundel explain", aggregator.ErrTogether},
		{1, "same-record", a.t("dit zijn kopieën van één gegeven; die kunnen niet uit elkaar", "these are copies of one record; they cannot be taken apart"), "bundel explain", aggregator.ErrSameRecord},
		{1, "no-conflict", a.t("dit verschil staat er niet", "there is no such difference"), "bundel explain", aggregator.ErrNoConflict},
		{1, "no-decision", a.t("deze keuze is er niet, of is al teruggedraaid", "there is no such decision, or it was taken back"), "bundel decisions", aggregator.ErrNoDecision},
		{1, "no-stranger", a.t("van deze bron houden wij niets apart", "we keep nothing of this source apart"), "bundel overview", aggregator.ErrNoStranger},
		{1, "gated", a.t("deze uitslag hebt u nog niet bekeken", "you did not look at this result yet"), "bundel see", aggregator.ErrGated},
		{1, "no-keyring", a.t("de sleutelbos van deze computer is niet te gebruiken", "the keyring of this computer cannot be used"), a.t("log in op het bureaublad en ontgrendel hem; de wachtzin opent de kluis altijd", "log in on the desktop and unlock it; the passphrase always opens the vault"), keyring.ErrUnavailable},
		{2, "no-terminal", a.t("de wachtzin kan hier niet worden gevraagd", "the passphrase cannot be asked here"), "--passphrase-file FILE", errNoTerminal},
	}
}

// keyProblem has the words that depend on what an error about a key holds.
func (a *app) keyProblem(err error) *problem {
	var wait *store.WaitError
	var weak *store.WeakPassphraseError
	switch {
	case errors.As(err, &wait):
		return &problem{
			12, "wait", a.t("er is te vaak een verkeerde wachtzin of code gegeven", "a wrong passphrase or code was given too often"),
			fmt.Sprintf(a.t("probeer het over %s nog een keer; er is nu niets geprobeerd", "try again in %s; nothing was tried now"), wait.Wait.Round(time.Second)), err,
		}
	case errors.As(err, &weak):
		return &problem{2, "weak-passphrase", a.weakness(weak.Reason), a.t("neem 12 tekens of meer, bijvoorbeeld zes woorden", "take 12 characters or more, six words for example"), err}
	}
	return nil
}

func (a *app) weakness(reason store.WeakReason) string {
	switch reason {
	case store.WeakShort:
		return a.t("de wachtzin is te kort", "the passphrase is too short")
	case store.WeakDigits:
		return a.t("alleen cijfers is te makkelijk te raden", "digits alone are too easy to guess")
	case store.WeakRepeated:
		return a.t("steeds hetzelfde stukje is te makkelijk te raden", "the same piece again and again is too easy to guess")
	case store.WeakWalk:
		return a.t("een rijtje letters of toetsen is te makkelijk te raden", "a row of letters or keys is too easy to guess")
	}
	return a.t("deze wachtzin kiezen veel mensen", "many people choose this passphrase")
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

// rolledBack says how far the file and this computer are apart. The person may
// have put back a back-up, so the way on is theirs to choose.
func (a *app) rolledBack(err *store.RolledBackError) *problem {
	what := a.t("dit is een oudere kopie van de kluis", "this is an older copy of the vault")
	if err.Forked {
		what = a.t("in deze kluis ontbreekt wat hier is bewaard: er is verder gewerkt op een oudere kopie",
			"this vault lacks what was kept here: somebody went on from an older copy")
	}
	return &problem{
		exit: 13, code: "rolled-back", err: err,
		message: fmt.Sprintf(a.t("%s (het bestand: stand %d%s; hier gezien: stand %d%s)", "%s (the file: state %d%s; seen here: state %d%s)"),
			what, err.Have, a.onDay(err.HaveAt), err.Want, a.onDay(err.WantAt)),
		hint: a.t("zet het nieuwste kluisbestand terug; hebt u zelf een reservekopie teruggezet, geef dan een keer --accept-older",
			"put back the newest vault file; if you put back a backup yourself, give --accept-older once"),
	}
}

func (a *app) onDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return a.t(" van ", " of ") + at.Local().Format("2006-01-02 15:04")
}
