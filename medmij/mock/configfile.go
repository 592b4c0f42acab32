package mock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/testdata"
)

// ErrConfigFile says that a configuration file is not what [ReadConfig] reads.
var ErrConfigFile = errors.New("this is no configuration of the mock")

// configFile is a Config as a file. What is not in it comes from the topology.
type configFile struct {
	Topology    string         `json:"topology"` // "demo" or "full"; empty is demo
	Seed        uint64         `json:"seed"`
	Now         *time.Time     `json:"now"`
	Date        string         `json:"date"`
	Port        int            `json:"port"`
	Dir         string         `json:"dir"`
	Official    bool           `json:"official"`
	Release2    bool           `json:"release2"`
	Lenient     bool           `json:"lenient"`
	Corrections string         `json:"corrections"`
	Data        []string       `json:"data"`
	Providers   []providerFile `json:"providers"`
	Personas    []Persona      `json:"personas"`
	Clients     []Client       `json:"clients"`
	Faults      []Fault        `json:"faults"`
}

// providerFile adds folders, or "testdata:" and a folder of embedded test data.
type providerFile struct {
	Provider
	Data []string `json:"data"`
}

// ReadConfig reads a configuration from a file of JSON (docs/MOCK.md lists its
// names). An unknown name is an error, and so is anything after the end.
// Folders in it are relative to the folder of the file. Its errors wrap
// [ErrConfigFile] unless the file itself could not be read.
//
// With "now" in it, the clock of the network starts at that moment when
// ReadConfig returns, and runs on.
func ReadConfig(name string) (Config, error) {
	file, err := os.Open(name)
	if err != nil {
		return Config{}, fmt.Errorf("open configuration: %w", err)
	}
	defer file.Close()
	dec := json.NewDecoder(file)
	dec.DisallowUnknownFields()
	var f configFile
	if err := dec.Decode(&f); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfigFile, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("%w: something comes after the end", ErrConfigFile)
	}
	cfg, err := f.config(filepath.Dir(name))
	if err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfigFile, err)
	}
	return cfg, nil
}

func (f configFile) config(dir string) (Config, error) {
	cfg, err := topology(f.Topology)
	if err != nil {
		return cfg, err
	}
	cfg.Seed, cfg.Port, cfg.Official, cfg.Release2, cfg.Lenient = f.Seed, f.Port, f.Official, f.Release2, f.Lenient
	cfg.Corrections, cfg.Faults = f.Corrections, f.Faults
	if f.Dir != "" {
		cfg.Dir = within(dir, f.Dir)
	}
	if f.Now != nil {
		from, begun := *f.Now, time.Now()
		cfg.Now = func() time.Time { return from.Add(time.Since(begun)) }
	}
	if cfg.Date, err = dateT(f.Date); err != nil {
		return cfg, err
	}
	if cfg.Data, err = dataFolders(dir, f.Data); err != nil {
		return cfg, err
	}
	if f.Clients != nil {
		cfg.Clients = f.Clients
	}
	switch {
	case f.Personas != nil:
		cfg.Personas = f.Personas
	case cfg.Data != nil:
		cfg.Personas = nil // those in the data
	}
	return f.withProviders(cfg, dir)
}

func (f configFile) withProviders(cfg Config, dir string) (Config, error) {
	if f.Providers == nil {
		return cfg, nil
	}
	cfg.Providers = []Provider{}
	for _, p := range f.Providers {
		data, err := dataFolders(dir, p.Data)
		if err != nil {
			return cfg, err
		}
		p.Provider.Data = data
		cfg.Providers = append(cfg.Providers, p.Provider)
	}
	return cfg, cfg.check()
}

func topology(name string) (Config, error) {
	switch name {
	case "", "demo":
		return Demo(), nil
	case "full":
		return Full(), nil
	}
	return Config{}, errors.New(`topology is "demo" or "full"`)
}

// dateT reads the T of placeholders; empty: not given.
func dateT(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	d := fhir.ParseDate(text)
	if d.Precision() < fhir.PrecisionDay {
		return time.Time{}, errors.New("date is a day such as 2026-06-01")
	}
	return d.Low(), nil
}

func within(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// dataFolders opens folders of records; nil for none.
func dataFolders(dir string, names []string) ([]fs.FS, error) {
	var all []fs.FS
	for _, name := range names {
		if inside, ok := strings.CutPrefix(name, "testdata:"); ok {
			sub, err := testFolder(inside)
			if err != nil {
				return nil, err
			}
			all = append(all, sub)
			continue
		}
		at := within(dir, name)
		if info, err := os.Stat(at); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("data: %s is no folder", name)
		}
		all = append(all, os.DirFS(at))
	}
	return all, nil
}

// testFolder finds a folder of the embedded test data: "anna/gp", or of the
// whole topology "full/eva/gp".
func testFolder(name string) (fs.FS, error) {
	of := testdata.FS()
	if rest, ok := strings.CutPrefix(name, "full/"); ok {
		of, name = testdata.Full(), rest
	}
	if info, err := fs.Stat(of, name); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("data: testdata:%s is not there", name)
	}
	return fs.Sub(of, name)
}
