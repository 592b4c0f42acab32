package share

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Errors of reading a health link.
var (
	// ErrNotLink is returned for text that is no health link.
	ErrNotLink = errors.New("share: this is not a health link")

	// ErrNewerLink is returned for a link of a later version of the protocol,
	// which may need what we do not know.
	ErrNewerLink = errors.New("share: this health link is of a newer kind than we can read")
)

// Flags of a Payload.
const (
	FlagLong     = 'L' // content may change: the recipient may ask again
	FlagPasscode = 'P' // a passcode is needed
	FlagDirect   = 'U' // the address gives one file, without a manifest
)

const (
	scheme   = "shlink:/"
	maxURL   = 128 // characters of Payload.URL
	maxLabel = 80  // characters of Payload.Label
	keySize  = 32  // bytes of Payload.Key
	maxLink  = 4096
)

var b64 = base64.RawURLEncoding.Strict()

// Payload is what a SMART Health Link says (HL7 SHL IG 1.0.0, "Construct a
// SMART Health Link Payload"). It holds the key: who has it can read the files.
type Payload struct {
	URL     string    // of the manifest, at most 128 characters
	Key     []byte    // 32 random bytes, of all files of the link
	Expires time.Time // a hint for the recipient, in whole seconds; zero: none
	Flags   string    // Flag letters in alphabetical order; unknown ones are kept
	Label   string    // at most 80 characters; ours never has a word about health
}

// wirePayload is the JSON of a Payload.
type wirePayload struct {
	URL   string  `json:"url"`
	Key   string  `json:"key"`
	Exp   float64 `json:"exp,omitzero"`
	Flag  string  `json:"flag,omitempty"`
	Label string  `json:"label,omitempty"`
	V     float64 `json:"v,omitempty"`
}

// NewKey makes the random key of a link.
func NewKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails, by its contract
	return key
}

// Has tells whether the link has a flag.
func (p Payload) Has(flag rune) bool { return strings.ContainsRune(p.Flags, flag) }

// Encode writes the link, "shlink:/" and the payload. With a viewer, an address
// of a page, that page and "#" go in front: browsers do not send what is behind
// it to any server. The error says which rule of the standard p breaks.
func (p Payload) Encode(viewer string) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	w := wirePayload{URL: p.URL, Key: b64.EncodeToString(p.Key), Flag: p.Flags, Label: p.Label}
	if !p.Expires.IsZero() {
		w.Exp = float64(p.Expires.Unix())
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("write health link: %w", err)
	}
	link := scheme + b64.EncodeToString(raw)
	if viewer == "" {
		return link, nil
	}
	return strings.TrimSuffix(viewer, "#") + "#" + link, nil
}

func (p Payload) check() error {
	flags := []rune(p.Flags)
	switch {
	case len(p.Key) != keySize:
		return errors.New("share: the key of a health link has 32 bytes")
	case len(p.URL) > maxURL || !isAddress(p.URL):
		return errors.New("share: the address in a health link is a web address of at most 128 characters")
	case utf8.RuneCountInString(p.Label) > maxLabel:
		return errors.New("share: the label of a health link has at most 80 characters")
	case !slices.IsSorted(flags) || len(slices.Compact(flags)) != utf8.RuneCountInString(p.Flags):
		return errors.New("share: the flags of a health link stand in alphabetical order")
	case p.Has(FlagDirect) && p.Has(FlagPasscode):
		return errors.New("share: a health link to one file has no passcode")
	}
	return nil
}

// isAddress: https, and http on this machine only, for tests.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// ParseLink reads a link, with or without a viewer in front. What it does not
// know is left out, as the standard asks; it gives ErrNotLink or ErrNewerLink.
func ParseLink(link string) (Payload, error) {
	link = strings.TrimSpace(link)
	at := strings.Index(link, scheme)
	if len(link) > maxLink || at < 0 || (at > 0 && link[at-1] != '#') {
		return Payload{}, ErrNotLink
	}
	raw, err := base64.RawURLEncoding.DecodeString(link[at+len(scheme):])
	if err != nil {
		return Payload{}, ErrNotLink
	}
	var w wirePayload
	if err := json.Unmarshal(raw, &w); err != nil {
		return Payload{}, ErrNotLink
	}
	if w.V > 1 {
		return Payload{}, ErrNewerLink
	}
	return w.payload()
}

func (w wirePayload) payload() (Payload, error) {
	p := Payload{URL: w.URL, Flags: w.Flag, Label: w.Label}
	var err error
	// Of a key that others wrote, the unused last bits may be set.
	if p.Key, err = base64.RawURLEncoding.DecodeString(w.Key); err != nil || p.check() != nil {
		return Payload{}, ErrNotLink
	}
	const farthest = 1 << 40 // the year 36812: beyond it a time is no time
	if w.Exp > 0 && w.Exp < farthest {
		p.Expires = time.Unix(int64(w.Exp), 0).UTC()
	}
	return p, nil
}
