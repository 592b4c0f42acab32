package web

import (
	"context"
	"errors"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// consents is a row for each login at a provider: until when the person's
// consent holds, and the way to change it, which MedMij asks for by this name
// (medmij-protocol.md 3.8, 5.4). Changing is done on the provider's own page,
// so it is a new login. A file has none; a provider that left MedMij says so.
func (v *view) consents(ctx context.Context, source string) (rows []row, gone bool, err error) {
	if origin := (fhir.Origin{Source: source}); !origin.IsMedMij() {
		return nil, false, nil
	}
	provider, err := v.s.Desk.Provider(ctx, source, v.Lang)
	if errors.Is(err, ErrNotFound) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	for i, c := range provider.Connections {
		r := row{Name: brief(v.List(c.Services)), Lines: []line{plain(v.consentText(c))}}
		if c.Trouble != "" {
			words := medmij.Explain(c.Trouble, v.Lang).For(v.provider(source))
			r.Lines = append(r.Lines, plain(dotted(v.Moment(c.At, v.now), words.What)))
			r.Note = v.codeText(c.Trouble, &Problem{Trace: c.Trace})
		}
		text := v.T("z.consent")
		if c.Consent == ConsentNone {
			text = v.T("z.add-one")
		}
		a := v.connectAction(source, i, text)
		a.About = r.Name
		r.Actions = []action{a}
		rows = append(rows, r)
	}
	return rows, false, nil
}

func (v *view) consentText(c Connection) string {
	switch c.Consent {
	case ConsentOnce:
		return v.T("z.consent.once")
	case ConsentEnded:
		return v.T("z.consent.ended")
	case ConsentLasting:
		return v.T("z.consent.lasting", "when", v.Day(fhir.ParseDate(c.Ends.In(fhir.Amsterdam()).Format(time.DateOnly))))
	}
	return v.T("z.consent.none")
}
