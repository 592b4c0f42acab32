package mock

import (
	"bytes"
	"encoding/xml"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listFaults change a list as it is published. They work on its text, so that
// they hold whatever else the list says.
func listFaults() map[string]faultKind {
	return map[string]faultKind{
		"not-xml": {
			does: "gives a list that is a page of HTML, is cut off, or is empty",
			at:   "list", values: []string{"html", "cut", "empty"}, wrap: editing(faultNotXML),
		},
		"xsd-invalid": {
			does: "gives a list that its schema refuses: a host name or address with other characters, no Volgnummer, an entry twice, an attribute, the elements in another order, an element nobody knows",
			at:   "list", values: []string{"hostname", "number", "duplicate", "attribute", "order", "element"}, wrap: editing(faultSchema),
		},
		"namespace": {
			does: "gives a list in another namespace, or another list than was asked (list)",
			at:   "list", values: []string{"other", "list"}, wrap: editing(faultNamespace),
		},
		"rollback": {does: "gives a list with a lower Volgnummer than before", at: "list", wrap: editing(faultRollback)},
		"stale":    {does: "gives a list that says it was made a month ago", at: "list", wrap: editing(faultStale)},
		"doctype": {
			does: "gives a list with a DOCTYPE, with entities that grow without end, or that is a gigabyte long",
			at:   "list", values: []string{"plain", "entities", "huge"}, wrap: faultDoctype,
		},
		"drop": {
			does: "leaves an entry out of a list: a host, a provider (or with provider: one of its services), a client or the number of a service",
			at:   "list", values: []string{"..."}, fields: []string{"provider"}, wrap: editing(faultDrop),
		},
		"endpoint": {
			does: "gives a provider an address on plain http, on an IP number, or with a port where the browser goes",
			at:   "list", values: []string{"http", "ip", "port"}, fields: []string{"provider"}, check: checkEndpoint, wrap: editing(faultEndpoint),
		},
	}
}

func checkEndpoint(f Fault) error {
	if f.On != "list:providers" {
		return wrongFault("only list:providers has addresses")
	}
	return nil
}

var (
	listNumber = regexp.MustCompile(`<Volgnummer>([0-9]+)</Volgnummer>`)
	listTime   = regexp.MustCompile(`<Tijdstempel>[^<]*</Tijdstempel>`)
	namespace  = regexp.MustCompile(`xmlns="([^"]+)"`)
	entryText  = regexp.MustCompile(`<(Hostname|Zorgaanbiedernaam|GegevensdienstId|AuthorizationEndpointuri|InterfaceversieId)>([^<]*)<`)
	authorizes = regexp.MustCompile(`(<AuthorizationEndpointuri>)[^<]*(<)`)
)

// renumber changes the number of a list.
func renumber(list []byte, change func(int) int) []byte {
	return listNumber.ReplaceAllFunc(list, func(found []byte) []byte {
		number, _ := strconv.Atoi(string(listNumber.FindSubmatch(found)[1])) // digits only
		return []byte("<Volgnummer>" + strconv.Itoa(change(number)) + "</Volgnummer>")
	})
}

func faultRollback(_ *Network, _ Fault, _ *http.Request, a *answer) {
	a.body = renumber(a.body, func(number int) int { return number / 2 })
}

func faultStale(n *Network, _ Fault, _ *http.Request, a *answer) {
	made := n.Now().AddDate(0, -1, 0).Format("2006-01-02T15:04:05Z07:00")
	a.body = listTime.ReplaceAll(a.body, []byte("<Tijdstempel>"+made+"</Tijdstempel>"))
}

func faultNotXML(_ *Network, f Fault, _ *http.Request, a *answer) {
	switch f.Value {
	case "html":
		a.body = []byte("<!DOCTYPE html><title>Onderhoud</title><p>Wij zijn zo terug.<br>")
	case "cut":
		a.body = a.body[:len(a.body)/2]
	case "empty":
		a.body = nil
	}
}

func faultSchema(_ *Network, f Fault, _ *http.Request, a *answer) {
	text := string(a.body)
	switch f.Value {
	case "hostname":
		text = firstMatch(entryText, text, func(found string) string { return strings.TrimSuffix(found, "<") + "_ !<" })
	case "number":
		text = listNumber.ReplaceAllString(text, "")
	case "duplicate":
		text = repeatEntry(text)
	case "attribute":
		text = strings.Replace(text, "<Tijdstempel>", `<Tijdstempel mock="1">`, 1)
	case "order":
		number := listNumber.FindString(text)
		text = listNumber.ReplaceAllString(text, "")
		text = listTime.ReplaceAllStringFunc(text, func(found string) string { return number + found })
	case "element":
		text = listTime.ReplaceAllStringFunc(text, func(found string) string { return found + "<Onbekend>1</Onbekend>" })
	}
	a.body = []byte(text)
}

// firstMatch changes the first place that matches.
func firstMatch(re *regexp.Regexp, text string, change func(string) string) string {
	at := re.FindStringIndex(text)
	if at == nil {
		return text
	}
	return text[:at[0]] + change(text[at[0]:at[1]]) + text[at[1]:]
}

// entriesOf finds the entries in the text of a list: the outermost elements
// that repeat.
func entriesOf(text string) [][]int {
	for _, name := range []string{"MedMijNode", "Zorgaanbieder", "OAuthclient", "Gegevensdienst"} {
		re := regexp.MustCompile(`(?s)<` + name + `>.*?</` + name + `>\s*`)
		if found := re.FindAllStringIndex(text, -1); found != nil {
			return found
		}
	}
	return nil
}

func repeatEntry(text string) string {
	found := entriesOf(text)
	if found == nil {
		return text
	}
	return text[:found[0][1]] + text[found[0][0]:]
}

func faultNamespace(n *Network, f Fault, r *http.Request, a *answer) {
	if f.Value == "other" {
		a.body = namespace.ReplaceAll(a.body, []byte(`xmlns="xmlns://afsprakenstelsel.medmij.nl/other/release9/"`))
		return
	}
	other := "/MedMij_OAuthclientlist.xml"
	if r.URL.Path == other {
		other = "/MedMij_Gegevensdienstnamenlijst.xml"
	}
	asked := r.Clone(r.Context())
	asked.URL.Path, asked.RequestURI = other, other
	*a = answerOf(n.listsFace(), asked)
}

// faultDoctype never holds the gigabyte: it is written until the client has
// enough of it.
func faultDoctype(n *Network, f Fault, next http.Handler) http.Handler {
	if f.Value != "huge" {
		return editing(faultEntities)(n, f, next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answerOf(next, r)
		before, after, _ := bytes.Cut(a.body, []byte("<Tijdstempel>"))
		a.body = before
		a.send(w)
		pour(w, strings.Repeat(" ", 1<<20), 1<<10)
		pour(w, "<Tijdstempel>"+string(after), 1)
	})
}

func faultEntities(_ *Network, f Fault, _ *http.Request, a *answer) {
	text := strings.TrimPrefix(string(a.body), xml.Header)
	if f.Value == "plain" {
		a.body = []byte(xml.Header + "<!DOCTYPE mock>\n" + text)
		return
	}
	var b strings.Builder
	b.WriteString(xml.Header + "<!DOCTYPE mock [\n<!ENTITY a0 \"mock\">\n")
	for i := 1; i < 10; i++ {
		before := "&a" + strconv.Itoa(i-1) + ";"
		b.WriteString("<!ENTITY a" + strconv.Itoa(i) + ` "` + strings.Repeat(before, 10) + "\">\n")
	}
	b.WriteString("]>\n")
	b.WriteString(firstMatch(entryText, text, func(found string) string { return strings.TrimSuffix(found, "<") + "&a9;<" }))
	a.body = []byte(b.String())
}

// faultDrop takes out the entry with the name or number, or the service of one
// provider.
func faultDrop(_ *Network, f Fault, _ *http.Request, a *answer) {
	text := string(a.body)
	found := entriesOf(text)
	for _, at := range slices.Backward(found) { // from the end, so that the places stay right
		entry := text[at[0]:at[1]]
		switch {
		case f.Provider == "" && named(entry, f.Value):
			entry = ""
		case f.Provider != "" && named(entry, f.Provider):
			entry = dropService(entry, f.Value)
		default:
			continue
		}
		text = text[:at[0]] + entry + text[at[1]:]
	}
	a.body = []byte(text)
}

// named tells whether an entry is the one with the name, which is the first
// thing that every entry says.
func named(entry, wanted string) bool {
	m := entryText.FindStringSubmatch(entry)
	return m != nil && strings.TrimSuffix(m[2], "@medmij") == strings.TrimSuffix(wanted, "@medmij")
}

func dropService(provider, service string) string {
	re := regexp.MustCompile(`(?s)<Gegevensdienst>.*?</Gegevensdienst>\s*`)
	return re.ReplaceAllStringFunc(provider, func(found string) string {
		if strings.Contains(found, "<GegevensdienstId>"+service+"<") {
			return ""
		}
		return found
	})
}

// faultEndpoint changes where the browser of a login would go. The hosts are
// not those of loopback, for which the development form allows more.
func faultEndpoint(_ *Network, f Fault, _ *http.Request, a *answer) {
	address := map[string]string{
		"http": "http://inlog.example.nl/oauth2/authorize",
		"ip":   "https://192.0.2.7/oauth2/authorize",
		"port": "https://" + net.JoinHostPort("inlog.example.nl", "8443") + "/oauth2/authorize",
	}[f.Value]
	text := string(a.body)
	found := entriesOf(text)
	for _, at := range found {
		entry := text[at[0]:at[1]]
		if f.Provider == "" || named(entry, f.Provider) {
			a.body = []byte(text[:at[0]] + authorizes.ReplaceAllString(entry, "${1}"+address+"${2}") + text[at[1]:])
			return
		}
	}
}

func escapeXML(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a Buffer takes everything
	return b.String()
}
