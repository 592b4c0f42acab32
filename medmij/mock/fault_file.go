package mock

import (
	"encoding/base64"
	"net"
	"net/http"
	"strings"
)

// fileFaults are about documents and what they refer to.
func fileFaults() map[string]faultKind {
	return map[string]faultKind{
		"attachment": {
			does: "gives a document an address on a host that is not on the Whitelist (evil), on plain http, in a file, on the network of this machine, or on a host of MedMij that is not the provider's (otherhost)",
			at:   "resource", values: []string{"evil", "http", "file", "link-local", "otherhost"},
			wrap: editing(func(n *Network, f Fault, _ *http.Request, a *answer) {
				a.body = changeFirst(a.body, "DocumentReference", func(o *object) bool {
					return eachAttachment(o, func(at *object) { at.set("url", n.attachmentAt(f.Value, at.text("url"))) })
				})
			}),
		},
		"attachment-says": {
			does: "gives a document another size, or another hash, than its file has",
			at:   "resource", values: []string{"size", "hash"},
			wrap: editing(func(_ *Network, f Fault, _ *http.Request, a *answer) {
				a.body = changeFirst(a.body, "DocumentReference", func(o *object) bool {
					return eachAttachment(o, func(at *object) {
						if f.Value == "size" {
							at.set("size", 7)
							return
						}
						at.set("hash", base64.StdEncoding.EncodeToString(make([]byte, 20)))
					})
				})
			}),
		},
		"file": {
			does: "gives a file that is HTML and says it is what it was, an SVG, HTML that says so, a PDF with a script, or a PDF of 500 MB",
			at:   "resource", values: []string{"lie", "svg", "html", "pdf-script", "huge"}, wrap: faultFile,
		},
	}
}

// eachAttachment changes the attachments of a document; false: it has none.
func eachAttachment(o *object, change func(*object)) bool {
	contents := o.list("content")
	for i, raw := range contents {
		content, _ := readObject(raw)
		content.inside("attachment", change)
		contents[i] = content.raw()
	}
	if len(contents) > 0 {
		o.set("content", contents)
	}
	return len(contents) > 0
}

func (n *Network) attachmentAt(where, was string) string {
	path := "/" + strings.TrimPrefix(was[strings.LastIndex("/"+was, "/"):], "/")
	switch where {
	case "evil":
		return "https://" + net.JoinHostPort(hostEvil, n.ports.api) + path
	case "http":
		return "http://" + net.JoinHostPort(hostAPI, n.ports.api) + path
	case "file":
		return "file:///etc/passwd"
	case "link-local":
		return "https://169.254.169.254/latest/meta-data"
	}
	return "https://" + net.JoinHostPort(hostLists, n.ports.lists) + path
}

const pageWithScript = "<!DOCTYPE html><title>mock</title><script>alert(1)</script>"

// faultFile answers for the file itself, which comes as it is asked: as bytes,
// or inside a Binary. What documents say of their files changes with it, but
// for the file that lies.
func faultFile(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answerOf(next, r)
		kind, content := fileOf(f.Value)
		switch {
		case a.status != http.StatusOK:
		case askedType(r) == "DocumentReference" && f.Value != "lie":
			a.describe(kind)
		case askedType(r) != "Binary":
		case f.Value == "huge":
			a.sendHuge(w)
			return
		default:
			a.setFile(kind, content)
		}
		a.send(w)
	})
}

// describe makes all documents of an answer say what their files are now.
func (a *answer) describe(kind string) {
	b, ok := readBundle(a.body)
	if !ok {
		return
	}
	for i := range b.entries {
		b.entries[i].inside("resource", func(o *object) {
			eachAttachment(o, func(at *object) {
				at.set("contentType", kind)
				at.drop("size", "hash")
			})
		})
	}
	a.body = b.raw()
}

func fileOf(value string) (kind, content string) {
	switch value {
	case "svg":
		return "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	case "html":
		return "text/html", pageWithScript
	case "huge":
		return "application/pdf", ""
	case "pdf-script":
		return "application/pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
	}
	return "", pageWithScript
}

// setFile replaces the content; without a kind it keeps saying what it said.
func (a *answer) setFile(kind, content string) {
	res, isResource := readObject(a.body)
	if !isResource {
		a.body = []byte(content)
		if kind != "" {
			a.header.Set("Content-Type", kind)
		}
		return
	}
	if kind != "" {
		res.set("contentType", kind)
	}
	name := "content" // STU3
	if res.get("data") != nil {
		name = "data"
	}
	res.set(name, base64.StdEncoding.EncodeToString([]byte(content)))
	a.body = res.raw()
}

// sendHuge writes until the client has enough of it.
func (a answer) sendHuge(w http.ResponseWriter) {
	a.header.Set("Content-Type", "application/pdf")
	a.body = []byte("%PDF-1.4\n")
	a.send(w)
	pour(w, strings.Repeat("%mock\n", 1<<20/6), 500)
}
