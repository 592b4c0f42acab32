package main

import (
	"fmt"

	"github.com/bundel-pgo/bundel/store"
)

// warning is a [store.Warning] in words: what, and the next step.
type warning struct {
	code       store.WarningCode
	text, step string
}

func (a *app) warningTable() []warning {
	return []warning{
		{store.SyncFolder, a.t("de kluis staat in een map die naar een ander apparaat of het internet wordt gekopieerd", "the vault is in a folder that is copied to another device or the internet"), a.t("zo'n kopie kan half zijn; zet de kluis ergens anders, met --store", "such a copy can be half; put the vault elsewhere, with --store")},
		{store.NetworkDisk, a.t("de kluis staat op een schijf van een ander apparaat", "the vault is on a disk of another device"), a.t("valt de verbinding weg, dan kan er iets verloren gaan; zet hem op een schijf van deze computer", "if the connection drops something may be lost; put it on a disk of this computer")},
		{store.OpenFolder, a.t("anderen op deze computer mogen de map van de kluis veranderen", "others on this computer may change the folder of the vault"), a.t("maak de map van u alleen: chmod 700 MAP", "make the folder yours alone: chmod 700 FOLDER")},
		{store.OtherOwner, a.t("het kluisbestand is van een andere gebruiker", "the vault file belongs to another user"), a.t("gebruik Bundel als die gebruiker, of maak het bestand van u: chown", "use Bundel as that user, or make the file yours: chown")},
		{store.FastCommit, a.t("dit systeem kan bij stroomuitval gegevens verliezen (ext4 fast_commit)", "this system can lose data when the power fails (ext4 fast_commit)"), a.t("werk Linux bij: 5.10.94, 5.15.27 of nieuwer", "update Linux: 5.10.94, 5.15.27 or newer")},
		{store.AnchorNew, a.t("deze kluis is hier voor het eerst geopend", "this vault was opened here for the first time"), a.t("of het de nieuwste kopie is, weet deze computer daarom niet; kijk of alles erin staat", "so this computer cannot tell whether it is the newest copy; see that everything is in it")},
		{store.AnchorSpoilt, a.t("wat deze computer van de kluis onthield, was beschadigd of van een ander bestand", "what this computer remembered of the vault was damaged, or of another file"), a.t("het is opnieuw gemaakt; kijk of alles in de kluis staat", "it was made anew; see that everything is in the vault")},
		{store.AnchorUnread, a.t("wat deze computer van de kluis onthoudt, is niet te lezen", "what this computer remembers of the vault cannot be read"), a.t("kijk of u bij de map mag: ~/.local/state/bundel", "see that you may read the folder: ~/.local/state/bundel")},
		{store.OlderAccepted, a.t("een oudere kopie van de kluis is nu de nieuwste", "an older copy of the vault is now the newest"), a.t("wat er daarna bij kwam, haalt u op met: bundel sync", "what came after it is collected with: bundel sync")},
	}
}

// warn puts warnings into words.
func (a *app) warn(all []store.Warning) {
	for _, w := range all {
		for _, row := range a.warningTable() {
			if row.code == w.Code {
				fmt.Fprintln(a.Stderr, a.t("let op: ", "note: ")+row.text)
				fmt.Fprintln(a.Stderr, a.t("  tip: ", "  hint: ")+row.step)
			}
		}
	}
}

// place gives the warnings about where the vault is.
func (a *app) place() []store.Warning {
	path, err := a.storePath()
	if err != nil {
		return nil
	}
	return store.Warnings(path)
}

func codes(all []store.Warning) []string {
	list := []string{}
	for _, w := range all {
		list = append(list, string(w.Code))
	}
	return list
}
