//go:build e2e

package web

import (
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// spacing is the room between letters, words, lines and paragraphs that a
// person may set (WCAG 2.2, 1.4.12).
const spacing = `(() => { const s = new CSSStyleSheet();
	s.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }');
	document.adoptedStyleSheets = [s]; })()`

// lost names what runs off the page or out of what holds it, so that a person
// cannot read it. What is read aloud only, and what scrolls by itself, may.
const lost = `(() => {
	const out = [], root = document.documentElement;
	const name = e => e.tagName.toLowerCase() + '.' + e.className + ' "' + (e.innerText || '').trim().slice(0, 40) + '"';
	if (root.scrollWidth > root.clientWidth) {
		out.push('the page is ' + (root.scrollWidth - root.clientWidth) + ' px too wide');
		for (const e of document.querySelectorAll('body *')) if (e.getBoundingClientRect().right > root.clientWidth + 1 && !e.children.length) out.push(name(e));
	}
	for (const e of document.querySelectorAll('body *:not(svg, svg *, input, select, textarea)')) {
		if (e.scrollWidth <= e.clientWidth + 1 || !e.clientWidth || e.closest('.away')) continue;
		const how = getComputedStyle(e).overflowX;
		if (how === 'auto' || how === 'scroll') continue;
		if (how !== 'visible' || e.matches('a, button, .button, td, th')) out.push(name(e) + ' holds ' + e.scrollWidth + ' px in ' + e.clientWidth);
	}
	return out.slice(0, 6);
})()`

// letters sets the size of the text of the browser itself, in percent.
func (s *site) letters(percent int64) {
	s.t.Helper()
	sizes := &cdp.FontSizes{Standard: 16 * percent / 100, Fixed: 13 * percent / 100}
	if _, err := chromedp.Call(s.ctx, cdp.SetFontSizes, cdp.SetFontSizesParams{FontSizes: sizes}); err != nil {
		s.t.Fatal(err)
	}
}

// TestTextMayGrow shows every story on 320 px, which is 1280 at 400 %, as it
// is, with room between the letters, and with letters of 200 %; and on 1280
// with letters of 200 %.
func TestTextMayGrow(t *testing.T) {
	newSite(t).each(func(*site) {}, func(s *site, _ int, st story) {
		say := func(how string) {
			if found := eval[[]string](s, lost); len(found) > 0 {
				s.t.Errorf("%s, %s:\n%s", st.name, how, strings.Join(found, "\n"))
			}
		}
		s.letters(100)
		s.open(st.name, 320)
		say("320 px")
		eval[chromedp.Void](s, spacing)
		say("320 px with more room between letters")
		eval[chromedp.Void](s, `document.adoptedStyleSheets = []`)
		s.letters(200)
		say("320 px with letters of 200 %")
		s.resize(1280)
		say("1280 px with letters of 200 %")
	})
}
