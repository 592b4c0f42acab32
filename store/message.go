package store

import (
	"encoding/binary"
	"encoding/json"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/seal"
)

// message is what one message in the inbox says: a page of a collection, or how
// the collection ended. Its layout is final.
type message struct {
	delivery [16]byte // of the collection; random
	index    uint64   // within it, from 0
	origin   fhir.Origin
	version  fhir.Version
	began    int64 // of the collection, nanoseconds since 1970
	at       int64 // when this was sealed
	refused  map[Reason]int
	end      ending
	page     fhir.Page
}

// ending is how a collection ended. While it goes on, a message is a page.
type ending byte

const (
	goesOn ending = iota
	complete
	cutByError
	cutByCaller
)

// detail is what the receipt says of it; the words are those of Put.
func (e ending) detail() string {
	switch e {
	case cutByError, goesOn: // with nothing behind it
		return detailEarly
	case cutByCaller:
		return detailStopped
	}
	return ""
}

// maxReasons bounds what a message says of refused resources.
const maxReasons = 16

// encode leaves nothing out but what fhir.Parse finds again in the bytes. Error:
// ErrTooLarge for names that no query has.
func (m message) encode() ([]byte, error) {
	if len(m.page.Query) > maxName || len(m.page.Trace) > maxName {
		return nil, ErrTooLarge
	}
	b := append([]byte{byte(m.end)}, m.delivery[:]...)
	b = binary.AppendUvarint(b, m.index)
	b = append(appendText(appendText(b, m.origin.Source), m.origin.Service), byte(m.version))
	b = binary.AppendVarint(binary.AppendVarint(b, m.began), m.at)
	b = binary.AppendUvarint(b, uint64(len(m.refused)))
	for _, reason := range sortedReasons(m.refused) {
		b = binary.AppendUvarint(appendText(b, string(reason)), uint64(m.refused[reason])) // #nosec G115 -- a count
	}
	b = appendText(appendText(b, m.page.Query), m.page.Trace)
	result, err := []byte(nil), error(nil)
	if m.page.Result != nil {
		result, err = json.Marshal(m.page.Result)
	}
	b = appendText(b, string(result))
	b = binary.AppendUvarint(b, uint64(len(m.page.Resources)))
	for _, r := range m.page.Resources {
		b = append(b, byte(r.Version))
		b = binary.AppendUvarint(b, uint64(r.Masked)) // #nosec G115 -- a count
		b = appendText(b, r.FullURL)
		b = append(binary.AppendUvarint(b, uint64(len(r.Bytes()))), r.Bytes()...)
	}
	return b, err
}

// parseMessage believes nothing: whoever holds the inbox key chose the bytes.
// The resources are read as if they came from outside.
func parseMessage(b []byte) (m message, ok bool) {
	w := wire{b: b}
	if e := w.take(1); len(e) == 1 {
		m.end = ending(e[0])
	}
	copy(m.delivery[:], w.take(uint64(len(m.delivery))))
	m.index = w.number(1 << 62)
	m.origin = fhir.Origin{Source: w.text(), Service: w.text()}
	m.version = w.version()
	m.began, m.at = w.moment(), w.moment()
	m.refused = map[Reason]int{}
	for range w.number(maxReasons) {
		reason := Reason(w.text())
		m.refused[reason] = int(w.number(1<<31 - 1)) // #nosec G115 -- bounded
		w.bad = w.bad || !reason.known()
	}
	m.page.Query, m.page.Trace = w.text(), w.text()
	if result := w.take(w.number(uint64(len(w.b)))); len(result) > 0 {
		m.page.Result = &fhir.QueryResult{}
		w.bad = w.bad || json.Unmarshal(result, m.page.Result) != nil
	}
	for n := w.number(uint64(len(w.b))); n > 0 && !w.bad; n-- {
		m.page.Resources = append(m.page.Resources, w.resource())
	}
	w.bad = w.bad || len(m.page.Query) > maxName || len(m.page.Trace) > maxName
	return m, !w.bad && len(w.b) == 0 && m.end <= cutByCaller
}

func (w *wire) version() fhir.Version {
	b := w.take(1)
	if len(b) == 1 && (fhir.Version(b[0]) == fhir.STU3 || fhir.Version(b[0]) == fhir.R4) {
		return fhir.Version(b[0])
	}
	w.bad = true
	return 0
}

// resource counts what was masked before it was sealed with what is masked now.
func (w *wire) resource() fhir.Resource {
	v := w.version()
	masked := int(w.number(1<<31 - 1)) // #nosec G115 -- bounded
	fullURL := w.text()
	body := w.take(w.number(seal.MaxBody))
	if w.bad {
		return fhir.Resource{}
	}
	r := fhir.Parse(body, v)
	r.FullURL, r.Masked = fullURL, r.Masked+masked
	return r
}
