package mock

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wireFaults break what carries an answer, after the request was read.
func wireFaults() map[string]faultKind {
	return map[string]faultKind{
		"reset": {
			does:   "breaks the connection without an answer, before or after it did what was asked (after)",
			values: []string{"", "after"}, wrap: faultReset,
		},
		"eof":      {does: "closes the connection in good order without an answer", wrap: faultRaw(func(answer) string { return "" })},
		"garbage":  {does: "answers with something that is not HTTP", wrap: faultRaw(func(answer) string { return "SSH-2.0-mock\r\n\x00\x01\x02\r\n\r\n" })},
		"http10":   {does: "gives half the body as HTTP/1.0 without a length, so that nothing tells it is half", wrap: faultRaw(oldHTTP)},
		"chunks":   {does: "breaks the chunked coding in the middle", wrap: faultRaw(brokenChunks)},
		"truncate": {does: "breaks the connection halfway the body", wrap: cutAt(func(n int) (sent, said int) { return n / 2, n })},
		"length":   {does: "announces more than it gives, and closes", wrap: cutAt(func(n int) (sent, said int) { return n, n + 100 })},
		"dribble":  {does: "gives one byte at a time", fields: []string{"delay"}, check: checkDelay, wrap: faultDribble},
	}
}

// faultReset closes without lingering, which sends RST and not FIN: clients see
// another error than at an orderly end.
func faultReset(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Value == "after" {
			answerOf(next, r)
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDelivery))
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		reset(conn)
	})
}

// reset breaks a connection of any layers.
func reset(conn net.Conn) {
	defer conn.Close()
	raw := conn
	for {
		layer, ok := raw.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		raw = layer.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // makes closing a reset; without it the fault is a plain end
		_ = t.Close()
	}
}

// faultRaw writes the bytes of an answer itself and closes the connection.
func faultRaw(make func(answer) string) func(*Network, Fault, http.Handler) http.Handler {
	return func(_ *Network, _ Fault, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := answerOf(next, r)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, make(a)) // a client that left is no error here
			if t, ok := conn.(*tls.Conn); ok {
				_ = t.CloseWrite()
			}
		})
	}
}

func oldHTTP(a answer) string {
	return head("HTTP/1.0", a) + "\r\n" + string(a.body[:len(a.body)/2])
}

func brokenChunks(a answer) string {
	half := a.body[:len(a.body)/2]
	return head("HTTP/1.1", a) + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nzz\r\n", len(half), half)
}

func head(version string, a answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s\r\n", version, a.status, http.StatusText(a.status))
	_ = a.header.Write(&b) // a Builder takes everything
	return b.String()
}

// cutAt sends a part of the body and announces another length.
func cutAt(lengths func(int) (sent, said int)) func(*Network, Fault, http.Handler) http.Handler {
	return func(_ *Network, _ Fault, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := answerOf(next, r)
			sent, said := lengths(len(a.body))
			a.header.Set("Content-Length", strconv.Itoa(said))
			a.body = a.body[:sent]
			a.send(w)
			_ = http.NewResponseController(w).Flush() // what came of it shows at the client
			panic(http.ErrAbortHandler)
		})
	}
}

// faultDribble keeps to the right answer, slowly.
func faultDribble(_ *Network, f Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause, _ := time.ParseDuration(f.Delay) // checked when it was set
		a := answerOf(next, r)
		body := a.body
		a.body = nil
		a.header.Set("Content-Length", strconv.Itoa(len(body)))
		a.send(w)
		for i := range body {
			_, _ = w.Write(body[i : i+1]) // rest ends it when the client left
			_ = http.NewResponseController(w).Flush()
			rest(r, pause)
		}
	})
}
