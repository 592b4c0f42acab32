package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "vault.bundel")
	// A real store leaves KDF out: it measures the machine and takes 0.75 s.
	cfg := store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}
	s, code, err := store.Create(path, []byte("nine quiet bicycles"), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the code has", len(code.Reveal()), "characters and prints as", code)

	weight := fhir.Parse([]byte(`{"resourceType":"Observation","id":"weight","valueQuantity":{"value":81.40}}`), fhir.R4)
	receipt, err := s.Put(context.Background(), fhir.One(fhir.Origin{Source: fhir.Self}, fhir.R4, "own entry", weight))
	fmt.Println(receipt.Outcome(), receipt.New, err)
	_ = s.Close()

	_, err = store.Open(path, store.Passphrase([]byte("ten quiet bicycles")), cfg)
	fmt.Println(errors.Is(err, store.ErrWrongKey))
	s, err = store.Open(path, store.Recovery(code.Reveal()), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	for r, err := range s.Records(context.Background()) {
		fmt.Println(r.Origin.Source, r.Ref, r.Number, string(r.Bytes()), err)
	}
	// Output:
	// the code has 41 characters and prints as [redacted]
	// complete 1 <nil>
	// true
	// self Observation/weight 1 {"resourceType":"Observation","id":"weight","valueQuantity":{"value":81.40}} <nil>
}
