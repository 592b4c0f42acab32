package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// ErrExpired is returned for a link that says itself that it is over.
var ErrExpired = errors.New("share: this health link has expired")

// PasscodeError is returned when a passcode is needed: none was given, or a
// wrong one.
type PasscodeError struct{ Remaining int } // attempts before the link ends

func (e *PasscodeError) Error() string {
	return fmt.Sprintf("share: the passcode is needed, or was wrong: %d attempts left", e.Remaining)
}

// Opener is who opens a link.
type Opener struct {
	Recipient string // required: how they call themselves; the owner sees it
	Passcode  string // when the link has one
	Now       time.Time
}

// Open gets the files of a health link of any relay, and decrypts them. It
// gives ErrNotLink, ErrNewerLink, ErrExpired, *PasscodeError, ErrGone, ErrBusy,
// ErrRelay or ErrSealed.
func Open(ctx context.Context, client *http.Client, link string, who Opener) ([]File, error) {
	p, err := ParseLink(link)
	if err != nil {
		return nil, err
	}
	if who.Now.IsZero() {
		who.Now = time.Now()
	}
	if !p.Expires.IsZero() && !who.Now.Before(p.Expires) {
		return nil, ErrExpired
	}
	if p.Has(FlagDirect) {
		f, err := openDirect(ctx, client, p, who)
		if err != nil {
			return nil, err
		}
		return []File{f}, nil
	}
	return openManifest(ctx, client, p, who)
}

// OpenCode gets the files of a one-time code of a relay: code as typed, and the
// date of birth as "1961-04-02". Neither is sent. It is ErrPublicURL for what is no
// address of a relay.
func OpenCode(ctx context.Context, client *http.Client, relayURL, code, birthDate, recipient string) ([]File, error) {
	id, key, err := codeSecrets(code, birthDate)
	if err != nil {
		return nil, err
	}
	if relayURL, err = RelayAddress(relayURL); err != nil {
		return nil, err
	}
	p := Payload{URL: relayURL + "/shl/" + id, Key: key}
	return openManifest(ctx, client, p, Opener{Recipient: recipient})
}

func openDirect(ctx context.Context, client *http.Client, p Payload, who Opener) (File, error) {
	u, err := url.Parse(p.URL)
	if err != nil {
		return File{}, ErrNotLink
	}
	query := u.Query()
	query.Set("recipient", who.Recipient)
	u.RawQuery = query.Encode()
	sealed, err := get(ctx, client, u.String())
	if err != nil {
		return File{}, err
	}
	return Unseal(sealed, p.Key)
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, ErrRelay
	}
	status, body, err := send(client, q)
	if err == nil && status != http.StatusOK {
		err = ErrRelay
	}
	return body, err
}

func openManifest(ctx context.Context, client *http.Client, p Payload, who Opener) ([]File, error) {
	m, err := askManifest(ctx, client, p, who)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range m.Files {
		sealed := []byte(f.Embedded)
		if f.Embedded == "" {
			if !isAddress(f.Location) {
				return nil, ErrRelay
			}
			if sealed, err = get(ctx, client, f.Location); err != nil {
				return nil, err
			}
		}
		file, err := Unseal(sealed, p.Key)
		if err != nil {
			return nil, err
		}
		file.FHIRVersion = f.FHIRVersion
		files = append(files, file)
	}
	return files, nil
}

func askManifest(ctx context.Context, client *http.Client, p Payload, who Opener) (manifest, error) {
	var m manifest
	body, err := json.Marshal(manifestRequest{Recipient: who.Recipient, Passcode: who.Passcode})
	if err != nil {
		return m, fmt.Errorf("ask for the files of a link: %w", err)
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return m, ErrNotLink
	}
	q.Header.Set("Content-Type", "application/json")
	status, raw, err := send(client, q)
	switch {
	case err != nil:
		return m, err
	case status == http.StatusUnauthorized:
		var a passcodeAnswer
		if json.Unmarshal(raw, &a) != nil {
			return m, ErrRelay
		}
		return m, &PasscodeError{Remaining: a.Remaining}
	case status != http.StatusOK || json.Unmarshal(raw, &m) != nil || len(m.Files) == 0:
		return m, ErrRelay
	}
	return m, nil
}
