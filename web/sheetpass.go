package web

import (
	"context"
	"slices"
	"strings"

	"github.com/bundel-pgo/bundel/aggregator"
)

// sheetLanguages asks in which language the sheet is.
func (v *view) sheetLanguages(both bool) printField {
	f := printField{Name: "taal", Kind: fieldChoice, Label: v.T("pr.language")}
	for _, lang := range [...]string{"nl", "en"} {
		f.Options = append(f.Options, printOption{lang, v.T("pr.language." + lang), !both && lang == "nl"})
	}
	if both {
		f.Options = append(f.Options, printOption{"nl en", v.T("pr.language.both"), true})
	}
	return f
}

// contactFields ask whom to call.
func (v *view) contactFields() []printField {
	return []printField{
		{Name: "naaste", Kind: fieldText, Label: v.T("pr.contact"), Hint: v.T("pr.contact.hint"), Max: 80},
		{Name: "telefoon", Kind: fieldText, Label: v.T("pr.contact.phone"), Max: 40},
	}
}

// passFields are those of the medicine passport.
func (v *view) passFields() []printField {
	return append(
		[]printField{v.sheetLanguages(true), {Name: "arts", Kind: fieldText, Label: v.T("pr.doctor"), Hint: v.T("pr.doctor.hint"), Max: 80}},
		v.contactFields()...,
	)
}

// inEach makes a sheet in each of the chosen languages.
func (v *view) inEach(ctx context.Context, in typed, one func(*view) sheet) ([]sheet, error) {
	var out []sheet
	for _, lang := range strings.Fields(in.get("taal")) {
		other, err := v.in(ctx, lang)
		if err != nil {
			return nil, err
		}
		out = append(out, one(other))
	}
	return out, nil
}

// passSheets are the medicine passport, for a journey.
func (v *view) passSheets(ctx context.Context, in typed) ([]sheet, error) {
	return v.inEach(ctx, in, func(v *view) sheet { return v.pass(in) })
}

// pass is the passport in the language of the view. Doses stay as the source
// wrote them: a translated dose is a new dose.
func (v *view) pass(in typed) sheet {
	s := v.newSheet("pass")
	s.Parts = []sheetPart{{Name: v.T("pr.part.travel"), Text: filled(v.T("pr.not-official"), v.certificate())}}
	all := v.medicinesNow()
	medicines := sheetPart{Name: v.T("pr.part.nu"), Table: v.passTable(all), Text: filled(v.T("pr.as-written"))}
	if len(all) == 0 {
		medicines.Text = v.nothing("m", medicineTypes)
	}
	s.add(medicines)
	s.add(v.allergyPart())
	if doctor := in.get("arts"); doctor != "" {
		s.add(sheetPart{Name: v.T("pr.doctor.part"), Text: []string{doctor}})
	}
	if contact := filled(in.get("naaste"), in.get("telefoon")); len(contact) > 0 {
		s.add(sheetPart{Name: v.T("pr.contact.part"), Text: contact})
	}
	s.add(sheetPart{Name: v.T("pr.signature"), Lines: make([]string, 1)})
	return s
}

// passTable has the substance, the product as its source names it (with its
// strength and form), how it is used and who prescribed it. Each version of a
// medicine has a row.
func (v *view) passTable(all []bundle) *sheetTable {
	if len(all) == 0 {
		return nil
	}
	t := &sheetTable{Kind: "pass"}
	for _, class := range [...]string{"med", "product", "how", "doctor"} {
		t.Heads = append(t.Heads, cell{Class: class, Text: v.T("pr.pass." + class)})
	}
	for _, b := range all {
		for i, item := range b.items {
			r := sheetRow{More: i > 0}
			name := cell{Class: "med"}
			if i == 0 {
				name.Text, name.Flag = v.substance(b), v.versionFlag(b)
			}
			how := cell{Class: "how", Text: v.howUsed(bundle{title: item.Name(), items: b.items}, item), Lines: v.useFacts("visit", b, item)}
			r.Cells = []cell{name, {Class: "product", Text: clean(item.Name())}, how, {Class: "doctor", Text: prescriber(item)}}
			t.Rows = append(t.Rows, r)
		}
	}
	return t
}

// substance is the active substance; the title when no source gives it.
func (v *view) substance(b bundle) string {
	for _, item := range b.items {
		if m, ok := item.Value.(*aggregator.Medicine); ok && m.Substance != "" {
			return clean(m.Substance)
		}
	}
	return clean(b.title)
}

func prescriber(item aggregator.Item) string {
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		return clean(m.Prescriber)
	}
	return ""
}

// certificate is the advice to ask about a certificate for a journey, when one
// of the medicines may hold a substance for which some countries want one.
func (v *view) certificate() string {
	for _, item := range open(v.o.Subject("medication")) {
		if in(aggregator.Recent, aggregator.Past, aggregator.History)(item) {
			continue
		}
		if v.s.needsCertificate(item) {
			return v.T("pr.certificate")
		}
	}
	return ""
}

// needsCertificate tells whether a medicine goes by one of the names of the
// list. A line "a + b" needs both.
func (s *Server) needsCertificate(item aggregator.Item) bool {
	text := item.Name()
	if m, ok := item.Value.(*aggregator.Medicine); ok {
		text += " " + m.Name + " " + m.Substance
	}
	text = plainLetters(text)
	return slices.ContainsFunc(s.Certificate, func(line string) bool {
		for name := range strings.SplitSeq(line, "+") {
			if name = plainLetters(strings.TrimSpace(name)); name == "" || !strings.Contains(text, name) {
				return false
			}
		}
		return true
	})
}

// plainLetters makes texts comparable: small letters without signs above them.
func plainLetters(text string) string {
	return strings.NewReplacer("ï", "i", "é", "e", "ë", "e", "ö", "o", "ü", "u").Replace(strings.ToLower(text))
}

// certificateList are the substances of product.md 6.14 in both languages, and
// as laboratories write them on boxes.
func certificateList() []string {
	return []string{
		"oxazepam", "temazepam", "diazepam", "lorazepam", "zolpidem", "methylfenidaat", "methylphenidate", "oxycodon", "morfine", "morphine",
		"fentanyl", "codeïne + paracetamol", "codeine + paracetamol", "cannabis",
	}
}
