//go:build e2e

package web

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pdf prints the page as a browser does, without a head or foot of its own.
func (s *site) pdf(story string) []byte {
	s.t.Helper()
	yes := true
	res, err := chromedp.Call(s.ctx, cdp.PrintToPDF, cdp.PrintToPDFParams{PreferCSSPageSize: &yes})
	if err != nil {
		s.t.Fatalf("%s: %v", story, err)
	}
	return res.Data
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// TestSheetsOnPaper prints every sheet and counts the pages.
func TestSheetsOnPaper(t *testing.T) {
	s := newSite(t)
	for story, want := range map[string]int{
		"print-visit": 1, "print-visit-empty": 1, "print-list": 2, "print-pass": 2, "print-card": 2, "print-letter": 1, "print-full": 3,
	} {
		s.open(story, 1280)
		data := s.pdf(story)
		if got := len(pdfPage.FindAll(data, -1)); got != want {
			t.Errorf("%s is %d pages, not %d", story, got, want)
		}
		s.keepPDF(story, data)
	}
}

// keepPDF keeps the pages in $BUNDEL_SHOTS, as pictures too where pdftoppm is
// there; else one picture of the page as it is printed.
func (s *site) keepPDF(story string, data []byte) {
	s.t.Helper()
	dir := os.Getenv("BUNDEL_SHOTS")
	if dir == "" {
		return
	}
	path := filepath.Join(dir, story)
	if err := os.WriteFile(path+".pdf", data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if tool, err := exec.LookPath("pdftoppm"); err == nil {
		if err := exec.CommandContext(s.ctx, tool, "-png", "-r", "110", path+".pdf", path).Run(); err != nil {
			s.t.Error(err)
		}
		return
	}
	if _, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		s.t.Fatal(err)
	}
	s.shoot(story + "-print")
	if _, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}); err != nil {
		s.t.Fatal(err)
	}
}
