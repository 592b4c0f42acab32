package medmij

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// FileAddressBook is the name of the address book in a folder of lists.
const FileAddressBook = "addressbook.json"

// Address says what a provider is called and where it is. The MedMij lists do
// not have that. Name is the MedMij name, with or without "@medmij"; Kind is
// "gp", "pharmacy", "hospital" or "other".
type Address struct {
	Name     string `json:"name"`
	Display  string `json:"display"`
	Kind     string `json:"kind"`
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	AGB      string `json:"agb,omitempty"` // the Dutch code of a care provider
	Codes    []Code `json:"codes,omitempty"`
}

// Code is a number by which a provider is known elsewhere. Kind is AGB, URA,
// OIN, HRN or KVK.
type Code struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Join adds the numbers of the list to an address book, which stays the source
// of names and places. Providers that are not in the book are added with their
// numbers only. A nil list adds nothing; the book itself does not change.
func (z *ZAKL) Join(book []Address) []Address {
	book = slices.Clone(book)
	if z == nil {
		return book
	}
	at := map[string]int{}
	for i, a := range book {
		at[bareName(a.Name)] = i
	}
	for _, p := range z.Providers {
		name := bareName(p.Name)
		i, known := at[name]
		if !known {
			i = len(book)
			at[name] = i
			book = append(book, Address{Name: name})
		}
		book[i].addCodes(p.Codes)
	}
	return book
}

func (a *Address) addCodes(listed []ListedCodes) {
	a.Codes = slices.Clone(a.Codes)
	for _, l := range listed {
		for i, value := range [...]string{l.AGB, l.URA, l.OIN, l.HRN, l.KVK} {
			code := Code{codeKinds()[i], strings.TrimSpace(value)}
			if code.Value != "" && !slices.Contains(a.Codes, code) {
				a.Codes = append(a.Codes, code)
			}
			if code.Kind == "AGB" && a.AGB == "" {
				a.AGB = code.Value
			}
		}
	}
}

// ReadAddressBook reads a JSON array of addresses, at most 64 MiB.
func ReadAddressBook(r io.Reader) ([]Address, error) {
	var book []Address
	if err := json.NewDecoder(io.LimitReader(r, maxZALBytes)).Decode(&book); err != nil {
		return nil, fmt.Errorf("read address book: %w", err)
	}
	return book, nil
}

// bareName is the MedMij name without "@medmij", which is how it is compared
// and how it goes into a scope.
func bareName(name string) string {
	return strings.TrimSuffix(strings.ToLower(name), "@medmij")
}

// prettyName makes words of a MedMij name: "kliniek-zon&zee" becomes
// "Kliniek Zon & Zee".
func prettyName(name string) string {
	words := strings.Fields(strings.NewReplacer("-", " ", ".", " ", "&", " & ").Replace(bareName(name)))
	for i, w := range words {
		first := []rune(w)
		first[0] = unicode.ToUpper(first[0])
		words[i] = string(first)
	}
	return strings.Join(words, " ")
}

// kindOf guesses from the name; only an address book knows.
func kindOf(name string) string {
	for _, guess := range [...]struct{ part, kind string }{
		{"huisarts", "gp"},
		{"apothe", "pharmacy"},
		{"ziekenhuis", "hospital"},
		{"umc", "hospital"},
	} {
		if strings.Contains(name, guess.part) {
			return guess.kind
		}
	}
	return "other"
}

// kindWords are what people type when they look for one of a kind.
func kindWords(kind string) string {
	switch kind {
	case "gp":
		return "huisarts huisartsenpraktijk dokter gp"
	case "pharmacy":
		return "apotheek pharmacy"
	case "hospital":
		return "ziekenhuis hospital"
	}
	return ""
}
