package mock

import "github.com/bundel-pgo/bundel/testdata"

// fredMeasures is how many measurements Fred has.
const fredMeasures = 2500

// Full is the whole topology (medmij-protocol.md 8.1): two platforms, every
// kind of provider and every persona. Callers may change their copy.
//
// The hospital is at both platforms, so it takes two logins. "kapot" has
// nothing wrong of its own: it is for faults.
func Full() Config {
	demo, more := Demo(), testdata.Full()
	gp, pharmacy, hospital := demo.Providers[0], demo.Providers[1], demo.Providers[2]
	gp.Services = []string{"49", "58", "53"}
	gp.PageSize = map[string]int{"Observation": 50}
	gp.Data = append(gp.Data, folders(more, "common/gp", "cees/gp", "dina/gp", "eva/gp", "fred/gp", "gerda/gp")...)
	gp.Bundles = [][]byte{testdata.Fred(fredMeasures)}
	gp.SubscriptionDays = 180
	pharmacy.Services = []string{"31", "35"}
	pharmacy.Interfaces = []string{"1.4.0", "2"}
	hospital.Services = []string{"48", "46", "47", "51", "57", "52"}
	hospital.SecondDVA = []string{"52"}
	demo.Personas[0].Patients = append(demo.Personas[0].Patients, "rijk-anna", "oud-anna", "zz-anna")
	return Config{
		Personas:  append(demo.Personas, morePersonas()...),
		Clients:   demo.Clients,
		Providers: append([]Provider{gp, pharmacy, hospital}, moreProviders()...),
	}
}

func moreProviders() []Provider {
	more := testdata.Full()
	return []Provider{
		{
			Name: "vaccinatiedienst", Display: "Vaccinatiedienst", Kind: "other", Type: "BAZB", City: "Assen", AGB: "90099996",
			Services: []string{"63"}, SecondDVA: []string{"63"}, LateCheck: true, Data: folders(more, "anna/vaccinations"),
		},
		{
			Name: "oudehuisarts", Display: "De Oude Huisarts", Kind: "gp", City: "Hoogezand", AGB: "01099995",
			Interfaces: []string{"1.4.0"}, Services: []string{"49"}, Data: folders(more, "anna/oldgp"),
		},
		{
			Name: "kliniek-zon&zee", Display: "Kliniek Zon & Zee", Kind: "hospital", City: "Delfzijl", AGB: "06099994",
			Services: []string{"48", "55", "59", "60"}, Data: folders(more, "anna/clinic"),
		},
		{
			Name: "kapot", Display: "Praktijk Kapot", Kind: "gp", City: "Leek", AGB: "01099993",
			Services: []string{"49", "53"}, Data: folders(testdata.FS(), "anna/gp"),
		},
	}
}

// morePersonas are the personas that the demonstration does without.
func morePersonas() []Persona {
	return []Persona{
		{ID: "cees", Name: "Cees Bakker (15 jaar)", Token: "3f6a1f0e-7c0b-4f57-9d2c-51b8a0c3d703", Patients: []string{"delinde-cees"}, BirthDate: "${DATE, T, Y, -15}"},
		{
			ID: "dina", Name: "Dina Kok (moeder van Eva)", Token: "b1d7c2a9-0e44-4c1a-8a2e-6c9f3d5e8704", Patients: []string{"delinde-dina"},
			BirthDate: "${DATE, T, Y, -38}", Children: []string{"eva"},
		},
		{ID: "eva", Name: "Eva Kok (8 jaar)", Token: "5c2e8b7d-3a19-4d60-b7f4-0f1e2d3c4b05", Patients: []string{"delinde-eva"}, BirthDate: "${DATE, T, Y, -8}"},
		{ID: "fred", Name: "Fred Mulder", Token: "d94f0c63-81ab-4e2f-a6d5-72c1b0e9f806", Patients: []string{"delinde-fred"}, BirthDate: "1957-09-14"},
		{ID: "gerda", Name: "Gerda Postma", Token: "8e7d6c5b-4a39-4b28-9c17-1f0e2d3c4a07", Patients: []string{"delinde-gerda"}, BirthDate: "1949-02-28"},
	}
}
