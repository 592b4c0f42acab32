package mock

import (
	"html/template"
	"net/http"
)

// pageData is what the pages show. Person is whose records it is about; Actor
// is who logged in for that person.
type pageData struct {
	Path, Client, Provider, Trace, Number string
	Person, Actor                         string
	Platform, Days                        int
	Services                              []string
	Personas                              []Persona
	Share                                 bool
}

func (n *Network) pageData(s *session) pageData {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := pageData{
		Path: "/session/" + s.id, Client: s.client.Name, Provider: s.asked.provider.Display, Trace: s.trace, Number: s.number(),
		Person: s.persona.Name, Actor: s.actor.Name, Personas: n.Personas, Share: s.asked.share,
		Platform: s.platform, Days: s.asked.days,
	}
	services := s.asked.services
	if s.asked.sub != "" {
		services = []string{s.asked.sub}
	}
	for _, id := range services {
		d.Services = append(d.Services, n.world.service(id).Name)
	}
	return d
}

func pageOf(step string) *template.Template {
	switch step {
	case stepLogin:
		return loginPage
	case stepCancelled:
		return cancelledPage
	case stepConsent:
		return consentPage
	}
	return landingPage
}

// The pages: plain, no scripts, in a style of their own so that nobody takes
// them for a real login.
var (
	landingPage = newPage("Gegevens ophalen", `
<p>U komt van <b>{{.Client}}</b>.{{if .Share}} U wilt metingen delen met <b>{{.Provider}}</b>.{{else}} Die app wil uw gegevens ophalen bij <b>{{.Provider}}</b>.{{end}}</p>
<p>Eerst logt u in. Daarna vragen wij uw toestemming. U kunt altijd stoppen.</p>
<form method="post" action="{{.Path}}/continue"><button>Verder</button></form>
<form method="post" action="{{.Path}}/cancel"><button class="second">Stoppen</button></form>`)
	loginPage = newPage("Inloggen met een testpersoon", `
<p>Dit is geen echte inlogpagina. Kies wie u bent. Deze mensen bestaan niet.</p>
<form method="post" action="{{.Path}}/login">
<fieldset><legend>Testpersoon</legend>
{{range .Personas}}<p><label><input type="radio" name="persona" value="{{.ID}}"> {{.Name}}</label></p>
{{end}}<p><label for="name">Of een andere naam (van wie hier niets bekend is)</label><br><input id="name" name="name" autocomplete="off"></p>
</fieldset>
<button>Inloggen</button></form>
<form method="post" action="{{.Path}}/login-cancel"><button class="second">Annuleren</button></form>`)
	cancelledPage = newPage("Inloggen gestopt", `
<p>U bent niet ingelogd. <b>{{.Client}}</b> krijgt geen gegevens van <b>{{.Provider}}</b>.</p>
<form method="post" action="{{.Path}}/back"><button>Terug naar {{.Client}}</button></form>`)
	consentPage = newPage("Toestemming", `
<p>U bent ingelogd als <b>{{with .Actor}}{{.}}</b>, namens <b>{{end}}{{.Person}}</b>.</p>
{{if .Days}}<p>U krijgt {{.Days}} dagen bericht in <b>{{.Client}}</b> als er iets nieuws is. In het bericht staan geen gegevens.</p>{{end}}
{{if .Share}}<p>U deelt eenmalig uw metingen met <b>{{.Provider}}</b>, vanuit <b>{{.Client}}</b>.</p>
{{else}}<p>Geeft u <b>{{.Provider}}</b> toestemming om deze gegevens te geven aan <b>{{.Client}}</b>?</p>
{{end}}<ul>{{range .Services}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="{{.Path}}/consent">
{{if not .Share}}<p><label><input type="checkbox" name="indefinite" value="on"> Deze toestemming geldt tot ik haar intrek.</label><br>
Zonder dit vinkje geldt zij alleen voor nu.</p>
{{end}}<button>{{if .Share}}Ik bevestig{{else}}Ik geef toestemming{{end}}</button></form>
<form method="post" action="{{.Path}}/deny"><button class="second">{{if .Share}}Niet delen{{else}}Geen toestemming{{end}}</button></form>`)
	errorPage = newPage("Dit lukt niet", `
<p>De app waar u vandaan komt, heeft een fout gemaakt, of deze pagina is verlopen. Er zijn geen gegevens opgehaald.</p>
<p>Ga terug naar de app en probeer het opnieuw.</p>
<dl>{{with .Trace}}<dt>Code voor de helpdesk</dt><dd>{{.}}</dd>{{end}}{{with .Number}}<dt>Bezoek</dt><dd>{{.}}</dd>{{end}}
<dt>Wie is dit?</dt><dd>Testplatform {{.Platform}} (DVA), telefoon 050 555 01 00: dit nummer bestaat niet</dd></dl>`)
)

// newPage makes a template of a whole page. Everything of a request that goes
// into it is escaped by html/template.
func newPage(title, body string) *template.Template {
	return template.Must(template.New(title).Parse(`<!DOCTYPE html>
<html lang="nl"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>TEST – ` + title + `</title>
<style>
body{font:1.1rem/1.5 Georgia,serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fffbe6}
.test{font:bold 3rem/1 monospace;background:#5b2a86;color:#fff;padding:1rem;letter-spacing:.4em;text-align:center}
button{font:inherit;padding:.6rem 1.2rem;border:2px solid #5b2a86;background:#5b2a86;color:#fff;cursor:pointer}
button.second{background:transparent;color:#5b2a86;margin-top:1rem}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}
input[name=name]{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}
</style></head><body>
<p class="test" role="note">TEST</p>
<p lang="en">This is a test server. Nobody here exists.</p>
<main><h1>` + title + `</h1>` + body + `</main>
</body></html>
`))
}

// writePage answers with a page. Its forms stay on this server; the last one
// is redirected to the client, which browsers count as a target of the form.
func writePage(w http.ResponseWriter, status int, client string, page *template.Template, data pageData) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // without an Origin, forms are refused
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' "+client)
	w.WriteHeader(status)
	_ = page.Execute(w, data) // fails only when the client has left
}
