package web

import (
	"context"
	"fmt"
	"slices"
)

// letterKeys are the letters to a care provider.
var letterKeys = [...]string{"inzage", "correctie", "wissen", "log", "vraag"}

// isLetter tells whether a paper is a letter.
func isLetter(key string) bool { return slices.Contains(letterKeys[:], key) }

// letterText is a letter of the person, in their own name.
type letterText struct {
	From, To []string
	Day      string
	Subject  string
	Lines    []string // paragraphs of ours
	Own      []string // in the person's own words
	Greeting string
	Ends     string
}

// letterPaper makes the paper of one letter.
func letterPaper(key string) paper {
	return paper{
		key, (*view).letterFields,
		func(v *view, ctx context.Context, in typed) ([]sheet, error) {
			return v.inEach(ctx, in, func(other *view) sheet { return other.letterSheet(key, in) })
		},
	}
}

// letterFields ask to whom the letter is, and for the person's own words.
func (v *view) letterFields() []printField {
	return []printField{
		v.toWhom(),
		{Name: "wie", Kind: fieldText, Label: v.T("pr.to.name"), Hint: v.T("pr.to.hint"), Max: 120},
		{Name: "adres", Kind: fieldArea, Label: v.T("pr.to.address"), Max: 300},
		{Name: "van", Kind: fieldArea, Label: v.T("pr.from"), Hint: v.T("pr.from.hint"), Max: 300},
		{Name: "woorden", Kind: fieldArea, Label: v.T("pr.words"), Hint: v.T("pr.words.hint"), Max: 3000},
		v.sheetLanguages(false),
	}
}

// toWhom asks which care provider the letter goes to.
func (v *view) toWhom() printField {
	f := printField{Name: "aan", Kind: fieldChoice, Label: v.T("pr.to")}
	for _, source := range v.sources() {
		f.Options = append(f.Options, printOption{Value: sourceKey(source), Text: v.provider(source)})
	}
	f.Options = append(f.Options, printOption{Value: "anders", Text: v.T("pr.to.other")})
	if len(f.Options) == 1 {
		f.Options[0].On = true
	}
	return f
}

// recipient is the name of the care provider that was chosen or typed.
func (v *view) recipient(in typed) string {
	for _, source := range v.sources() {
		if in.on("aan", sourceKey(source)) {
			return v.provider(source)
		}
	}
	return in.get("wie")
}

// letterSheet is the letter. It holds nothing of a source, so its foot names none.
func (v *view) letterSheet(key string, in typed) sheet {
	s := v.newSheet(key)
	s.Bare, s.Sources, s.Missing = true, nil, nil
	l := &letterText{
		From: append(filled(s.Name), in.lines("van")...), To: append(filled(v.recipient(in)), in.lines("adres")...),
		Day: v.madeOn(v.now), Subject: v.T("pr.letter." + key + ".about"), Own: in.lines("woorden"),
		Greeting: v.T("pr.letter.greeting"), Ends: v.T("pr.letter.ends"),
	}
	if s.Born != "" {
		l.From = append(l.From, v.T("pr.born", "day", s.Born))
	}
	for i := 1; v.Has(fmt.Sprint("pr.letter.", key, ".", i)); i++ {
		l.Lines = append(l.Lines, v.T(fmt.Sprint("pr.letter.", key, ".", i)))
	}
	s.Letter = l
	return s
}
