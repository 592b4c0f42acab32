package aggregator

import (
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// sayDeviceUse tells which aid or implant is used, where and why. What is in
// the body stays found, also when its period is over: only its status ends it.
func (m *merger) sayDeviceUse(e *entry, d *clinical.DeviceUse) saying {
	product := m.book.node(e, d.Device)
	return saying{
		title: m.named(e, d.Device), when: firstDate(d.Used.Start, d.Recorded), author: []fhir.Reference{d.Person, d.Provider, d.Source},
		detail: joinText(" · ", joinText(" ", product.Str("manufacturer"), firstNonEmpty(product.Str("model"), product.Str("modelNumber"))),
			m.labelled("lot", product.Str("lotNumber")), sites(d.Sites), codedWords(d.Reasons), m.named(e, d.ReasonRefs...),
			m.until(d.Used.End), remarks(d.Remarks)),
		section: ended(d.Status.Code),
	}
}

func (m *merger) sayDeviceRequest(d *clinical.DeviceRequest) saying {
	return saying{
		title: d.Code.Display(), when: firstDate(d.Occurrence.Start, d.Authored), author: []fhir.Reference{d.Requester}, section: ended(d.Status.Code),
		detail: joinText(" · ", codedWords(d.Reasons), remarks(d.Remarks)),
	}
}

// sayDevice tells of an aid that no use names.
func (m *merger) sayDevice(d *clinical.Device) saying {
	return saying{
		title: firstNonEmpty(d.Type.Display(), d.Model), when: d.Made, section: ended(d.Status.Code),
		detail: joinText(" · ", joinText(" ", d.Maker, unlessSame(d.Model, d.Type.Display())), m.labelled("lot", d.Lot), m.labelled("serial", d.Serial), remarks(d.Remarks)),
	}
}
