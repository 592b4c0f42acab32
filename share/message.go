package share

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
)

// Kind is what kind of thing is sent to a provider over MedMij.
type Kind string

// The kinds of message, one per share service (data-services.md 1).
const (
	KindMeasurements Kind = "measurements" // service 53
	KindImages       Kind = "images"       // service 55
	KindDocuments    Kind = "documents"    // service 57
	KindAnswers      Kind = "answers"      // service 60
	KindCorrection   Kind = "correction"   // a service whose number is not public
)

// Kinds are all of them, in the order in which they are offered.
func Kinds() []Kind {
	return []Kind{KindMeasurements, KindDocuments, KindImages, KindAnswers, KindCorrection}
}

// Service is the number of the MedMij data service that takes the kind; empty
// for corrections: whoever has that number configures it.
func (k Kind) Service() string {
	return map[Kind]string{KindMeasurements: MeasurementService, KindImages: "55", KindDocuments: "57", KindAnswers: "60"}[k]
}

// MaxMessage bounds what is sent at once, in bytes. MedMij names no limit; this
// is what servers take as a rule, ours for tests too.
const MaxMessage = 10 << 20

// What a message is refused for before anything leaves.
var (
	ErrTooLarge = errors.New("share: the message is larger than providers take")
	ErrHoldsBSN = errors.New("share: the message would carry a citizen service number")
)

// Message is what goes to a provider: the bytes that are shown, signed for and
// sent are these. Made of the same records it has the same bytes, also its
// urn:uuid addresses, so a preview is what is sent and not something like it.
type Message struct {
	Kind    Kind
	Bytes   []byte
	Entries []Entry // one per entry of the Bundle, in its order
}

// Entry tells what one entry of a Message is. Of is the number of the thing it
// belongs to, from 0 in the order given; -1 for what goes along with all of
// them, such as the Patient.
type Entry struct {
	Type string
	Of   int
}

// Digest is the SHA-256 of the bytes, in hex.
func (m Message) Digest() string { return digestOf(m.Bytes) }

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// bundle is a message that is being written.
type bundle struct {
	kind    string // "batch" or "transaction"
	profile string // of the Bundle itself; may be empty
	seed    []byte
	out     []any
	entries []Entry
}

// newBundle takes what makes this message another than all others: equal
// messages have equal addresses inside.
func newBundle(kind string, seed ...string) *bundle {
	return &bundle{kind: kind, seed: []byte(Digest(seed...))}
}

// Digest is the SHA-256 of texts, in hex; where one ends and the next begins
// counts.
func Digest(texts ...string) string {
	h := sha256.New()
	for _, s := range texts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// urn is the address of an entry within the message: a UUID of version 8, made
// of a hash instead of chance (RFC 9562).
func (b *bundle) urn(name string) string {
	sum := sha256.Sum256(append(slices.Clone(b.seed), name...))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// create adds a new resource; of is the thing it belongs to, or -1.
func (b *bundle) create(of int, urn string, resource map[string]any) {
	kind, _ := resource["resourceType"].(string)
	b.add(kind, of, urn, "POST", kind, resource)
}

func (b *bundle) add(kind string, of int, fullURL, method, url string, resource any) {
	b.entries = append(b.entries, Entry{Type: kind, Of: of})
	b.out = append(b.out, map[string]any{
		"fullUrl": fullURL, "resource": resource, "request": map[string]any{"method": method, "url": url},
	})
}

// message writes the Bundle. Nothing leaves that holds a BSN in a place made
// for one, or that is too large.
func (b *bundle) message(kind Kind) (Message, error) {
	content := map[string]any{"resourceType": "Bundle", "type": b.kind, "entry": b.out}
	if b.profile != "" {
		content["meta"] = profiled(b.profile)
	}
	raw, err := json.Marshal(content)
	switch {
	case err != nil:
		return Message{}, fmt.Errorf("write a message: %w", err)
	case len(raw) > MaxMessage:
		return Message{}, ErrTooLarge
	case fhir.HasBSN(raw):
		return Message{}, ErrHoldsBSN
	}
	return Message{Kind: kind, Bytes: raw, Entries: b.entries}, nil
}

func profiled(url string) map[string]any { return map[string]any{"profile": []any{url}} }

// pointer refers to another entry, with the words that MedMij asks for.
func pointer(to, display string) map[string]any {
	return map[string]any{"reference": to, "display": display}
}

// patientProfile is what each release of FHIR calls a Dutch Patient.
func patientProfile(v fhir.Version) string {
	if v == fhir.R4 {
		return nictiz + "nl-core-Patient"
	}
	return "http://fhir.nl/fhir/StructureDefinition/nl-core-patient"
}

// addPerson adds the person, and gives the reference to them.
func (b *bundle) addPerson(person fhir.Record, v fhir.Version) map[string]any {
	urn, name := b.urn("patient"), person.Node().Names("name")
	p := patient(person.Node(), name)
	p["meta"] = profiled(patientProfile(v))
	b.create(-1, urn, p)
	return pointer(urn, firstNonEmpty(name, "Patient"))
}

// addProvider adds the provider that gets the message, by its name.
func (b *bundle) addProvider(name string, v fhir.Version) map[string]any {
	profile := "http://fhir.nl/fhir/StructureDefinition/nl-core-organization"
	if v == fhir.R4 {
		profile = nictiz + "nl-core-HealthcareProvider-Organization"
	}
	urn := b.urn("organization")
	b.create(-1, urn, map[string]any{"resourceType": "Organization", "meta": profiled(profile), "name": name})
	return pointer(urn, name)
}
