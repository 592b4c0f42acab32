package mock_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/medmij/mock"
)

const apiHost = "api.dva.medmij.localhost"

// TestConnectionFaultsAreOfTheirKind is what a client makes of each of them,
// while another host goes on as always, and when the fault is gone.
func TestConnectionFaultsAreOfTheirKind(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	invalid := func(reason x509.InvalidReason) func(error) bool {
		return func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == reason
		}
	}
	unknown := func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }
	saying := func(text string) func(error) bool {
		return func(err error) bool { return strings.Contains(err.Error(), text) }
	}
	for name, c := range map[string]struct {
		fault mock.Fault
		check func(error) bool
	}{
		"expired":      {mock.Fault{Kind: "certificate", Value: "expired"}, invalid(x509.Expired)},
		"not yet":      {mock.Fault{Kind: "certificate", Value: "not-yet"}, invalid(x509.Expired)},
		"wrong host":   {mock.Fault{Kind: "certificate", Value: "wrong-host"}, func(err error) bool { return errors.As(err, new(x509.HostnameError)) }},
		"self-signed":  {mock.Fault{Kind: "certificate", Value: "self-signed"}, unknown},
		"foreign":      {mock.Fault{Kind: "certificate", Value: "foreign"}, unknown},
		"use":          {mock.Fault{Kind: "certificate", Value: "client-use"}, invalid(x509.IncompatibleUsage)},
		"TLS 1.1":      {mock.Fault{Kind: "tls", Value: "1.1"}, saying("protocol version not supported")},
		"CBC":          {mock.Fault{Kind: "tls", Value: "cbc"}, saying("handshake failure")},
		"RSA":          {mock.Fault{Kind: "tls", Value: "rsa"}, saying("handshake failure")},
		"other client": {mock.Fault{Kind: "client-certificate", Value: "refuse"}, saying("remote error: tls: unknown certificate authority")},
		"plain HTTP":   {mock.Fault{Kind: "connection", Value: "plain-http"}, func(err error) bool { return errors.As(err, new(tls.RecordHeaderError)) }},
		"garbage":      {mock.Fault{Kind: "connection", Value: "garbage"}, func(err error) bool { return errors.As(err, new(tls.RecordHeaderError)) }},
		"refused":      {mock.Fault{Kind: "connection", Value: "refuse"}, func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		"reset":        {mock.Fault{Kind: "connection", Value: "reset"}, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"closed":       {mock.Fault{Kind: "connection", Value: "close"}, func(err error) bool { return errors.Is(err, io.EOF) }},
	} {
		c.fault.On = "host:" + apiHost
		set(t, n, c.fault)
		_, _, err := a.onceGood(context.Background(), base+"/Patient")
		if err == nil || !c.check(err) {
			t.Errorf("%s: error %v", name, err)
		}
		if res, _ := a.get(n.ListsURL+medmij.FileWhitelist, nil); res.StatusCode != http.StatusOK {
			t.Errorf("%s: the lists have it too", name)
		}
		set(t, n)
		if _, _, err := a.onceGood(context.Background(), base+"/Patient"); err != nil {
			t.Errorf("%s: it does not end: %v", name, err)
		}
	}
}

// onceGood is once, with ciphers that are good: a strict client.
func (a *app) onceGood(ctx context.Context, address string) (*http.Response, []byte, error) {
	a.Helper()
	transport, _ := a.http.Transport.(*http.Transport)
	transport.TLSClientConfig.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}
	return a.once(ctx, address)
}

// TestAConnectionFaultMeetsKeptConnectionsToo: a client that kept one open does
// not get around it.
func TestAConnectionFaultMeetsKeptConnectionsToo(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	a.fhir(base, "Patient")
	a.fhir(base, "Patient")
	if got := len(n.Connections(apiHost)); got != 1 {
		t.Fatalf("%d connections: none was kept", got)
	}
	set(t, n, mock.Fault{On: "host:" + apiHost, Kind: "certificate", Value: "expired"})
	if res, err := a.http.Get(base + "/Patient"); err == nil {
		res.Body.Close()
		t.Error("a kept connection is used past the fault")
	}
}

func TestAClientWithoutCertificateIsRefused(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	transport, _ := a.http.Transport.(*http.Transport)
	transport.TLSClientConfig.Certificates = nil
	list := n.ListsURL + medmij.FileWhitelist
	if _, _, err := a.once(context.Background(), list); err != nil {
		t.Fatalf("the lists ask for a certificate: %v", err)
	}
	set(t, n, mock.Fault{On: "host:stelselnode.medmij.localhost", Kind: "client-certificate", Value: "demand"})
	if _, _, err := a.once(context.Background(), list); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("error %v", err)
	}
}

func TestAConnectionHangsUntilSomebodyEndsIt(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	set(t, n, mock.Fault{On: "host", Kind: "connection", Value: "hang"})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := a.once(ctx, base+"/Patient"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if len(n.Requests("resource")) != 0 {
		t.Error("a request came through")
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// TestHTTP2GoesAway: a client that speaks HTTP/2 meets it, and comes back.
func TestHTTP2GoesAway(t *testing.T) {
	for value, text := range map[string]string{"goaway": "", "reset": "INTERNAL_ERROR"} {
		n := start(t, mock.Config{})
		a := newApp(t, n)
		_, _, base := a.zal("huisarts-delinde", "49")
		transport, _ := a.http.Transport.(*http.Transport)
		modern := transport.Clone()
		modern.ForceAttemptHTTP2, modern.TLSNextProto = true, nil
		a.http.Transport = modern
		set(t, n, mock.Fault{On: "host:" + apiHost, Kind: "http2", Value: value, Times: 1})
		res, err := a.http.Get(base + "/Patient")
		switch {
		case text != "" && (err == nil || !strings.Contains(err.Error(), text)):
			t.Errorf("%s: error %v", value, err)
		case text == "" && err != nil:
			t.Errorf("%s: net/http did not come back by itself: %v", value, err)
		case err == nil:
			res.Body.Close()
		}
		res2, err := a.http.Get(base + "/Patient")
		if err != nil {
			t.Fatalf("%s: it does not end: %v", value, err)
		}
		res2.Body.Close()
		if res2.ProtoMajor != 1 {
			t.Errorf("%s: HTTP/%d without a fault", value, res2.ProtoMajor)
		}
		if first := n.Connections(apiHost)[0]; first.Fault != "http2" || first.Requests != 0 {
			t.Errorf("%s: recorded %+v", value, first)
		}
	}
}

// TestTheLoginPagesBreakToo: they have no TLS, so there it is the first bytes
// of the request.
func TestTheLoginPagesBreakToo(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	authorize := a.authorizeURL("huisarts-delinde")
	for value, is := range map[string]error{"reset": syscall.ECONNRESET, "close": io.EOF, "refuse": syscall.ECONNREFUSED} {
		set(t, n, mock.Fault{On: "host:localhost", Kind: "connection", Value: value})
		if _, _, err := a.once(context.Background(), authorize); !errors.Is(err, is) {
			t.Errorf("%s: error %v", value, err)
		}
	}
	set(t, n)
	if res, _ := a.get(authorize, nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d when all is well", res.StatusCode)
	}
}

// TestConnectionsAreCounted also those over which nothing came.
func TestConnectionsAreCounted(t *testing.T) {
	n := start(t, mock.Config{})
	a := newApp(t, n)
	_, _, base := a.zal("huisarts-delinde", "49")
	a.fhir(base, "Patient")
	a.fhir(base, "Patient")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(base[:strings.Index(base, "/huisarts")], "https://"))
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	silent.Close()
	set(t, n, mock.Fault{On: "host:" + apiHost, Kind: "certificate", Value: "foreign", Times: 1})
	if _, _, err := a.once(context.Background(), base+"/Patient"); err == nil {
		t.Error("a foreign certificate was trusted")
	}
	deadline := time.Now().Add(5 * time.Second) // the mock sees a connection a moment after its client
	for len(n.Connections(apiHost)) < 3 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	var got []string
	for _, c := range n.Connections(apiHost) {
		got = append(got, c.Handshake+" "+c.Fault+" "+strings.Repeat("r", c.Requests))
	}
	slices.Sort(got)
	if want := []string{"done  rr", "failed  ", "failed certificate "}; !slices.Equal(got, want) {
		t.Errorf("connections %q, want %q", got, want)
	}
	first := n.Connections(apiHost)[0]
	if !slices.Equal(first.Versions, []string{"TLS 1.3", "TLS 1.2"}) || len(first.Ciphers) == 0 {
		t.Errorf("offered %v, %v", first.Versions, first.Ciphers)
	}
	for _, e := range n.Requests("resource") {
		if e.Connection != first.Number {
			t.Errorf("request %d came over connection %d", e.Number, e.Connection)
		}
	}
	if n.Reset(); len(n.Connections()) != 0 {
		t.Error("a reset forgets no connections")
	}
}
