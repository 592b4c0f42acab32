package mock

import (
	"io/fs"

	"github.com/bundel-pgo/bundel/testdata"
)

// DefaultClient is the host name of the app in the demonstration.
const DefaultClient = "pgo.medmij.localhost"

// Demo is the demonstration: what the zero [Config] serves. Callers may change
// their copy.
func Demo() Config {
	return Config{
		Personas: []Persona{anna(), {ID: "bram", Name: "Bram Smit", Token: "7be1d3a4-26c8-4a53-8f11-2d90c4e6b702", Patients: []string{"delinde-bram"}}},
		Clients:  []Client{{Hostname: DefaultClient, Name: "Bundel (test)"}},
		Providers: []Provider{
			{
				Name: "huisarts-delinde", Display: "Huisartsenpraktijk De Linde", Kind: "gp",
				Street: "Lindelaan 3", Postcode: "9712 AB", City: "Groningen", AGB: "01099999",
				Services: []string{"49", "53"}, PageSize: map[string]int{"Observation": 10}, StopsComeWithTheirAgreement: true,
				Data: folders(testdata.FS(), "anna/gp", "bram/gp"),
			},
			{
				Name: "apotheek-dezon", Display: "Apotheek De Zon", Kind: "pharmacy",
				Street: "Zonneplein 8", Postcode: "9712 CD", City: "Groningen", AGB: "02099998",
				Services: []string{"35"}, Data: folders(testdata.FS(), "anna/pharmacy"),
			},
			{
				Name: "ziekenhuis-noordzee", Display: "Ziekenhuis Noordzee", Kind: "hospital",
				Street: "Havenweg 100", Postcode: "9723 ZZ", City: "Groningen", AGB: "06099997",
				Services: []string{"46", "48", "51", "63"}, Data: folders(testdata.FS(), "anna/hospital"),
			},
		},
	}
}

func anna() Persona {
	return Persona{
		ID: "anna", Name: "Anna de Vries", Token: "0a2f9c1e-5d77-4b0e-9d0e-8c6f1b7a4e01",
		Patients: []string{"delinde-anna", "dezon-1961", "nz-pat-204417", "nz4-pat-204417"},
	}
}

// folders gives folders of embedded test data.
func folders(of fs.FS, names ...string) []fs.FS {
	var all []fs.FS
	for _, name := range names {
		sub, err := fs.Sub(of, name)
		if err != nil {
			panic("mock: " + err.Error()) // the names are constants
		}
		all = append(all, sub)
	}
	return all
}
