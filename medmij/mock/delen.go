package mock

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// maxDelivery bounds what may be sent, in bytes.
const maxDelivery = 10 << 20

// Delivery is what a person sent (Dutch: delen). Bundle is as it came, also
// when part of it was refused; Statuses has one for each of its entries.
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

// deliver takes a Bundle of measurements, as service 53 does. What is wrong
// with the whole refuses it; what is wrong with an entry refuses that.
func (n *Network) deliver(w http.ResponseWriter, r request) {
	if r.service.Direction != medmij.Share || r.service.Bundle != "batch" {
		notOffered.write(w, r.service.Version)
		return
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if v, given := params["fhirversion"]; err != nil || kind != "application/fhir+json" || (given && v != mimeParam(r.service.Version)) {
		problem{http.StatusUnsupportedMediaType, models.IssueTypeNotSupported, "Content-Type must be " + mimeType(r.service.Version), ""}.write(w, r.service.Version)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		problem{http.StatusRequestEntityTooLarge, models.IssueTypeTooLong, "the Bundle is too large or broke off", ""}.write(w, r.service.Version)
		return
	}
	entries, err := readDelivery(raw)
	if err != nil {
		problem{http.StatusBadRequest, models.IssueTypeInvalid, err.Error(), ""}.write(w, r.service.Version)
		return
	}
	statuses, answer := n.accept(r, entries)
	n.mu.Lock()
	n.received = append(n.received, Delivery{n.now(), r.provider.Name, r.service.ID, r.grant.persona.ID, statuses, raw})
	n.mu.Unlock()
	body, err := json.Marshal(models.Bundle{Type: models.BundleTypeBatchResponse, Entry: answer})
	if err != nil {
		problem{http.StatusInternalServerError, models.IssueTypeException, "the answer cannot be written", ""}.write(w, r.service.Version)
		return
	}
	writeFHIR(w, r.service.Version, http.StatusOK, body)
}

// sent is one entry of a delivery, as a tree and as bytes.
type sent struct {
	fullURL, method, url string
	node                 fhir.Node
	typ, id              string
	raw                  []byte
}

var errDelivery = errors.New("this Bundle cannot be taken")

// readDelivery checks the Bundle as a whole (the rules for a sender,
// conformance.md 1.5).
func readDelivery(raw []byte) ([]sent, error) {
	var b struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
			Request  struct {
				Method string `json:"method"`
				URL    string `json:"url"`
			} `json:"request"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("%w: not JSON of a Bundle", errDelivery)
	}
	if b.ResourceType != "Bundle" || b.Type != "batch" {
		return nil, fmt.Errorf("%w: measurements come in a Bundle of type batch", errDelivery)
	}
	patients, all := 0, []sent(nil)
	for _, e := range b.Entry {
		res := fhir.Parse(slices.Clone([]byte(e.Resource)), fhir.STU3)
		s := sent{e.FullURL, e.Request.Method, e.Request.URL, res.Node(), res.Type, "", e.Resource}
		s.id = s.node.Str("id")
		if s.typ == "Patient" {
			patients++
		}
		all = append(all, s)
	}
	if patients != 1 {
		return nil, fmt.Errorf("%w: it must hold one Patient", errDelivery)
	}
	return all, nil
}

// accept answers every entry of a batch on its own.
func (n *Network) accept(r request, entries []sent) (statuses []string, answer []models.BundleEntry) {
	wantsContent := strings.Contains(r.Header.Get("Prefer"), "return=representation")
	for _, s := range entries {
		faults := s.faults()
		if len(faults) > 0 {
			statuses = append(statuses, "422 Unprocessable Entity")
			answer = append(answer, models.BundleEntry{Response: &models.BundleEntryResponse{
				Status: "422 Unprocessable Entity", Outcome: outcome(models.IssueTypeInvalid, strings.Join(faults, "; ")),
			}})
			continue
		}
		sum := sha256.Sum256([]byte(n.secret()))
		id := fmt.Sprintf("%x", sum[:12])
		e := models.BundleEntry{Response: &models.BundleEntryResponse{
			Status: "201 Created", Location: ptr(r.base + "/" + s.typ + "/" + id + "/_history/1"),
		}}
		if wantsContent {
			e.Resource = withID(s.raw, id)
		}
		statuses, answer = append(statuses, e.Response.Status), append(answer, e)
	}
	return statuses, answer
}

// withID adds the id that the server gave; the rest stays as it came.
func withID(raw []byte, id string) []byte {
	rest := bytes.TrimPrefix(bytes.TrimSpace(raw), []byte("{"))
	return append([]byte(`{"id":"`+id+`",`), rest...)
}

// faults is what a receiver finds wrong with an entry.
func (s sent) faults() []string {
	var found []string
	check := func(good bool, text string) {
		if !good {
			found = append(found, text)
		}
	}
	check(s.typ == "Patient" || s.typ == "Observation", "only Patient and Observation are taken")
	check(s.method == http.MethodPost && s.url == s.typ, "request must be POST to the resource type")
	check(s.id == "", "a new resource has no id")
	check(s.fullURL == "" || strings.HasPrefix(s.fullURL, "urn:uuid:"), "fullUrl must be a urn:uuid")
	check(s.node.Get("meta", "profile").Exists(), "meta.profile is missing")
	check(!fhir.HasBSN(s.raw), "a BSN may not be sent")
	check(!strings.Contains(s.url, "patient=") && !strings.Contains(s.url, "subject="), "a person may not be in the URL")
	if s.typ == "Observation" {
		check(s.node.Str("status") == "final", "status must be final")
		check(!s.node.Get("code").Coded().IsZero(), "code is missing")
		check(s.node.Str("effectiveDateTime") != "", "effectiveDateTime is missing")
		check(s.node.Get("subject").Exists() && s.node.Get("performer").Exists(), "subject and performer are missing")
	}
	return append(found, slices.Compact(shapeFaults("", s.node))...)
}

// shapeFaults looks at every Coding, Reference, Identifier and quantity below
// a place. Which is which follows from the name.
func shapeFaults(name string, n fhir.Node) []string {
	var found []string
	for _, item := range n.Items() {
		found = append(found, shapeFaults(name, item)...)
	}
	if n.IsObject() {
		switch {
		case name == "coding" && (n.Str("system") == "" || n.Str("code") == ""):
			found = append(found, "a coding has no system or no code")
		case n.Get("reference").Exists() && n.Str("display") == "":
			found = append(found, "a reference has no display")
		case name == "identifier" && n.Str("system") == "" && !n.Get("type").Exists():
			found = append(found, "an identifier has no system")
		case name == "valueQuantity" && (n.Str("system") != fhir.UCUM || n.Str("code") == ""):
			found = append(found, "a value has no UCUM unit")
		}
	}
	for member, item := range n.Members() {
		found = append(found, shapeFaults(member, item)...)
	}
	return found
}
