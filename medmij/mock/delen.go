package mock

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// maxDelivery bounds what may be sent, in bytes.
const maxDelivery = 10 << 20

// The two types of Bundle by which a person sends.
const (
	batch       = "batch"
	transaction = "transaction"
)

// Delivery is what a person sent (Dutch: delen). Bundle is as it came, also
// when part of it was refused; Statuses has one for each of its entries, or one
// for all when a transaction was refused. A task that was updated by itself is
// kept here too.
type Delivery struct {
	Time     time.Time       `json:"time"`
	Provider string          `json:"provider"`
	Service  string          `json:"service"`
	Persona  string          `json:"persona"`
	Statuses []string        `json:"statuses"`
	Bundle   json.RawMessage `json:"bundle"`
}

// Received gives what was sent so far, oldest first.
func (n *Network) Received() []Delivery {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Delivery{}, n.received...)
}

// wantsBack tells whether the sender asks for what became of the resources.
func wantsBack(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Prefer"), "return=representation")
}

func (n *Network) receive(r request, raw []byte, statuses ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.received = append(n.received, Delivery{n.now(), r.provider.Name, r.service.ID, r.grant.persona.ID, statuses, raw})
}

// deliver takes a Bundle: a batch, whose entries are judged one by one, or a
// transaction, which is taken whole or not at all.
func (n *Network) deliver(w http.ResponseWriter, r request) {
	if r.service.Direction != medmij.Share || r.service.Bundle == "" {
		notOffered.write(w, r.service.Version)
		return
	}
	raw, fault := n.body(w, r)
	if fault != nil {
		fault.write(w, r.service.Version)
		return
	}
	rules := rulesOf(r.service)
	if rules.wantsBack && !n.cfg.Lenient && !wantsBack(r.Request) {
		problem{http.StatusBadRequest, models.IssueTypeInvalid, "this data service wants Prefer: return=representation", ""}.write(w, r.service.Version)
		return
	}
	d := delivery{rules: rules, library: r.library, patients: r.patients}
	if err := d.read(raw, r.service.Version); err != nil {
		problem{http.StatusBadRequest, models.IssueTypeInvalid, err.Error(), ""}.write(w, r.service.Version)
		return
	}
	d.judge()
	if faults := d.all(); r.service.Bundle == transaction && len(faults) > 0 {
		n.receive(r, raw, statusRefused)
		writeFHIR(w, r.service.Version, http.StatusUnprocessableEntity, outcomes(faults))
		return
	}
	statuses, answer := n.accept(r, d)
	n.receive(r, raw, statuses...)
	writeFHIR(w, r.service.Version, http.StatusOK, answer)
}

// body reads what was sent: JSON, or XML of the same.
func (n *Network) body(w http.ResponseWriter, r request) ([]byte, *problem) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isXML := xmlTypes[kind] || (n.cfg.Lenient && oldXML[kind])
	isJSON := kind == "application/fhir+json" || (n.cfg.Lenient && oldJSON[kind])
	if v, given := params["fhirversion"]; err != nil || (!isJSON && !isXML) || (given && v != mimeParam(r.service.Version)) {
		return nil, &problem{http.StatusUnsupportedMediaType, models.IssueTypeNotSupported, "Content-Type must be " + mimeType(r.service.Version), ""}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		return nil, &problem{http.StatusRequestEntityTooLarge, models.IssueTypeTooLong, "the body is too large or broke off", ""}
	}
	if isXML {
		if raw, err = fhir.XMLToJSON(bytes.NewReader(raw), r.service.Version); err != nil {
			return nil, &problem{http.StatusBadRequest, models.IssueTypeInvalid, "the body is no FHIR in XML", ""}
		}
	}
	if realBSN(fhir.Parse(bytes.Clone(raw), r.service.Version), raw) {
		return nil, &problem{http.StatusUnprocessableEntity, models.IssueTypeInvalid, "a number that could be the BSN of somebody real; this server takes test numbers (999...) only", ""}
	}
	return raw, nil
}

// What entries are answered with.
const (
	statusOK      = "200 OK"
	statusCreated = "201 Created"
	statusRefused = "422 Unprocessable Entity"
)

var errDelivery = errors.New("this Bundle cannot be taken")

// accept answers the entries, gives new resources an id and keeps tasks.
func (n *Network) accept(r request, d delivery) (statuses []string, answer []byte) {
	set := responseSet{kind: r.service.Bundle + "-response"}
	d.name(r.base, n.secret)
	for _, s := range d.entries {
		switch {
		case len(s.faults) > 0:
			set.refuse(s.faults)
			statuses = append(statuses, statusRefused)
			continue
		case s.method == http.MethodPut:
			n.keep(r, s.raw)
			set.add(s, statusOK, r)
			statuses = append(statuses, statusOK)
			continue
		}
		set.add(s, statusCreated, r)
		statuses = append(statuses, statusCreated)
	}
	return statuses, set.bytes()
}
