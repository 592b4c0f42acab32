package mock_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bundel-pgo/bundel/medmij/mock"
)

func configFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mock.json")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAConfigurationFromAFile(t *testing.T) {
	name := configFile(t, `{
 "topology": "full", "seed": 7, "now": "2026-03-02T10:00:00+01:00", "date": "2026-06-01", "port": 1234, "dir": "certs",
 "official": true, "release2": true, "lenient": true, "corrections": "70", "data": ["records"],
 "clients": [{"hostname": "app.example.nl", "name": "App", "services": ["49"]}],
 "faults": [{"on": "token", "fault": "status", "status": 503, "times": 1}],
 "providers": [{"name": "praktijk", "display": "Praktijk", "kind": "gp", "street": "A 1", "postcode": "1234 AB", "city": "B", "agb": "01",
  "type": "BAZB", "interfaces": ["1.4.0"], "services": ["49", "52"], "secondDVA": ["52"], "subscriptionDays": 9, "lateCheck": true,
  "pageSize": {"Observation": 5}, "stopsComeWithTheirAgreement": true, "data": ["testdata:anna/gp", "testdata:full/eva/gp", "records"]}],
 "personas": [{"id": "p", "name": "P", "token": "t", "patients": ["x"], "birthDate": "2000-01-01", "children": ["q"], "represents": ["r"]}]}`)
	if err := os.Mkdir(filepath.Join(filepath.Dir(name), "records"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := mock.ReadConfig(name)
	if err != nil {
		t.Fatal(err)
	}
	want := mock.Config{
		Seed: 7, Date: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Port: 1234, Dir: filepath.Join(filepath.Dir(name), "certs"),
		Official: true, Release2: true, Lenient: true, Corrections: "70",
		Clients: []mock.Client{{Hostname: "app.example.nl", Name: "App", Services: []string{"49"}}},
		Faults:  []mock.Fault{{On: "token", Kind: "status", Status: 503, Times: 1}},
		Providers: []mock.Provider{{
			Name: "praktijk", Display: "Praktijk", Kind: "gp", Street: "A 1", Postcode: "1234 AB", City: "B", AGB: "01", Type: "BAZB",
			Interfaces: []string{"1.4.0"}, Services: []string{"49", "52"}, SecondDVA: []string{"52"}, SubscriptionDays: 9, LateCheck: true,
			PageSize: map[string]int{"Observation": 5}, StopsComeWithTheirAgreement: true,
		}},
		Personas: []mock.Persona{{
			ID: "p", Name: "P", Token: "t", Patients: []string{"x"}, BirthDate: "2000-01-01", Children: []string{"q"}, Represents: []string{"r"},
		}},
	}
	ignore := []cmp.Option{
		cmpopts.IgnoreFields(mock.Config{}, "Now", "Data", "Intercept", "Date"), cmpopts.IgnoreFields(mock.Provider{}, "Data"), cmpopts.IgnoreUnexported(mock.Persona{}),
	}
	if diff := cmp.Diff(want, got, ignore...); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if got.Date.Format(time.DateOnly) != "2026-06-01" || len(got.Data) != 1 || len(got.Providers[0].Data) != 3 {
		t.Errorf("date %v, %d and %d folders", got.Date, len(got.Data), len(got.Providers[0].Data))
	}
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if now := got.Now(); now.Before(begin) || now.After(begin.Add(time.Minute)) {
		t.Errorf("the clock begins at %v", now)
	}
	if _, err := fs.Stat(got.Providers[0].Data[1], "records.json"); err != nil {
		t.Errorf("records of Eva: %v", err)
	}
}

func TestWhatAFileLeavesOutIsAsInItsTopology(t *testing.T) {
	for content, want := range map[string]mock.Config{`{}`: mock.Demo(), `{"topology":"demo"}`: mock.Demo(), `{"topology":"full"}`: mock.Full()} {
		got, err := mock.ReadConfig(configFile(t, content))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Providers) != len(want.Providers) || len(got.Personas) != len(want.Personas) || got.Clients[0].Hostname != mock.DefaultClient {
			t.Errorf("%s: %d providers, %d personas", content, len(got.Providers), len(got.Personas))
		}
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON": `{`, "an unknown name": `{"provider":[]}`, "an unknown name within": `{"providers":[{"name":"a","service":["49"]}]}`,
		"more behind it": `{} []`, "another topology": `{"topology":"half"}`, "a date that is none": `{"date":"gisteren"}`, "a month": `{"date":"2026-06"}`,
		"a moment that is none": `{"now":"nu"}`, "a folder that is not there": `{"data":["nowhere"]}`, "a file for a folder": `{"data":["mock.json"]}`,
		"test data that is not there": `{"providers":[{"name":"a","data":["testdata:nobody"]}]}`, "outside the test data": `{"data":["testdata:../x"]}`,
		"a bad name": `{"providers":[{"name":"A B"}]}`,
	} {
		if _, err := mock.ReadConfig(configFile(t, content)); !errors.Is(err, mock.ErrConfigFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := mock.ReadConfig(filepath.Join(t.TempDir(), "absent.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add(`{"topology":"full","providers":[{"name":"a","services":["49"],"data":["testdata:anna/gp"]}]}`)
	f.Add(`{"now":"2026-03-02T10:00:00+01:00","faults":[{"on":"token"}]}`)
	f.Fuzz(func(t *testing.T, content string) {
		name := filepath.Join(t.TempDir(), "mock.json")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mock.ReadConfig(name); err != nil && !errors.Is(err, mock.ErrConfigFile) {
			t.Errorf("%q: %v", content, err)
		}
	})
}

func TestAnAuthorityThatStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "world")
	config, err := mock.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	authority, _ := os.ReadFile(filepath.Join(dir, "ca.pem"))
	given, _ := os.ReadFile(filepath.Join(dir, "client.pem"))
	key, _ := os.ReadFile(filepath.Join(dir, "client-key.pem"))
	for range 2 {
		cfg, err := mock.ReadConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		n := start(t, cfg)
		if !bytes.Equal(n.CA, authority) {
			t.Fatal("another authority than that of the folder")
		}
		a := newApp(t, n).as(given, key) // the certificate that was given at the start still works
		_, _, base := a.zal("huisarts-delinde", "49")
		if found := a.search(base, "Patient"); found.Total != 1 {
			t.Errorf("%d patients", found.Total)
		}
		n.Close()
	}
	block, _ := pem.Decode(authority)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || cert.Subject.Organization[0] != "TEST ONLY" {
		t.Errorf("the authority does not say what it is: %v", err)
	}
	for _, name := range []string{"ca-key.pem", "client-key.pem"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others", name)
		}
	}
}

func TestTheFileOfInitIsTheDemonstration(t *testing.T) {
	config, err := mock.Init(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := mock.ReadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ignore := []cmp.Option{
		cmpopts.IgnoreFields(mock.Config{}, "Now", "Dir", "Faults"), cmpopts.IgnoreFields(mock.Provider{}, "Data"),
		cmpopts.IgnoreUnexported(mock.Persona{}), cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(mock.Demo(), got, ignore...); diff != "" {
		t.Errorf("configuration (-demo +file):\n%s", diff)
	}
	for i, p := range mock.Demo().Providers {
		if len(got.Providers[i].Data) != len(p.Data) {
			t.Errorf("%s has %d folders", p.Name, len(got.Providers[i].Data))
		}
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	for _, name := range []string{"ca.pem", "ca-key.pem", "client.pem", "client-key.pem", "mock.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mock.Init(dir); !errors.Is(err, mock.ErrExists) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
		files, _ := os.ReadDir(dir)
		if raw, _ := os.ReadFile(filepath.Join(dir, name)); string(raw) != "mine" || len(files) != 1 {
			t.Errorf("%s: overwritten, or more was written", name)
		}
	}
	if _, err := mock.Init(filepath.Join(configFile(t, ""), "below")); err == nil {
		t.Error("a folder below a file: no error")
	}
}

func TestAuthoritiesThatCannotBeUsed(t *testing.T) {
	other, good := t.TempDir(), t.TempDir()
	for _, dir := range []string{other, good} {
		if _, err := mock.Init(dir); err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir, name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, files := range map[string]map[string][]byte{
		"a key of another":    {"ca.pem": read(good, "ca.pem"), "ca-key.pem": read(other, "ca-key.pem")},
		"no certificate":      {"ca-key.pem": read(good, "ca-key.pem")},
		"no authority at all": {"ca.pem": read(good, "client.pem"), "ca-key.pem": read(good, "client-key.pem")},
		"no key":              {"ca.pem": read(good, "ca.pem"), "ca-key.pem": []byte("x")},
	} {
		dir := t.TempDir()
		for file, content := range files {
			if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := mock.Serve(t.Context(), mock.Config{Dir: dir}); err == nil {
			n.Close()
			t.Errorf("%s: no error", name)
		}
	}
}
