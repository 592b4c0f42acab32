package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/share"
)

// leftCode is the reason of share why a file is not sent, as a code.
func leftCode(err error) string {
	switch {
	case errors.Is(err, share.ErrNoFile):
		return "no-file"
	case errors.Is(err, share.ErrFileType):
		return "type"
	case errors.Is(err, share.ErrTooLarge):
		return "size"
	}
	return ""
}

// prepareDocuments takes the letters and own files that the recipient may see.
// What was chosen and cannot go is in Left, with the reason; without a choice
// only what would be sent for the first time matters.
func (d *Desk) prepareDocuments(ctx context.Context, s Sending) (Prepared, error) {
	p := Prepared{Items: []aggregator.Item{}}
	seen, err := d.shown(ctx, s.Recipient)
	if err != nil {
		return p, err
	}
	p.Left = notAmong(s.Items, seen)
	var docs []share.Document
	size := 0
	for _, item := range seen.Subject("letter") {
		if !s.chosen(item) {
			continue
		}
		doc, code, err := d.document(ctx, s, item)
		switch {
		case err != nil:
			return p, err
		case code == "" && (size+len(doc.File) > maxFiles || len(docs) == maxItems) && len(docs) > 0:
			code = "later" // in the next message
		}
		if code != "" {
			p.Left = append(p.Left, Left{item.ID, code})
			continue
		}
		size += len(doc.File)
		docs, p.Items, p.keys = append(docs, doc), append(p.Items, item), append(p.keys, keyOf(doc.Record))
	}
	if len(docs) == 0 {
		return p, ErrNothingToSend
	}
	p.Message, err = d.writeDocuments(ctx, s, docs)
	return p, err
}

// maxFiles bounds the files of one message, in bytes: base64 makes them a third
// larger.
const maxFiles = 7 << 20

// notAmong gives what was chosen and is not shared with the recipient, or not
// there.
func notAmong(chosen []string, o *aggregator.Overview) []Left {
	var left []Left
	for _, id := range chosen {
		if !slices.ContainsFunc(o.Items, func(i aggregator.Item) bool { return i.ID == id || i.Key() == id }) {
			left = append(left, Left{id, "not-shared"})
		}
	}
	return left
}

// document reads the record and the file of a letter; a code tells why it does
// not go.
func (d *Desk) document(ctx context.Context, s Sending, item aggregator.Item) (doc share.Document, code string, err error) {
	letter, ok := item.Value.(*aggregator.Letter)
	at := slices.IndexFunc(item.Parts, func(p aggregator.Part) bool { return p.Type == "DocumentReference" && p.Hidden == "" })
	if !ok || at < 0 || len(letter.Files) != 1 {
		return doc, "no-file", nil
	}
	r, err := d.Record(ctx, item.Parts[at])
	if err != nil {
		return doc, "", err
	}
	if code, err = d.held(ctx, s, keyOf(r)); err != nil || code != "" {
		return doc, code, err
	}
	doc = share.Document{Record: r, Title: item.Title, At: letter.Filed.Low()}
	if !r.Origin.IsSelf() {
		doc.Author = letter.Author
	}
	if doc.At.IsZero() {
		doc.At = r.Fetched
	}
	doc.Type, doc.File, err = d.File(ctx, item, 0)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return doc, "", err
	}
	return doc, leftCode(doc.Check(s.Kind)), nil
}

func (d *Desk) writeDocuments(ctx context.Context, s Sending, docs []share.Document) (share.Message, error) {
	self, err := d.person(ctx)
	if err != nil {
		return share.Message{}, err
	}
	for i := range docs {
		docs[i].Record.Resource = docs[i].Record.Shown()
		docs[i].Title, _ = fhir.MaskText(docs[i].Title)
	}
	if s.Kind == share.KindDocuments {
		return share.Documents(self, docs)
	}
	providers, err := d.Providers(ctx)
	if err != nil {
		return share.Message{}, err
	}
	return share.Images(self, providers[s.Recipient].Name, docs)
}
