package mock

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net/http"
	"time"
)

// connectionFaults are about the connection to a host, before any request.
func connectionFaults() map[string]faultKind {
	return map[string]faultKind{
		"connection": {
			does: "refuses connections (the port is shut), breaks them at the first byte (reset), closes them (close), says nothing (hang), " +
				"answers something that is neither TLS nor HTTP (garbage), or plain HTTP",
			at: "host", values: []string{"refuse", "reset", "close", "hang", "garbage", "plain-http"}, check: checkConnection,
		},
		"certificate": {
			does: "shows a certificate that has expired, that is not valid yet, of another host, signed by itself, signed by an authority that nobody trusts, or for clients only",
			at:   "host", values: []string{"expired", "not-yet", "wrong-host", "self-signed", "foreign", "client-use"}, check: checkTLSHost,
		},
		"tls": {
			does: "speaks TLS 1.1 at most, or with ciphers that are not good enough: CBC, or keys exchanged with RSA",
			at:   "host", values: []string{"1.1", "cbc", "rsa"}, check: checkTLSHost,
		},
		"client-certificate": {
			does: "demands a certificate of the client where none was asked, or takes those of another authority only",
			at:   "host", values: []string{"demand", "refuse"}, check: checkTLSHost,
		},
		"http2": {
			does: "speaks HTTP/2 with who can, and answers a request by going away (goaway) or breaking off its stream (reset)",
			at:   "host", values: []string{"goaway", "reset"}, check: checkTLSHost,
		},
	}
}

// checkConnection: nobody is told of a connection that was refused, so those
// cannot be counted.
func checkConnection(f Fault) error {
	if f.refuses() && (f.Times != 0 || f.When != "") {
		return wrongFault("connections that are refused cannot be counted")
	}
	return nil
}

func checkTLSHost(f Fault) error {
	if f.On == "host:"+hostLogin {
		return wrongFault("the login pages have no TLS")
	}
	return nil
}

// configFor chooses how to speak TLS with a client that has said which host it
// wants: as always, or as the fault says that this connection meets.
func (a *authority) configFor(usual *tls.Config, n *Network) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		conn, ok := hello.Conn.(*gateConn)
		if !ok {
			return usual, nil
		}
		n.log.offered(conn.seen, hello)
		if err := conn.spoil(hello.ServerName); err != nil {
			return nil, err
		}
		cfg := usual.Clone()
		cfg.GetConfigForClient = nil
		cfg.VerifyConnection = func(tls.ConnectionState) error {
			n.log.shook(conn.seen, hello.ServerName, "done")
			return nil
		}
		if fault := conn.fault.Load(); fault != nil {
			return cfg, a.spoil(cfg, *fault, hello.ServerName)
		}
		return cfg, nil
	}
}

// spoil changes how a server speaks TLS.
func (a *authority) spoil(cfg *tls.Config, f Fault, host string) error {
	var err error
	switch f.Kind {
	case "certificate":
		err = a.use(cfg, f.Value, host)
	case "tls":
		cfg.MaxVersion = tls.VersionTLS12
		switch f.Value {
		case "1.1":
			cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		case "cbc":
			cfg.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}
		case "rsa":
			cfg.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA}
			err = a.use(cfg, "rsa", host)
		}
	case "client-certificate":
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
		cfg.ClientCAs = a.pool()
		if f.Value == "refuse" {
			cfg.ClientCAs, err = a.foreignPool()
		}
	case "http2":
		cfg.NextProtos = []string{"h2", "http/1.1"}
	}
	return err
}

// http2Faults takes over connections on which HTTP/2 was agreed. That happens
// for a fault only; having this, net/http speaks no HTTP/2 itself.
func http2Faults() map[string]func(*http.Server, *tls.Conn, http.Handler) {
	return map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
		defer conn.Close()
		gated, ok := conn.NetConn().(*gateConn)
		if !ok || gated.fault.Load() == nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		if !awaitHeaders(conn) {
			return
		}
		last := []byte{0, 0, 0, 0, 0, 0, 0, 0} // stream 0 was the last one handled; no error
		if gated.fault.Load().Value == "reset" {
			_, _ = conn.Write(frame(frameReset, 1, []byte{0, 0, 0, 2})) // INTERNAL_ERROR
			last[3] = 1
		}
		_, _ = conn.Write(frame(frameGoAway, 0, last))
	}}
}

// The frames of HTTP/2 (RFC 9113, section 6) that a fault needs.
const (
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7
)

const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

func frame(kind byte, stream uint32, payload []byte) []byte {
	b := []byte{0, 0, byte(len(payload)), kind, 0}
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

// awaitHeaders reads until a request came; false when none did.
func awaitHeaders(conn io.ReadWriter) bool {
	preface := make([]byte, len(http2Preface))
	if _, err := io.ReadFull(conn, preface); err != nil || !bytes.Equal(preface, []byte(http2Preface)) {
		return false
	}
	if _, err := conn.Write(frame(frameSettings, 0, nil)); err != nil {
		return false
	}
	var head [9]byte
	for {
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return false
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return false
		}
		if head[3] == frameHeaders {
			return true
		}
	}
}
