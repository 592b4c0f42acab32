package mock_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bundel-pgo/bundel/medmij/mock"
	"github.com/bundel-pgo/bundel/testdata"
)

func TestTheReadyLineIsEnoughToBegin(t *testing.T) {
	n := start(t, mock.Config{})
	var line struct {
		Lists, Admin, CA, ClientCert, ClientKey, AddressBook, ClientID string
		Personas                                                       []struct{ ID, Name, Token string }
	}
	if err := json.Unmarshal([]byte(n.ReadyLine()), &line); err != nil || strings.Contains(n.ReadyLine(), "\n") {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"ca": line.CA, "clientCert": line.ClientCert, "clientKey": line.ClientKey} {
		raw, err := os.ReadFile(file)
		if block, _ := pem.Decode(raw); err != nil || block == nil {
			t.Errorf("%s is no PEM file: %v", name, err)
		}
	}
	if line.Lists != n.ListsURL || line.Admin != n.AdminURL || len(line.Personas) != 2 || line.Personas[0].Token == "" {
		t.Errorf("line %s", n.ReadyLine())
	}
}

func TestTheTestAuthoritySaysWhatItIs(t *testing.T) {
	n := start(t, mock.Config{})
	for name, raw := range map[string][]byte{"authority": n.CA, "client": n.ClientCert} {
		block, _ := pem.Decode(raw)
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		life := cert.NotAfter.Sub(cert.NotBefore)
		if cert.Subject.Organization[0] != "TEST ONLY" || life > 31*24*time.Hour {
			t.Errorf("%s: %s, valid for %v", name, cert.Subject, life)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n, err := mock.Serve(ctx, mock.Config{})
	if err != nil {
		t.Fatal(err)
	}
	address, _ := url.Parse(n.ListsURL)
	if host, _, _ := net.SplitHostPort(address.Host); host != "stelselnode.medmij.localhost" {
		t.Errorf("host %s", host)
	}
	cancel()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(n.CAFile); !os.IsNotExist(err) {
		t.Errorf("the certificates are still there: %v", err)
	}
	if conn, err := net.DialTimeout("tcp", "127.0.0.1:"+address.Port(), time.Second); err == nil {
		conn.Close()
		t.Error("somebody still listens")
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	number, _ := strconv.Atoi(port)
	dir := t.TempDir()
	if n, err := mock.Serve(context.Background(), mock.Config{Port: number, Dir: dir}); err == nil {
		n.Close()
		t.Error("no error")
	}
	if _, err := mock.Serve(context.Background(), mock.Config{Dir: dir + "/none"}); err == nil {
		t.Error("no error for a folder that is not there")
	}
}

const twoPeople = `{"resourceType":"Bundle","type":"collection","entry":[
{"resource":{"resourceType":"Patient","id":"p1","name":[{"given":["Cees"],"family":"Bakker"}]}},
{"resource":{"resourceType":"Patient","id":"p2","name":[{"text":"Dina Kok"}]}},
{"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"assertedDate":"${DATE, T, D, -1}"}},
{"resource":{"resourceType":"Condition","id":"c2","subject":{"reference":"https://elders.example/fhir/Patient/p2"}}},
{"resource":{"resourceType":"Appointment","id":"a2","status":"booked","participant":[{"actor":{"reference":"Patient/p2"}}]}},
{"resource":{"resourceType":"Organization","id":"o1"}}]}`

func TestOwnDataIsPartedByPatient(t *testing.T) {
	n := start(t, mock.Config{Date: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Data: []fs.FS{fstest.MapFS{
		"sub/people.json":    {Data: []byte(twoPeople)},
		"sub/flag.xml":       {Data: []byte(`<Flag xmlns="http://hl7.org/fhir"><id value="f1"/><status value="active"/><subject><reference value="Patient/p1"/></subject></Flag>`)},
		"R4/vaccinations.js": {Data: []byte(`not read`)},
		"R4/v.json":          {Data: []byte(`{"resourceType":"Immunization","id":"v1","patient":{"reference":"Patient/p1"}}`)},
		"R4/p.json":          {Data: []byte(`{"resourceType":"Patient","id":"p1"}`)},
		"list.json":          {Data: []byte(`{"not":"a resource"}`)},
	}}})
	a := newApp(t, n)
	if len(n.Personas) != 2 || n.Personas[0].Name != "Cees Bakker" {
		t.Fatalf("personas %v", n.Personas)
	}
	_, _, base := a.zal("testzorg", "48")
	_, _, r4 := a.zal("testzorg", "66")
	for _, p := range n.Personas {
		a.token = p.Token
		for query, want := range map[string]map[string]int{
			base + "/Condition": {"p1": 1, "p2": 1}, base + "/Flag": {"p1": 1, "p2": 0}, base + "/Appointment": {"p1": 0, "p2": 1}, r4 + "/Immunization": {"p1": 1, "p2": 0},
		} {
			if got := a.search(query[:strings.LastIndex(query, "/")], query[strings.LastIndex(query, "/")+1:]).Total; got != want[p.ID] {
				t.Errorf("%s of %s: %d, want %d", query[strings.LastIndex(query, "/"):], p.ID, got, want[p.ID])
			}
		}
	}
	a.token = n.Personas[0].Token
	if _, body := a.fhir(base, "Condition/c1"); !strings.Contains(string(body), "2026-05-31") {
		t.Errorf("the date is not filled in: %s", body)
	}
}

func TestDataThatCannotBeReadIsAnError(t *testing.T) {
	for name, content := range map[string]string{"x.json": "{", "x.xml": "<Patient", "y.json": "[1]"} {
		if n, err := mock.Serve(context.Background(), mock.Config{Data: []fs.FS{fstest.MapFS{name: {Data: []byte(content)}}}}); err == nil {
			n.Close()
			t.Errorf("%s with %s: no error", name, content)
		}
	}
}

func TestTheDemonstrationIsThatOfTheTestData(t *testing.T) {
	demo := mock.Demo()
	for _, person := range testdata.People() {
		for _, want := range person.Providers {
			found := false
			for _, p := range demo.Providers {
				found = found || (p.Name == want.Name && p.Display == want.Display && p.Kind == want.Kind)
			}
			if !found {
				t.Errorf("%s is not in the demonstration", want.Name)
			}
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, token, base := a.zal("huisarts-delinde", "49")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			back, err := n.Visit(context.Background(), a.authorizeURL("huisarts-delinde"), mock.Visitor{Persona: "anna", Indefinite: true})
			if err != nil {
				t.Error(err)
				return
			}
			a.form(token, tokenForm(back.Query().Get("code")))
			a.fhir(base, "Observation")
			n.Requests()
			n.Advance(time.Millisecond)
		})
	}
	wg.Wait()
	if got := len(n.Requests("token")); got != 8 {
		t.Errorf("%d token requests, want 8", got)
	}
}

func ExampleServe() {
	n, err := mock.Serve(context.Background(), mock.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	client, err := n.HTTPClient()
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := client.Get(n.ListsURL + "MedMij_Zorgaanbiederslijst.xml?api=2")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode == http.StatusOK, n.Personas[0].Name)
	// Output: true Anna de Vries
}
