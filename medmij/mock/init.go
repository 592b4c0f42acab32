package mock

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrExists says that a file is in the way of [Init].
var ErrExists = errors.New("there is a file already")

// demoFolders are the records of the demonstration, by provider.
var demoFolders = map[string][]string{
	"huisarts-delinde":    {"testdata:anna/gp", "testdata:bram/gp"},
	"apotheek-dezon":      {"testdata:anna/pharmacy"},
	"ziekenhuis-noordzee": {"testdata:anna/hospital"},
}

// Init makes a folder to serve from: a certificate authority with its key, a
// client certificate for [DefaultClient] with its key, and mock.json with the
// values of the demonstration. It gives the path of that file. The authority is
// for tests, says so in its name and is valid for 30 days; who has the key can
// issue certificates that clients with dev settings trust.
//
// It overwrites nothing: when one of the files is there, the error wraps
// [ErrExists] and nothing is written.
func Init(dir string) (config string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	names := []string{fileCA, fileCAKey, fileClient, fileClientKey, fileConfig}
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%w: %s", ErrExists, name)
		}
	}
	contents, err := initFiles()
	if err != nil {
		return "", err
	}
	for i, name := range names {
		if err := writeNew(filepath.Join(dir, name), contents[i]); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, fileConfig), nil
}

func initFiles() ([][]byte, error) {
	a, err := newAuthority(time.Now()) // TLS at the other side follows the clock of the machine
	if err != nil {
		return nil, err
	}
	key, err := a.keyPEM()
	if err != nil {
		return nil, err
	}
	clientCert, clientKey, err := a.issue(x509.ExtKeyUsageClientAuth, DefaultClient)
	if err != nil {
		return nil, err
	}
	config, err := demoFile()
	return [][]byte{a.pem, key, clientCert, clientKey, config}, err
}

// demoFile is the demonstration as a configuration file: the names that are
// needed to change it, and no others.
func demoFile() ([]byte, error) {
	demo := Demo()
	var providers []map[string]any
	for _, p := range demo.Providers {
		providers = append(providers, map[string]any{
			"name": p.Name, "display": p.Display, "kind": p.Kind, "street": p.Street, "postcode": p.Postcode, "city": p.City, "agb": p.AGB,
			"services": p.Services, "pageSize": p.PageSize, "stopsComeWithTheirAgreement": p.StopsComeWithTheirAgreement, "data": demoFolders[p.Name],
		})
	}
	raw, err := json.MarshalIndent(struct {
		Dir       string           `json:"dir"`
		Port      int              `json:"port"`
		Clients   []Client         `json:"clients"`
		Providers []map[string]any `json:"providers"`
		Personas  []Persona        `json:"personas"`
		Faults    []Fault          `json:"faults"`
	}{".", 0, demo.Clients, providers, demo.Personas, []Fault{}}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return append(raw, '\n'), nil
}

// writeNew never writes over a file, also not over one that came in between.
func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
