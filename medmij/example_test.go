package medmij_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

func ExampleServiceByID() {
	service, _ := medmij.ServiceByID("54")
	fmt.Println(service.Name, service.Version, service.Queries[0].Path)
	// Output: Overgevoeligheden STU3 AllergyIntolerance
}

func ExampleQuery_At() {
	query := medmij.Query{Path: "MedicationRequest?periodofuse=ge{today}"}
	fmt.Println(query.At(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)))
	// Output: MedicationRequest?periodofuse=ge2026-06-01
}

func ExampleWithStatus() {
	task := fhir.Parse([]byte(`{"resourceType":"Task","id":"t1", "status":"requested", "x":5.0}`), fhir.STU3)
	accepted, err := medmij.WithStatus(task, "accepted")
	fmt.Println(string(accepted.Bytes()), err)
	// Output: {"resourceType":"Task","id":"t1", "status":"accepted", "x":5.0} <nil>
}

// A person looks for her weight of last year, and for all appointments. What
// failed is asked again with the receipts that a store gives.
func ExampleClient_Ask() {
	_ = func(ctx context.Context, client *medmij.Client, grant *medmij.Grant, put func(fhir.Source) fhir.Receipt) error {
		asks := []medmij.Ask{
			{Service: "52", Codes: []string{"http://loinc.org|29463-7"}, Period: medmij.Period{
				From: time.Date(2025, 1, 1, 0, 0, 0, 0, fhir.Amsterdam()),
				To:   time.Date(2025, 12, 31, 0, 0, 0, 0, fhir.Amsterdam()),
			}},
			{Service: "47", Period: medmij.Period{All: true}},
		}
		sources, err := client.Ask(ctx, grant, asks...)
		if err != nil {
			return err
		}
		var again []medmij.Ask
		for _, source := range sources {
			again = append(again, client.Retry(put(source), asks...)...)
		}
		fmt.Println(len(again), "parts to ask again")
		return nil
	}
}

func ExampleReadWhitelist() {
	list := `<Whitelist xmlns="xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/">
		<Tijdstempel>2026-03-02T09:15:00+01:00</Tijdstempel>
		<Volgnummer>0</Volgnummer><MedMijNodes/></Whitelist>`
	_, err := medmij.ReadWhitelist(strings.NewReader(list), false)
	fmt.Println(err)
	// Output: list Whitelist, element Volgnummer: not a positive number
}

func ExampleDirectory_Search() {
	zal := &medmij.ZAL{Providers: []medmij.ListedProvider{{Name: "huisarts-delinde@medmij"}, {Name: "apotheek-dezon@medmij"}}}
	book := []medmij.Address{{Name: "huisarts-delinde", Display: "Huisartsenpraktijk De Linde", City: "Groningen"}}
	directory := medmij.NewDirectory(nil, zal, nil, nil, book)
	for _, provider := range directory.Search("huisarts groningne", 5) {
		fmt.Println(provider.Display, "in", provider.City)
	}
	// Output: Huisartsenpraktijk De Linde in Groningen
}

func ExampleTransport() {
	directory := medmij.NewDirectory(&medmij.Whitelist{Nodes: []medmij.Node{{Hostname: "api.dva.example.nl"}}}, nil, nil, nil, nil)
	transport, err := medmij.NewDirect(medmij.DirectConfig{Directory: func() (*medmij.Directory, error) { return directory, nil }})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(transport.Allowed(&url.URL{Scheme: "https", Host: "api.dva.example.nl"}))
	fmt.Println(transport.Allowed(&url.URL{Scheme: "https", Host: "evil.example.nl"}))
	// Output:
	// <nil>
	// host is not on the MedMij Whitelist
}

func ExampleParseScope() {
	scope, err := medmij.ParseScope("huisarts-delinde~48 huisarts-delinde~49 onbehalfofchild")
	fmt.Println(scope.Provider, scope.Services, scope.OnBehalfOf, err)
	// Output: huisarts-delinde [48 49] onbehalfofchild <nil>
}

func ExampleNewGateway() {
	gateway, err := medmij.NewGateway(medmij.GatewayConfig{URL: "https://gateway.example.nl", Dialect: medmij.GatewayBundel1})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = medmij.New(medmij.Config{RedirectURI: "http://127.0.0.1:41234/oauth/callback", Transport: gateway})
	fmt.Println(err)
	fmt.Println(gateway.Allowed(&url.URL{Scheme: "https", Host: "api.dva.example.nl"}))
	// Output:
	// <nil>
	// host is not on the MedMij Whitelist
}
