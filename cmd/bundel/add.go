package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
)

type addOptions struct {
	at, note string
	yes      bool
}

func (a *app) addCommand() *cobra.Command {
	var o addOptions
	c := &cobra.Command{
		Use: a.t("add SOORT WAARDE...", "add KIND VALUE..."), Args: a.atLeast(2, "bundel add bloodpressure 128/82"),
		Short: a.t("Voeg iets van uzelf toe: een meting, medicijn, allergie of notitie", "Add something of your own: a measurement, medicine, allergy or note"),
		Long: a.t("Voeg iets van uzelf toe.", "Add something of your own.") + `

  bundel add bloodpressure 128/82
  bundel add weight 81.4kg
  bundel add glucose 6,3
  bundel add medicine "Paracetamol 500 mg" --note "bij hoofdpijn"
  bundel add allergy pleister
  bundel add note "vraag naar de uitslag"
  bundel add document brief.pdf --note "Brief van de fysiotherapeut"

` + a.t("Soorten: ", "Kinds: ") + "bloodpressure, weight, height, glucose, heartrate, pulse, temperature, oxygen, respiration, medicine, allergy, note, document",
		RunE: func(c *cobra.Command, args []string) error {
			return a.runAdd(c, args[0], strings.Join(args[1:], " "), o)
		},
	}
	c.Flags().StringVar(&o.at, "at", "", a.t("wanneer, bijvoorbeeld 2026-06-01T08:30", "when, 2026-06-01T08:30 for example"))
	c.Flags().StringVar(&o.note, "note", "", a.t("een opmerking", "a remark"))
	c.Flags().BoolVar(&o.yes, "yes", false, a.t("ja, deze ongewone waarde klopt", "yes, this unusual value is right"))
	return c
}

func (a *app) runAdd(c *cobra.Command, kind, value string, o addOptions) error {
	at, err := a.when(o.at)
	if err != nil {
		return err
	}
	if kind == "document" {
		return a.addDocument(c, value, at, o)
	}
	value, err = a.withoutUnit(kind, value)
	if err != nil {
		return err
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	question, err := d.Add(c.Context(), aggregator.OwnEntry{Kind: kind, Value: value, Note: o.note, At: at, Confirmed: o.yes})
	if err != nil {
		return err
	}
	if question != "" {
		return a.ask(question)
	}
	return a.printAdded()
}

// addDocument keeps a file; its title is --note, else its name.
func (a *app) addDocument(c *cobra.Command, name string, at time.Time, o addOptions) error {
	data, err := readUpTo(name, aggregator.MaxOwnDocument)
	if err != nil {
		return usage(a.t("het bestand is niet te lezen", "the file cannot be read"), "bundel add document FILE")
	}
	d, err := a.open()
	if err != nil {
		return err
	}
	title := cmp.Or(o.note, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
	if err := d.AddDocument(c.Context(), aggregator.OwnDocument{Title: title, Data: data, At: at}); err != nil {
		return err
	}
	return a.printAdded()
}

// readUpTo reads a file, but one byte more than the limit at most: enough to
// tell that it is too large.
func readUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func (a *app) printAdded() error {
	if a.json {
		return a.printJSON(map[string]bool{"added": true})
	}
	fmt.Fprintln(a.Stdout, a.t("Toegevoegd.", "Added."))
	return nil
}

// when reads --at: the moment itself, or a day.
func (a *app) when(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	d := fhir.ParseDate(strings.Replace(s, " ", "T", 1))
	if d.Precision() < fhir.PrecisionDay {
		return time.Time{}, usage(a.t("dit is geen moment", "this is not a moment"), "--at 2026-06-01T08:30")
	}
	return d.Low(), nil
}

// withoutUnit takes the unit off a value, when it is the unit of the kind.
// Another unit is refused: nothing is converted in silence.
func (a *app) withoutUnit(kind, value string) (string, error) {
	units := map[string][]string{
		"bloodpressure": {"mmhg"}, "weight": {"kg"}, "height": {"cm"}, "temperature": {"°c", "c"}, "oxygen": {"%"},
		"glucose": {"mmol/l"}, "heartrate": {"/min", "bpm"}, "pulse": {"/min", "bpm"}, "respiration": {"/min"},
	}[kind]
	if units == nil {
		return value, nil
	}
	number := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ°% ")
	unit := strings.ToLower(strings.TrimSpace(value[len(number):]))
	if before, after, ok := strings.Cut(number, "/"); ok && kind != "bloodpressure" {
		number, unit = strings.TrimRight(before, "molMOL "), "/"+after+unit
		if strings.HasPrefix(strings.ToLower(value[len(number):]), "mmol") {
			unit = "mmol" + unit
		}
	}
	if unit != "" && !contains(units, unit) {
		return "", usage(a.t("deze eenheid kennen wij hier niet", "we do not know this unit here"), strings.Join(units, ", "))
	}
	return strings.TrimSpace(number), nil
}

// ask turns a question into words: at the command line the answer is a flag.
func (a *app) ask(question string) error {
	switch question {
	case aggregator.AskMgdl:
		return usage(a.t("bedoelt u mg/dL? Bundel bewaart glucose in mmol/L; er is niets bewaard", "did you mean mg/dL? Bundel keeps glucose in mmol/L; nothing was kept"), a.t("deel door 18", "divide by 18"))
	case aggregator.AskMetres:
		return usage(a.t("bedoelt u meters? Bundel bewaart lengte in cm; er is niets bewaard", "did you mean metres? Bundel keeps height in cm; nothing was kept"), "bundel add height 180")
	case aggregator.AskTwice:
		return usage(a.t("dit is net ook al bewaard; er is niets bewaard", "this was kept a moment ago; nothing was kept"), a.t("nog een keer? Voeg --yes toe", "once more? Add --yes"))
	case aggregator.AskJump:
		return usage(a.t("deze waarde is heel anders dan de vorige; er is niets bewaard", "this value is far from the last one; nothing was kept"), a.t("klopt hij? Voeg --yes toe", "is it right? Add --yes"))
	}
	return usage(a.t("deze waarde is ongewoon; er is niets bewaard", "this value is unusual; nothing was kept"), a.t("klopt hij? Voeg --yes toe", "is it right? Add --yes"))
}
