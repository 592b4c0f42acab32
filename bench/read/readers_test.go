package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
	r4pb "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/resources/bundle_and_contained_resource_go_proto"
	samply "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// Reader reads a Bundle whole and tells how many resources it found.
type Reader struct {
	Name string
	Read func(raw []byte) (resources int, err error)
}

// Readers are those that are compared. The first is ours, the second the least
// that reading JSON can cost: a look at every token, and nothing kept.
func Readers() []Reader {
	return []Reader{{"bundel", Ours}, {"scan", Scan}, {"samply", Samply}, {"google", Google}}
}

// Ours reads with package fhir: boundaries, names once, depth, type, id and
// meta, BSNs masked, bytes kept.
func Ours(raw []byte) (n int, err error) {
	for entry, err := range fhir.ReadBundle(bytes.NewReader(raw), fhir.R4).Entries() {
		if err != nil {
			return n, err
		}
		if entry.Resource.Flaw != "" {
			return n, fmt.Errorf("flaw %s", entry.Resource.Flaw)
		}
		n++
	}
	return n, nil
}

// Scan reads every token with the decoder of jsontext, which refuses names
// that come twice. It counts resources by their type.
func Scan(raw []byte) (n int, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
		if dec.StackDepth() == 2 {
			_, items := dec.StackIndex(2)
			n = max(n, int(items))
		}
	}
}

// Samply reads the Bundle and then each resource into its type with
// encoding/json.
func Samply(raw []byte) (n int, err error) {
	bundle, err := samply.UnmarshalBundle(raw)
	if err != nil {
		return 0, err
	}
	for _, entry := range bundle.Entry {
		if err := samplyResource(entry.Resource); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func samplyResource(raw []byte) error {
	var head struct{ ResourceType string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	var err error
	switch head.ResourceType {
	case "Observation":
		_, err = samply.UnmarshalObservation(raw)
	case "MedicationRequest":
		_, err = samply.UnmarshalMedicationRequest(raw)
	case "Condition":
		_, err = samply.UnmarshalCondition(raw)
	case "Encounter":
		_, err = samply.UnmarshalEncounter(raw)
	case "AllergyIntolerance":
		_, err = samply.UnmarshalAllergyIntolerance(raw)
	case "Patient":
		_, err = samply.UnmarshalPatient(raw)
	case "DocumentReference":
		_, err = samply.UnmarshalDocumentReference(raw)
	default:
		err = fmt.Errorf("no type %q", head.ResourceType)
	}
	return err
}

// Google reads the Bundle into protocol buffers.
func Google(raw []byte) (n int, err error) {
	u, err := jsonformat.NewUnmarshallerWithoutValidation("Europe/Amsterdam", fhirversion.R4)
	if err != nil {
		return 0, err
	}
	message, err := u.Unmarshal(raw)
	if err != nil {
		return 0, err
	}
	resource, ok := message.(*r4pb.ContainedResource)
	if !ok {
		return 0, fmt.Errorf("got a %T", message)
	}
	return len(resource.GetBundle().GetEntry()), nil
}
