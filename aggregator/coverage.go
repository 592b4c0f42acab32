package aggregator

import "github.com/bundel-pgo/bundel/fhir/clinical"

// sayCoverage tells which insurer covers what, and until when.
func (m *merger) sayCoverage(e *entry, c *clinical.Coverage) saying {
	insurer := m.people(e, c.Insurers...)
	return saying{
		title: firstNonEmpty(insurer, c.Type.Display()), when: c.Period.Start, section: ended(c.Status.Code),
		detail: joinText(" · ", c.Type.Display(), m.labelled("number", c.SubscriberID), m.until(c.Period.End)),
	}
}
