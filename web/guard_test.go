package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const testHost = "127.0.0.1:8080"

// client is a browser before a Server, with its cookies.
type client struct {
	t       *testing.T
	s       *Server
	desk    *storyDesk
	cookies map[string]*http.Cookie
	agent   string
}

func newClient(t *testing.T) *client {
	t.Helper()
	desk := newStoryDesk()
	s, err := New(Config{Desk: desk, Port: 8080, Now: func() time.Time { return storyNow }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.idle.Stop() })
	return &client{t: t, s: s, desk: desk, cookies: map[string]*http.Cookie{}, agent: "browser"}
}

// do sends a request as the browser would from a page of ours; change may say
// otherwise.
func (c *client) do(method, path, form string, change ...func(*http.Request)) *http.Response {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://"+testHost+path, strings.NewReader(form))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range c.cookies {
		if strings.HasPrefix(r.URL.Path, cookie.Path) {
			r.AddCookie(cookie)
		}
	}
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.s.Handler().ServeHTTP(w, r)
	res := w.Result()
	for _, cookie := range res.Cookies() {
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
			continue
		}
		c.cookies[cookie.Name] = cookie
	}
	return res
}

func (c *client) unlock() *client {
	c.t.Helper()
	if res := c.do("POST", "/unlock", "wachtzin=open"); res.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("unlock: %s", res.Status)
	}
	return c
}

func header(key, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

func without(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Del(key) }
}

func TestHostsAreCompared(t *testing.T) {
	c := newClient(t)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost:8080": 200, "[::1]:8080": 200,
		"127.0.0.1": 421, "127.0.0.1:8081": 421, "127.0.0.1:80800": 421, "127.0.0.1.evil.test:8080": 421, "localhost.:8080": 421,
		"LOCALHOST:8080": 421, "": 421, "0.0.0.0:8080": 421, "evil.test:8080": 421, "127.0.0.1:8080@evil.test": 421, "2130706433:8080": 421,
	} {
		res := c.do("GET", "/unlock", "", func(r *http.Request) { r.Host = host; c.desk.become(Locked) })
		if res.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, res.StatusCode, want)
		}
		if body, _ := io.ReadAll(res.Body); want == 421 && len(strings.TrimSpace(string(body))) > 0 {
			t.Errorf("Host %q: the refusal tells %q", host, body)
		}
	}
	c.s.port.Store(0)
	if res := c.do("GET", "/unlock", ""); res.StatusCode != 421 {
		t.Errorf("without a port: %d", res.StatusCode)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name   string
		method string
		change []func(*http.Request)
		want   int
	}{
		{"a page of ours posts", "POST", nil, 303},
		{"another site posts", "POST", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
		{"another port posts", "POST", []func(*http.Request){header("Sec-Fetch-Site", "same-site")}, 403},
		{"an old browser posts from another site", "POST", []func(*http.Request){without("Sec-Fetch-Site"), header("Origin", "http://evil.test")}, 403},
		{"an old browser posts from here", "POST", []func(*http.Request){without("Sec-Fetch-Site"), header("Origin", "http://"+testHost)}, 303},
		{"a file posts", "POST", []func(*http.Request){without("Sec-Fetch-Site"), header("Origin", "null")}, 403},
		{"a post that does not say from where", "POST", []func(*http.Request){without("Sec-Fetch-Site")}, 403},
		{"a typed address posts", "POST", []func(*http.Request){header("Sec-Fetch-Site", "none"), header("Sec-Fetch-Dest", "image")}, 403},
		{"another site reads", "GET", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
		{"another site links here", "GET", []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate"), header("Sec-Fetch-Dest", "document")}, 403},
		{"a typed address", "GET", []func(*http.Request){header("Sec-Fetch-Site", "none"), header("Sec-Fetch-Dest", "document")}, 303},
		{"an image of nowhere", "GET", []func(*http.Request){header("Sec-Fetch-Site", "none"), header("Sec-Fetch-Dest", "image")}, 403},
		{"a reader that is no browser", "GET", []func(*http.Request){without("Sec-Fetch-Site")}, 303},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t).unlock()
			if res := c.do(tc.method, "/unlock", "wachtzin=open", tc.change...); res.StatusCode != tc.want {
				t.Errorf("got %d, want %d", res.StatusCode, tc.want)
			}
		})
	}
}

// pathOf fills in the places of a pattern.
func pathOf(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	return method, regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "1")
}

// TestEveryRoute walks the table: headers byte for byte, and nothing to see
// from another site or without a session.
func TestEveryRoute(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Permissions-Policy":         "camera=(), microphone=(), geolocation=(), clipboard-read=()",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
	}
	for _, rt := range newClient(t).s.table() {
		method, path := pathOf(rt.pattern)
		if healthWords.MatchString(path) {
			t.Errorf("%s is not neutral", path)
		}
		c := newClient(t)
		stranger := c.do(method, path, "")
		if rt.who == withSession && stranger.StatusCode != 303 && stranger.StatusCode != 401 {
			t.Errorf("%s without a session: %d", rt.pattern, stranger.StatusCode)
		}
		open := rt.pattern == "POST /start" || rt.pattern == "GET /oauth/callback"
		foreign := c.unlock().do(method, path, "", header("Sec-Fetch-Site", "cross-site"))
		if foreign.StatusCode == 403 == open && !open {
			t.Errorf("%s from another site: %d", rt.pattern, foreign.StatusCode)
		}
		if !open && foreign.StatusCode != 403 {
			t.Errorf("%s from another site: %d", rt.pattern, foreign.StatusCode)
		}
		mine := newClient(t).unlock().do(method, path, "")
		for _, res := range []*http.Response{stranger, foreign, mine} {
			for key, value := range want {
				if got := res.Header.Get(key); got != value {
					t.Errorf("%s (%d): %s = %q", rt.pattern, res.StatusCode, key, got)
				}
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" || res.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s has a header it must not have", rt.pattern)
			}
		}
	}
}

func TestOnlyHashedFilesAreKept(t *testing.T) {
	c := newClient(t)
	for _, f := range c.s.files {
		res := c.do("GET", "/s/"+f.name, "")
		if got := res.Header.Get("Cache-Control"); res.StatusCode != 200 || got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d, %q", f.name, res.StatusCode, got)
		}
	}
}

func TestCookies(t *testing.T) {
	c := newClient(t).unlock()
	session := c.cookies[c.s.sessions.name]
	if session == nil || !regexp.MustCompile(`^bundel_[0-9a-f]{8}$`).MatchString(session.Name) {
		t.Fatalf("no session cookie among %v", c.cookies)
	}
	if !session.HttpOnly || session.SameSite != http.SameSiteStrictMode || session.Path != "/" || session.MaxAge != 0 || session.Secure || len(session.Value) != 43 {
		t.Errorf("session cookie: %+v", session)
	}
	c.do("POST", "/z/verbind", "bron="+url.QueryEscape(storyGP)+"&n=0")
	login := c.cookies[c.s.sessions.loginName()]
	if login == nil || !login.HttpOnly || login.SameSite != http.SameSiteLaxMode || login.Path != callbackPath || login.MaxAge != 1800 {
		t.Fatalf("login cookie: %+v", login)
	}
	if login.Value == session.Value {
		t.Error("the login cookie holds the session")
	}
	other := newClient(t)
	other.cookies = c.cookies
	if res := other.do("GET", "/", ""); res.StatusCode != 303 {
		t.Errorf("another instance takes the cookie: %d", res.StatusCode)
	}
	c.agent = "another browser"
	if res := c.do("GET", "/", ""); res.StatusCode != 303 {
		t.Errorf("another browser takes the cookie: %d", res.StatusCode)
	}
}

func TestLockEndsEverything(t *testing.T) {
	c := newClient(t).unlock()
	stolen := *c.cookies[c.s.sessions.name]
	res := c.do("POST", "/lock", "")
	if got := res.Header.Get("Clear-Site-Data"); got != `"cache","storage"` || res.StatusCode != 303 {
		t.Errorf("lock: %d, Clear-Site-Data %q", res.StatusCode, got)
	}
	if c.desk.State() != Locked || len(c.cookies) != 0 {
		t.Error("the vault is open or the cookie is still there")
	}
	c.desk.become(Open)
	c.cookies[stolen.Name] = &stolen
	if res := c.do("GET", "/", ""); res.StatusCode != 303 {
		t.Errorf("the old cookie still works: %d", res.StatusCode)
	}
}

func TestTheVaultClosesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk := newStoryDesk()
		s, err := New(Config{Desk: desk, Port: 8080})
		if err != nil {
			t.Fatal(err)
		}
		c := &client{t: t, s: s, desk: desk, cookies: map[string]*http.Cookie{}}
		c.unlock()
		time.Sleep(9 * time.Minute)
		if res := c.do("POST", "/leef", ""); res.StatusCode != http.StatusNoContent {
			t.Fatalf("stay open: %d", res.StatusCode)
		}
		time.Sleep(9 * time.Minute)
		if desk.State() != Open {
			t.Fatal("closed though there was a request")
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if desk.State() != Locked {
			t.Error("still open after 10 minutes without a request")
		}
		if res := c.do("GET", "/", ""); res.StatusCode != 303 {
			t.Errorf("a page after closing: %d", res.StatusCode)
		}
	})
}

func TestASessionEndsAfterTwelveHours(t *testing.T) {
	c := newClient(t).unlock()
	c.s.Now = func() time.Time { return storyNow.Add(12*time.Hour + time.Second) }
	if res := c.do("GET", "/", ""); res.StatusCode != 303 {
		t.Errorf("got %d", res.StatusCode)
	}
}

var tokenIn = regexp.MustCompile(`value="([A-Z2-7]{26})"`)

func TestStartPage(t *testing.T) {
	c := newClient(t)
	page := string(c.s.StartPage())
	if !strings.Contains(page, `action="http://127.0.0.1:8080/start"`) {
		t.Errorf("the form leads elsewhere: %s", page)
	}
	form := "code=" + tokenIn.FindStringSubmatch(page)[1]
	fromFile := []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Origin", "null")}
	res := c.do("POST", "/start", form, fromFile...)
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !strings.Contains(string(body), `http-equiv="refresh" content="0; url=/"`) || len(c.cookies) != 1 {
		t.Fatalf("first use: %d, cookies %v", res.StatusCode, c.cookies)
	}
	if res := c.do("GET", "/", ""); res.StatusCode != 200 {
		t.Errorf("after the start: %d", res.StatusCode)
	}
	if res := c.do("POST", "/start", form, fromFile...); res.StatusCode != 403 {
		t.Errorf("second use: %d", res.StatusCode)
	}
	if res := c.do("GET", "/", ""); res.StatusCode != 303 {
		t.Errorf("a token that came twice leaves sessions: %d", res.StatusCode)
	}
	late := "code=" + tokenIn.FindStringSubmatch(string(c.s.StartPage()))[1]
	c.s.Now = func() time.Time { return storyNow.Add(61 * time.Second) }
	if res := c.do("POST", "/start", late, fromFile...); res.StatusCode != 403 {
		t.Errorf("after a minute: %d", res.StatusCode)
	}
	if res := c.do("POST", "/start", "code=AAAA", fromFile...); res.StatusCode != 403 {
		t.Errorf("a guess: %d", res.StatusCode)
	}
}

func TestOneStartWinsOfAHundred(t *testing.T) {
	s := newSessions()
	token := s.newStart(storyNow)
	var won atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if s.useStart(token, storyNow) == startFine {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

// loginDesk is the example with a provider that notes what Finish was told.
type loginDesk struct {
	*storyDesk
	bound, given string
	collected    []string
}

func (d *loginDesk) Begin(context.Context, string, int) (string, string, error) {
	d.bound = "a random text"
	return "https://inloggen.delinde.example/authorize?state=s1", d.bound, nil
}

func (d *loginDesk) Finish(_ context.Context, answer url.Values, binding string) (string, bool, error) {
	if d.given = binding; binding != d.bound || answer.Get("state") != "s1" {
		return "", false, ErrBinding
	}
	return storyGP, false, nil
}

func (d *loginDesk) Sync(_ context.Context, sources ...string) error {
	d.collected = sources
	return nil
}

func TestLogin(t *testing.T) {
	c := newClient(t)
	desk := &loginDesk{storyDesk: c.desk}
	c.s.Desk = desk
	c.unlock()
	res := c.do("POST", "/z/verbind", "bron="+url.QueryEscape(storyGP)+"&n=0")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !strings.Contains(string(body), `href="https://inloggen.delinde.example/authorize?state=s1"`) {
		t.Fatalf("%d without a plain link to the provider", res.StatusCode)
	}
	session := c.cookies[c.s.sessions.name]
	delete(c.cookies, session.Name) // a Strict cookie is not sent on the way back
	stranger := newClient(t)
	stranger.s = c.s
	if res := stranger.do("GET", "/oauth/callback?state=s1&code=x", "", header("Sec-Fetch-Site", "cross-site")); res.StatusCode != 403 || desk.given != "" {
		t.Errorf("a browser without the login cookie: %d", res.StatusCode)
	}
	res = c.do("GET", "/oauth/callback?state=s1&code=x", "", header("Sec-Fetch-Site", "cross-site"))
	body, _ = io.ReadAll(res.Body)
	if res.StatusCode != 200 || !strings.Contains(string(body), "url=/z/bezig") || len(desk.collected) != 1 {
		t.Fatalf("callback: %d, collecting %v", res.StatusCode, desk.collected)
	}
	if c.cookies[c.s.sessions.loginName()] != nil {
		t.Error("the login cookie is still there")
	}
	if res := c.do("GET", "/oauth/callback?state=s1&code=x", "", header("Sec-Fetch-Site", "cross-site")); res.StatusCode != 403 {
		t.Errorf("a second callback: %d", res.StatusCode)
	}
}

func TestABodyIsBounded(t *testing.T) {
	c := newClient(t).unlock()
	res := c.do("POST", "/e/12", "waarde="+strings.Repeat("a", smallBody+1))
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestSEC_03_ServeOnlyOnLoopback(t *testing.T) {
	c := newClient(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.s.Serve(ctx, ln) }()
	res, err := http.Get("http://" + ln.Addr().String() + "/unlock")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	cancel()
	if err := <-done; err != nil || res.StatusCode != 200 || c.desk.State() != Locked {
		t.Errorf("served %d, ended with %v, vault %v", res.StatusCode, err, c.desk.State())
	}
	open, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Skip("no address beyond loopback here")
	}
	defer open.Close()
	if err := c.s.Serve(t.Context(), open); err == nil {
		t.Error("serves beyond this machine")
	}
}

func TestNothingOfThePersonIsLogged(t *testing.T) {
	var out strings.Builder
	c := newClient(t)
	c.s.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.unlock()
	c.desk.fault = errors.New("Metoprolol of Anna de Vries")
	if res := c.do("POST", "/z/haal", ""); res.StatusCode != 500 {
		t.Errorf("got %d", res.StatusCode)
	}
	for _, name := range []string{"Metoprolol", "Anna"} {
		if strings.Contains(out.String(), name) {
			t.Errorf("the log holds %q: %s", name, out.String())
		}
	}
}

func TestLanguageStaysOnThisSite(t *testing.T) {
	c := newClient(t)
	for back, want := range map[string]string{"/m": "/m", "//evil.test": "/", "https://evil.test": "/", "/\\evil.test": "/", "/\t/evil.test": "/", "/m\r\nx": "/", "": "/"} {
		res := c.do("POST", "/taal", url.Values{"taal": {"en"}, "terug": {back}}.Encode())
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("back to %q: %q", back, got)
		}
	}
	if c.s.words().Lang != "en" {
		t.Error("the language did not change")
	}
}
