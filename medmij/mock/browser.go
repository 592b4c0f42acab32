package mock

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// HTTPClient is a client that trusts the test authority, shows the client
// certificate and dials every name at 127.0.0.1. It follows no redirects and
// keeps no cookies. Every call makes a new one.
func (n *Network) HTTPClient() (*http.Client, error) {
	cert, err := tls.X509KeyPair(n.ClientCert, n.ClientKey)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.CA)
	dialer, ports := &net.Dialer{Timeout: 10 * time.Second}, n.DevPorts()
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				_, port, err := net.SplitHostPort(addr)
				if err != nil {
					return nil, fmt.Errorf("dial: %w", err)
				}
				return dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", cmp.Or(ports[addr], port)))
			},
		},
	}, nil
}

// Visitor is a person at the pages. Persona is an id of [Network.Personas];
// Name, when that is empty, is somebody else. Stop is the button at which the
// visitor stops: cancel, login-cancel or deny; empty: goes on to the end. After
// login-cancel comes a page that says so, which the visitor leaves.
type Visitor struct {
	Persona, Name, Stop string
	Indefinite          bool // ticks the box for lasting consent
}

var (
	errVisit   = errors.New("the pages did not lead back")
	formAction = regexp.MustCompile(`action="([^"]+/([a-z-]+))"`)
)

// maxSteps bounds a visit.
const maxSteps = 12

// Visit walks the pages as a person with a browser would: it begins at the
// address of an authorization request, presses the buttons it finds, and gives
// the address that the browser is sent to in the end, which it does not open.
func (n *Network) Visit(ctx context.Context, authorize string, v Visitor) (*url.URL, error) {
	client, err := n.HTTPClient()
	if err != nil {
		return nil, err
	}
	if client.Jar, err = cookiejar.New(nil); err != nil {
		return nil, fmt.Errorf("visit: %w", err)
	}
	defer client.CloseIdleConnections()
	page, form := authorize, url.Values(nil)
	for range maxSteps {
		to, body, err := step(ctx, client, page, form)
		if err != nil {
			return nil, err
		}
		switch {
		case to != nil && !n.isPage(to):
			return to, nil
		case to != nil:
			page, form = to.String(), nil
		default:
			if page, form, err = v.press(page, body); err != nil {
				return nil, err
			}
		}
	}
	return nil, errVisit
}

// isPage tells whether an address is one of the login pages.
func (n *Network) isPage(u *url.URL) bool {
	at := u.Scheme + "://" + u.Host
	return at == n.loginURL(1) || (n.world.hasSecond() && at == n.loginURL(2))
}

// step opens a page or sends a form; to is where the answer sends the browser.
func step(ctx context.Context, client *http.Client, page string, form url.Values) (to *url.URL, body string, err error) {
	method, content := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, content = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, page, content)
	if err != nil {
		return nil, "", fmt.Errorf("visit: %w", err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("visit: %w", withoutURL(err))
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxForm))
	if err != nil {
		return nil, "", fmt.Errorf("visit: %w", err)
	}
	if to, err := res.Location(); err == nil {
		return to, "", nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%w: status %d", errVisit, res.StatusCode)
	}
	return nil, string(raw), nil
}

// withoutURL takes the address out of an error: a state may be in it.
func withoutURL(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// press chooses the button: the one to stop at when it is there, else the one
// that goes on.
func (v Visitor) press(page, body string) (string, url.Values, error) {
	goesOn := map[string]url.Values{
		"continue": {}, "login": {"persona": {v.Persona}, "name": {v.Name}}, "consent": {}, "back": {},
	}
	if v.Indefinite && strings.Contains(body, `name="indefinite"`) {
		goesOn["consent"].Set("indefinite", "on")
	}
	var found url.Values
	to := ""
	for _, m := range formAction.FindAllStringSubmatch(body, -1) {
		if m[2] == v.Stop {
			to, found = m[1], url.Values{}
			break
		}
		if form, ok := goesOn[m[2]]; ok && to == "" {
			to, found = m[1], form
		}
	}
	base, err := url.Parse(page)
	if err != nil || to == "" {
		return "", nil, errVisit
	}
	next, err := base.Parse(to)
	if err != nil {
		return "", nil, errVisit
	}
	return next.String(), found, nil
}
