package mock

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/testdata"
)

// load reads all files of a tree, with the placeholders filled in. A folder
// named r4, in any case, holds R4; everything else is STU3.
func (w *world) load(provider string, files fs.FS, date time.Time) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path.Base(name) == qualificationFile {
			return w.loadQualification(files, name)
		}
		version := fhir.STU3
		if slices.Contains(strings.Split(strings.ToLower(path.Dir(name)), "/"), "r4") {
			version = fhir.R4
		}
		raw, err := readFile(files, name, version, date)
		if err != nil || raw == nil {
			return err
		}
		if err := w.add(key{provider, version}, raw); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// add puts the resources of one file into a library.
func (w *world) add(k key, raw []byte) error {
	found, err := split(raw)
	if err != nil {
		return err
	}
	if w.libraries[k] == nil {
		w.libraries[k] = newLibrary()
	}
	for _, resource := range found {
		w.libraries[k].add(resource, k.version)
	}
	return nil
}

// readFile gives a file as JSON, or nil when it is of another kind.
func readFile(files fs.FS, name string, v fhir.Version, date time.Time) ([]byte, error) {
	kind := strings.ToLower(path.Ext(name))
	if kind != ".json" && kind != ".xml" {
		return nil, nil
	}
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	raw = fillUnique(testdata.Fill(raw, date), name)
	if kind == ".xml" {
		if raw, err = fhir.XMLToJSON(bytes.NewReader(raw), v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return raw, nil
}

var uniquePlaceholder = regexp.MustCompile(`\$\{(UUID|RANDOM-10)\}`)

// fillUnique puts a UUID or ten signs in the place of the placeholders of the
// public test scripts that ask for something unique: another for each place,
// and the same in every run.
func fillUnique(raw []byte, name string) []byte {
	count := 0
	return uniquePlaceholder.ReplaceAllFunc(raw, func(m []byte) []byte {
		count++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, count))
		if string(m) == "${UUID}" {
			sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // version 4
			return fmt.Appendf(nil, "%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
		}
		return []byte(hex.EncodeToString(sum[:5]))
	})
}

var errNoResource = errors.New("no FHIR resource")

// split takes a Bundle apart; any other resource is given as it is.
func split(raw []byte) ([][]byte, error) {
	var b struct {
		ResourceType string `json:"resourceType"`
		Entry        []struct {
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoResource, err)
	}
	switch b.ResourceType {
	case "":
		return nil, nil // such as a table that lies beside the resources
	case "Bundle":
	default:
		return [][]byte{raw}, nil
	}
	var all [][]byte
	for _, e := range b.Entry {
		if len(e.Resource) > 0 {
			all = append(all, e.Resource)
		}
	}
	return all, nil
}
