package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Errors of speaking with a relay.
var (
	// ErrGone: the link expired, was revoked, was opened as often as it may be,
	// or never was. The relay does not say which.
	ErrGone = errors.New("share: there is nothing at this link, or not any more")

	// ErrRefused: the relay does not take the files: they are too large, or it
	// is full.
	ErrRefused = errors.New("share: the relay does not take this")

	// ErrBusy: the relay asks to wait.
	ErrBusy = errors.New("share: the relay is busy: try again in a minute")

	// ErrRelay: the relay cannot be reached or does not answer as it should.
	ErrRelay = errors.New("share: the relay cannot be reached")
)

// Options are what the person chose for a link. The zero value is a link for an
// hour, without a passcode, that opens any number of times.
type Options struct {
	Life        time.Duration // zero: an hour; at most a year. A code has an hour
	MaxOpenings int           // zero: any number. A code has one
	Passcode    bool          // draw a passcode, to be told separately
	Long        bool          // the files may be renewed with Link.Renew
	Direct      bool          // one file by GET, without a manifest; no passcode

	// BirthDate, as "1961-04-02", makes a one-time code instead of a link to
	// scan (security-store.md 5.3). It is not sent.
	BirthDate string

	Now time.Time // zero: time.Now
}

// Link is a link that was published. The caller keeps it, encrypted: who has it
// can open, revoke and renew.
type Link struct {
	Relay    string    `json:"relay"`
	ID       string    `json:"id"` // of the manifest
	Owner    string    `json:"owner"`
	Key      []byte    `json:"key"`
	URI      string    `json:"uri,omitempty"`      // to show or scan; empty for a code
	Passcode string    `json:"passcode,omitempty"` // eight digits
	Code     string    `json:"code,omitempty"`     // ten characters; FormatCode shows it
	Expires  time.Time `json:"expires"`
	Long     bool      `json:"long,omitempty"`
}

// label is what recipients see before they open a link: no word about health.
const label = "Bundel"

// Unplaced is a link of which nothing is at the relay yet. The caller keeps its
// Link before Publish: a program that stops halfway must know what to revoke.
type Unplaced struct {
	Link Link
	put  putRequest
}

// NewLink draws the secrets of a link and encrypts its files. Nothing leaves.
// Errors: ErrPublicURL, ErrBirthDate, and those of options that do not go together.
func NewLink(relayURL string, files []File, o Options) (Unplaced, error) {
	relayURL, err := RelayAddress(relayURL)
	if err != nil {
		return Unplaced{}, err
	}
	l, put, err := newPublished(relayURL, o)
	if err != nil {
		return Unplaced{}, err
	}
	if put.Files, err = sealAll(files, l.Key); err != nil {
		return Unplaced{}, err
	}
	return Unplaced{l, put}, nil
}

// Publish places the files of a new link at its relay, which gets neither the key
// nor the birth date. With ErrRefused or ErrBusy nothing was placed. With any
// other error that is not certain: revoke the link.
func (u Unplaced) Publish(ctx context.Context, client *http.Client) error {
	return u.Link.place(ctx, client, u.put)
}

// newPublished draws the secrets of a link and writes it.
func newPublished(relayURL string, o Options) (Link, putRequest, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Life == 0 {
		o.Life = codeLife
	}
	l := Link{
		Relay: relayURL, ID: b64.EncodeToString(NewKey()), Owner: b64.EncodeToString(NewKey()), Key: NewKey(),
		Expires: o.Now.Add(o.Life).Truncate(time.Second).UTC(), Long: o.Long,
	}
	put := putRequest{Max: o.MaxOpenings, Direct: o.Direct, Long: o.Long}
	if o.Passcode {
		l.Passcode = newPasscode()
		put.Passcode = l.Passcode
	}
	var err error
	if o.BirthDate != "" {
		l.Code, put.Max = drawCode(codeLength), 1
		l.ID, l.Key, err = codeSecrets(l.Code, o.BirthDate)
	} else {
		l.URI, err = Payload{URL: l.address(), Key: l.Key, Expires: l.Expires, Flags: o.flags(), Label: label}.Encode(relayURL + "/v/")
	}
	put.Expires = l.Expires.Unix()
	return l, put, err
}

func (o Options) flags() string {
	var flags []byte
	for _, f := range [...]struct {
		set  bool
		flag byte
	}{{o.Long, FlagLong}, {o.Passcode, FlagPasscode}, {o.Direct, FlagDirect}} {
		if f.set {
			flags = append(flags, f.flag)
		}
	}
	return string(flags)
}

func (l Link) address() string { return l.Relay + "/shl/" + l.ID }

func sealAll(files []File, key []byte) ([]putFile, error) {
	var out []putFile
	for _, f := range files {
		sealed, err := Seal(f, key)
		if err != nil {
			return nil, err
		}
		out = append(out, putFile{ContentType: f.ContentType, FHIRVersion: f.FHIRVersion, Sealed: string(sealed)})
	}
	return out, nil
}

func (l Link) place(ctx context.Context, client *http.Client, put putRequest) error {
	body, err := json.Marshal(put)
	if err != nil {
		return fmt.Errorf("write files for the relay: %w", err)
	}
	_, err = l.own(ctx, client, http.MethodPut, "", body)
	return err
}

// Renew puts newer files at a link, with the same key and a new nonce. What
// counts openings and wrong passcodes stays. It gives ErrGone when the link
// ended.
func Renew(ctx context.Context, client *http.Client, l Link, files []File) error {
	sealed, err := sealAll(files, l.Key)
	if err != nil {
		return err
	}
	return l.place(ctx, client, putRequest{Expires: l.Expires.Unix(), Max: l.maxOfCode(), Long: l.Long, Files: sealed})
}

func (l Link) maxOfCode() int {
	if l.Code != "" {
		return 1
	}
	return 0
}

// Revoke ends a link: from the answer on, nothing can be got with it. Copies
// that were taken before cannot be recalled.
func Revoke(ctx context.Context, client *http.Client, l Link) error {
	_, err := l.own(ctx, client, http.MethodDelete, "", nil)
	return err
}

// Log is what happened to a link, oldest first.
type Log struct {
	Openings []Opening
	End      string    // EndRevoked, EndExpired, EndOpened, EndAttempts; empty: it can be opened
	EndAt    time.Time // of End
	Left     int       // wrong passcodes or codes that may still come
}

// Openings asks the relay what happened to a link: openings and wrong tries. It
// gives ErrGone 30 days after the link ended.
func Openings(ctx context.Context, client *http.Client, l Link) (Log, error) {
	raw, err := l.own(ctx, client, http.MethodGet, "/log", nil)
	if err != nil {
		return Log{}, err
	}
	var got linkLog
	if err := json.Unmarshal(raw, &got); err != nil {
		return Log{}, ErrRelay
	}
	return Log(got), nil
}

// own does a request as the owner of a link.
func (l Link) own(ctx context.Context, client *http.Client, method, path string, body []byte) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, method, l.address()+path, bytes.NewReader(body))
	if err != nil {
		return nil, ErrRelay
	}
	q.Header.Set("Authorization", "Bearer "+l.Owner)
	status, raw, err := send(client, q)
	if err == nil && status != http.StatusOK && status != http.StatusNoContent {
		err = ErrRelay
	}
	return raw, err
}

// send does a request and puts the usual refusals in words. No error holds an
// address: it would hold the id of the link.
func send(client *http.Client, q *http.Request) (status int, body []byte, err error) {
	q.Header.Set("User-Agent", "Bundel/1")
	a, err := client.Do(q)
	if err != nil {
		if cause := q.Context().Err(); cause != nil {
			return 0, nil, cause
		}
		return 0, nil, ErrRelay
	}
	defer a.Body.Close()
	body, err = io.ReadAll(io.LimitReader(a.Body, maxPlain))
	switch {
	case err != nil:
		return 0, nil, ErrRelay
	case a.StatusCode == http.StatusNotFound:
		return 0, nil, ErrGone
	case a.StatusCode == http.StatusTooManyRequests:
		return 0, nil, ErrBusy
	case a.StatusCode == http.StatusBadRequest, a.StatusCode == http.StatusRequestEntityTooLarge, a.StatusCode == http.StatusInsufficientStorage:
		return 0, nil, ErrRefused
	}
	return a.StatusCode, body, nil
}
