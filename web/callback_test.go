package web

import (
	"io"
	"regexp"
	"strings"
	"testing"
)

// The page that the person ends at has none of what the provider sent back in
// its address.
func TestCBK_10_TheLastPageHasNoSecretsInItsAddress(t *testing.T) {
	c := newClient(t)
	c.s.Desk = &loginDesk{storyDesk: c.desk}
	c.unlock()
	c.do("POST", "/z/verbind", "bron="+storyGP+"&n=0")
	delete(c.cookies, c.cookies[c.s.sessions.name].Name)
	res := c.do("GET", "/oauth/callback?state=s1&code=code-canary", "", header("Sec-Fetch-Site", "cross-site"))
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%d, %v", res.StatusCode, err)
	}
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the answer may be stored, or tells where it came from")
	}
	next := regexp.MustCompile(`url=([^"]+)"`).FindStringSubmatch(string(body))
	if next == nil || next[1] != "/z/bezig" {
		t.Fatalf("the browser goes on to %v", next)
	}
	for _, secret := range []string{"code-canary", "state=", "s1"} {
		if strings.Contains(next[1], secret) || strings.Contains(string(body), "code-canary") {
			t.Error("what came back is in the page or in the next address")
		}
	}
}
