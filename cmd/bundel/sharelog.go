package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
)

// runShareLog prints the ledger. A line that is not as it was written ends it,
// and is an error after what came before.
func (a *app) runShareLog(c *cobra.Command) error {
	d, err := a.open()
	if err != nil {
		return err
	}
	lines, broken := d.Ledger(c.Context())
	if a.json {
		if lines == nil {
			lines = share.Ledger{}
		}
		if err := a.printJSON(map[string]any{"log": lines}); err != nil {
			return err
		}
		return broken
	}
	if len(lines) == 0 && broken == nil {
		fmt.Fprintln(a.Stdout, a.t("U deelde nog nooit iets.", "You never shared anything yet."))
		return nil
	}
	t := a.table(a.t("Wanneer", "When"), a.t("Met", "With"), a.t("Wat gebeurde er", "What happened"), a.t("Gegevens", "Records"))
	for _, l := range lines {
		t.add(l.At.Local().Format("2006-01-02 15:04"), joined(" ", l.Name), a.actWords(l), fmt.Sprint(len(l.Pins)+len(l.Outcomes)))
	}
	t.print()
	return broken
}

// actWords says what a line of the ledger is about.
func (a *app) actWords(l share.Line) string {
	words := map[share.Act]string{
		share.ActPermit: a.t("u koos: mag zien", "you chose: may see"), share.ActDeny: a.t("u koos: mag niet zien", "you chose: may not see"),
		share.ActRevoke: a.t("u trok het in", "you took it back"), share.ActExpire: a.t("het liep af", "it ended"),
		share.ActPreview: a.t("u bekeek wat de ander ziet", "you looked at what the other sees"), share.ActExport: a.t("opgeslagen om te geven", "written to give"),
		share.ActPublish: a.t("klaargezet achter een link", "placed behind a link"), share.ActOpen: a.t("geopend", "opened"),
		share.ActPasscode: a.t("verkeerde code", "wrong code"), share.ActSend: a.t("verzenden begonnen", "sending began"),
		share.ActDeliver: a.t("antwoord van de ontvanger", "answer of the recipient"),
	}
	return joined(" · ", words[l.Act], a.subjectOrNone(l.About), l.How, a.outcomeWords(l))
}

// outcomeWords counts what became of the records of a delivery.
func (a *app) outcomeWords(l share.Line) string {
	counts := map[string]int{}
	for _, o := range l.Outcomes {
		counts[o.Code]++
	}
	text := ""
	for _, row := range [...][2]string{
		{share.Sent, a.t("aangenomen", "accepted")},
		{share.Refused, a.t("niet aangenomen", "refused")},
		{share.Failed, a.t("niet aangekomen", "did not arrive")},
		{share.Unknown, a.t("onzeker", "not certain")},
	} {
		if n := counts[row[0]]; n > 0 {
			text = joined(", ", text, fmt.Sprintf("%s: %d", row[1], n))
		}
	}
	return text
}
