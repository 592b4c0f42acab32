package medmij_test

import (
	"fmt"

	"github.com/bundel-pgo/bundel/medmij"
)

// A hospital with two suppliers takes two logins, unless one of them has all
// that is asked.
func ExampleDirectory_Plan() {
	at := func(host string, ids ...string) []medmij.ListedService {
		var all []medmij.ListedService
		for _, id := range ids {
			all = append(all, medmij.ListedService{ID: id, Authorization: "https://login." + host, Token: "https://api." + host})
		}
		return all
	}
	zal := &medmij.ZAL{Providers: []medmij.ListedProvider{{
		Name: "ziekenhuis-noordzee@medmij",
		Versions: []medmij.InterfaceVersion{
			{ID: "2", Services: append(at("a.example.nl", "48"), at("b.example.nl", "51")...)},
		},
	}}}
	directory := medmij.NewDirectory(nil, zal, nil, nil, nil)
	plan := directory.Plan([]medmij.Wish{{Provider: "ziekenhuis-noordzee"}, {Provider: "huisarts-debeuk"}})
	fmt.Printf("You log in %d times\n", len(plan.Logins))
	for _, login := range plan.Logins {
		fmt.Println(login.Connection.Authorization, login.Services)
	}
	fmt.Println("not on the list:", plan.Missing[0].Provider)
	// Output:
	// You log in 2 times
	// https://login.a.example.nl [48]
	// https://login.b.example.nl [51]
	// not on the list: huisarts-debeuk
}

func ExampleDirectory_SelfCheck() {
	ocl := &medmij.OCL{Clients: []medmij.OAuthClient{{Hostname: "pgo.example.nl"}}}
	directory := medmij.NewDirectory(nil, nil, ocl, nil, nil)
	fmt.Println(directory.SelfCheck("pgo.example.nl"))
	// Output: app pgo.example.nl is not on MedMij_Whitelist.xml
}
