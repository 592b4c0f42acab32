//go:build e2e

package web

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// mode is a way to show a story.
type mode struct {
	lang  string
	width int64
	dark  bool
}

func (m mode) String() string {
	return fmt.Sprintf("%s, %d px, %s", m.lang, m.width, map[bool]string{true: "dark", false: "light"}[m.dark])
}

// modes are the ways in which axe sees the n-th story: one of the eight that
// there are, which turns with n, so that neighbours, which are often states of
// one page, are seen in all. BUNDEL_AXE=all (make axe) gives all eight for each.
func modes(n int, all bool) []mode {
	var out []mode
	for _, lang := range []string{"nl", "en"} {
		for _, width := range []int64{320, 1280} {
			for _, dark := range []bool{false, true} {
				out = append(out, mode{lang, width, dark})
			}
		}
	}
	if all {
		return out
	}
	at := n * 3 % len(out) // two that follow each other differ in language or width
	return out[at : at+1]
}

func TestModesCoverEachOther(t *testing.T) {
	seen := map[mode]bool{}
	for n := range 8 {
		for _, m := range modes(n, false) {
			seen[m] = true
		}
	}
	if len(seen) != 8 || len(modes(0, true)) != 8 {
		t.Errorf("eight neighbours are seen in %d of 8 ways", len(seen))
	}
}

// world is where axe lives on a page: beside the page's own scripts, so that
// the policy of the page stays as it is.
const world = "axe"

// rulesOfWCAG are the tags of what has to hold: WCAG 2.2 A and AA, and what
// axe advises beyond that.
const rulesOfWCAG = `['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']`

// axeScript is axe-core, which docs/axe.sh fetches; it is no part of this
// repository.
func axeScript(t *testing.T) string {
	t.Helper()
	path := os.Getenv("BUNDEL_AXE_CORE")
	if path == "" {
		t.Skip("BUNDEL_AXE_CORE names no axe.min.js: `make e2e` fetches it and runs this test")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// show sets the width and the colours without loading anything anew. Nothing
// fades, so that what is measured is what stays.
func (s *site) show(m mode) {
	s.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[m.dark]
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if _, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, media); err != nil {
		s.t.Fatal(err)
	}
	s.resize(m.width)
}

// beside gives the execution context of axe on the page that is open.
func (s *site) beside() runtime.ExecutionContextID {
	s.t.Helper()
	tree, err := chromedp.Call(s.ctx, cdp.GetFrameTree, struct{}{})
	if err != nil {
		s.t.Fatal(err)
	}
	made, err := chromedp.Call(s.ctx, cdp.CreateIsolatedWorld, cdp.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: world})
	if err != nil {
		s.t.Fatal(err)
	}
	return made.ExecutionContextID
}

// axe gives what axe finds wrong on the page.
func (s *site) axe() []string {
	s.t.Helper()
	in := s.beside()
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`axe.run(document, {runOnly: `+rulesOfWCAG+`, resultTypes: ['violations']}).then(r =>
		r.violations.flatMap(v => v.nodes.map(n => v.id + ' (' + v.help + '): ' + n.html.slice(0, 160) + (n.any[0] ? ' ' + n.any[0].message : ''))))`,
		chromedp.EvalAwaitPromise, func(p *runtime.EvaluateParams) { p.ContextID = in }))
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// loadAxe puts axe on every page that the tab opens from now on.
func (s *site) loadAxe(script string) {
	s.t.Helper()
	params := cdp.AddScriptToEvaluateOnNewDocumentParams{Source: script, WorldName: world}
	if _, err := chromedp.Call(s.ctx, cdp.AddScriptToEvaluateOnNewDocument, params); err != nil {
		s.t.Fatal(err)
	}
}

// TestAxeSeesFaults plants faults, so that finding nothing means something.
func TestAxeSeesFaults(t *testing.T) {
	s := newSite(t)
	s.loadAxe(axeScript(t))
	for fault, want := range map[string]string{
		`document.querySelector('.answer').style.color = '#ccc'`:                                               "color-contrast",
		`document.querySelector('h1').remove()`:                                                                "page-has-heading-one",
		`document.querySelector('.rows').append(document.createElement('p'))`:                                  "list",
		`document.documentElement.removeAttribute('lang')`:                                                     "html-has-lang",
		`document.querySelector('.name a').replaceChildren()`:                                                  "link-name",
		`document.querySelector('input[type=search]').id = 'x'; document.querySelector('#x').placeholder = ''`: "label",
	} {
		s.open("medicines", 1280)
		eval[chromedp.Void](s, fault)
		if found := strings.Join(s.axe(), "\n"); !strings.Contains(found, want+" (") {
			t.Errorf("%s is not found after %s:\n%s", want, fault, found)
		}
	}
}

// TestAxeFindsNothing lets axe-core judge every story.
func TestAxeFindsNothing(t *testing.T) {
	script, all := axeScript(t), os.Getenv("BUNDEL_AXE") == "all"
	var runs atomic.Int64
	began := time.Now()
	newSite(t).each(func(s *site) { s.loadAxe(script) }, func(s *site, i int, st story) {
		runs.Add(s.judge(st, modes(i, all)))
	})
	t.Logf("axe-core saw %d stories in %d ways in %s", len(stories()), runs.Load(), time.Since(began).Round(100*time.Millisecond))
}

// judge shows a story in the ways given, one load for each language, and tells
// how many it were.
func (s *site) judge(st story, ways []mode) int64 {
	s.t.Helper()
	lang := ""
	for _, m := range ways {
		s.show(m)
		if m.lang != lang {
			lang = m.lang
			if err := chromedp.Do(s.ctx, chromedp.Navigate(s.url+"/"+lang+"/"+st.name)); err != nil {
				s.t.Fatalf("%s: %v", st.name, err)
			}
		}
		if found := s.axe(); len(found) > 0 {
			s.t.Errorf("%s (%s):\n%s", st.name, m, strings.Join(found, "\n"))
		}
	}
	return int64(len(ways))
}
