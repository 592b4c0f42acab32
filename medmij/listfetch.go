package medmij

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// trustTag is how long a server is believed that a list did not change; then
// the list is fetched in full, so that a server that is wrong about it does
// not keep an old list in force.
const trustTag = time.Hour

// etag is what a server offered to recognise a list by, with the last answer
// that held the list.
type etag struct {
	tag, modified string
	fetched       time.Time
}

// at is where a list is.
func (l *Lists) at(file string) string {
	if l.cfg.Dir != "" {
		return filepath.Join(l.cfg.Dir, file)
	}
	return strings.TrimRight(l.cfg.URL, "/") + "/" + file + "?api=" + url.QueryEscape(l.cfg.API)
}

// fetch reads a list, at most one byte more than allowed, so that its reader
// sees that it is too long. It gives nothing when the list did not change.
func (l *Lists) fetch(ctx context.Context, k *keeper) ([]byte, etag, error) {
	if strings.HasPrefix(k.at, "https://") || strings.HasPrefix(k.at, "http://") && l.cfg.Dev {
		raw, tag, err := l.download(ctx, k)
		if err != nil {
			err = fmt.Errorf("fetch %s: %w", k.name, err)
		}
		return raw, tag, err
	}
	raw, err := readLimited(k.at, k.limit)
	return raw, etag{}, err
}

func (l *Lists) download(ctx context.Context, k *keeper) ([]byte, etag, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.at, nil)
	if err != nil {
		return nil, etag{}, err
	}
	now := l.cfg.Now()
	conditional := k.have && k.etag.ask(req, now)
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, etag{}, err
	}
	defer resp.Body.Close()
	if conditional && resp.StatusCode == http.StatusNotModified {
		return nil, etag{}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, etag{}, &statusError{resp.StatusCode}
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, k.limit+1))
	return raw, etag{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified"), now}, err
}

// ask makes the request conditional, when the server offered that and the list
// itself was seen not long ago.
func (e etag) ask(req *http.Request, now time.Time) bool {
	if age := now.Sub(e.fetched); e.tag == "" && e.modified == "" || age < 0 || age >= trustTag {
		return false
	}
	if e.tag != "" {
		req.Header.Set("If-None-Match", e.tag)
	}
	if e.modified != "" {
		req.Header.Set("If-Modified-Since", e.modified)
	}
	return true
}

// isAbsent tells whether there is no such file, there or here.
func isAbsent(err error) bool {
	var status *statusError
	return errors.Is(err, fs.ErrNotExist) ||
		errors.As(err, &status) && (status.status == http.StatusNotFound || status.status == http.StatusGone)
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}
