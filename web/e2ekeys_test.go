//go:build e2e

package web

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// watchKeys lists the controls that Tab must reach, in the order of reading,
// and notes after every Tab where the focus is and what the person sees of it.
// Of a group of options only one is a stop; arrows reach the others.
const watchKeys = `(() => {
	const group = e => [...document.querySelectorAll('input[type=radio]')].filter(o => o.form === e.form && o.name === e.name);
	const stop = e => e.type !== 'radio' || e === (group(e).find(o => o.checked) || group(e)[0]);
	const stops = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]:not([tabindex^="-"])')]
		.filter(e => e.checkVisibility() && !e.disabled && stop(e));
	const name = e => e.tagName.toLowerCase() + ' "' + (e.getAttribute('aria-label') || e.innerText || e.name || '').trim().slice(0, 40) + '"';
	const seen = [], wrong = [];
	const look = e => {
		const style = getComputedStyle(e), box = e.getBoundingClientRect(), nav = document.querySelector('.nav');
		if (style.outlineStyle !== 'solid' || style.outlineWidth !== '3px' || style.outlineColor !== getComputedStyle(document.documentElement).color)
			wrong.push(name(e) + ' shows focus as ' + style.outline);
		if (box.width < 2 || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
			wrong.push(name(e) + ' is out of sight with focus');
		if (nav && !nav.contains(e) && getComputedStyle(nav).position === 'fixed' && box.bottom > nav.getBoundingClientRect().top && (box.height < 64 || box.top + 44 > nav.getBoundingClientRect().top))
			wrong.push(name(e) + ' is under the bottom bar with focus');
	};
	// By the next Tab the page has scrolled to where the last one went.
	const note = () => {
		const e = document.activeElement;
		if (e === document.body || e === seen[seen.length - 1]) return;
		seen.push(e);
		look(e);
	};
	let begun = false;
	addEventListener('keydown', key => { if (key.key !== 'Tab') return; if (begun) note(); begun = true; }, true);
	// Done when the focus is again where it was first.
	window.keysDone = () => note() || seen.length > 1 && seen.slice(1).includes(seen[0]);
	window.keysWrong = () => {
		const at = stops.indexOf(seen[0]), want = [...stops.slice(at), ...stops.slice(0, at)];
		for (const e of seen) if (!stops.includes(e)) wrong.push(name(e) + ' is a stop and no control');
		for (const e of stops) if (!seen.includes(e)) wrong.push(name(e) + ' is not reached');
		if (!window.keysDone()) wrong.push('the focus never came round: after ' + seen.length + ' stops it is on ' + name(document.activeElement));
		const i = want.findIndex((e, i) => seen[i] !== e);
		if (i >= 0 && seen[i]) wrong.push('stop ' + i + ' is ' + name(seen[i]) + ', in the order of reading it is ' + name(want[i]));
		if (stops[0] && !stops[0].matches('.skip')) wrong.push('the first stop is ' + name(stops[0]));
		const box = e => { const b = e.getBoundingClientRect(); return {name: name(e), top: b.top + scrollY, bottom: b.bottom + scrollY, left: b.left, right: b.right}; };
		const inMain = stops.filter(e => e.closest('main')).map(box);
		inMain.forEach((b, i) => { const a = inMain[i - 1]; if (a && b.bottom <= a.top && b.left < a.right) wrong.push(b.name + ' stands above ' + a.name + ', which comes before it'); });
		return [...new Set(wrong)];
	};
	return stops.length;
})()`

// tabs presses Tab a number of times.
func (s *site) tabs(n int) {
	s.t.Helper()
	for range n {
		key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9}
		if _, err := chromedp.Call(s.ctx, input.DispatchKeyEvent, key); err != nil {
			s.t.Fatal(err)
		}
	}
}

// focused lets the page behave as the window in front.
func (s *site) focused() {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		s.t.Fatal(err)
	}
}

// walk goes round the page with Tab, from where the focus is to there again.
func (s *site) walk(name string) (stops int) {
	s.t.Helper()
	stops = eval[int](s, watchKeys)
	s.tabs(stops + 1)
	for range 3 { // a date has a stop for the day, the month, the year and the calendar
		if eval[bool](s, `keysDone()`) {
			break
		}
		s.tabs(8)
	}
	if wrong := eval[[]string](s, `keysWrong()`); len(wrong) > 0 {
		s.t.Errorf("%s:\n%s", name, strings.Join(wrong, "\n"))
	}
	return stops
}

// TestTabReachesEverything walks every story, in turn on a phone, where the bar
// lies over the page, and on a wide screen.
func TestTabReachesEverything(t *testing.T) {
	var stops atomic.Int64
	newSite(t).each((*site).focused, func(s *site, i int, st story) {
		width := []int64{390, 1280}[i%2]
		s.open(st.name, width)
		stops.Add(int64(s.walk(fmt.Sprintf("%s at %d", st.name, width))))
	})
	t.Logf("%d stops on %d pages", stops.Load(), len(stories()))
}

// TestTheWalkSeesFaults plants faults, so that a walk without any means something.
func TestTheWalkSeesFaults(t *testing.T) {
	s := newSite(t)
	s.focused()
	for fault, want := range map[string]string{
		`document.querySelector('main .name a').tabIndex = -1`:                                                            "is not reached",
		`document.querySelector('main .name a').tabIndex = 2`:                                                             "in the order of reading it is",
		`document.querySelector('main h2, main .name').tabIndex = 0`:                                                      "",
		`document.querySelector('main .name a').style.outline = 'none'`:                                                   "shows focus as",
		`document.querySelector('.skip').remove()`:                                                                        "the first stop is",
		`document.documentElement.style.scrollPadding = 0`:                                                                "is under the bottom bar with focus",
		`document.querySelector('main .name a').addEventListener('focus', e => document.querySelector('.brand').focus())`: "Metoprolol\" is not reached",
		`document.querySelector('main .rows').style.cssText = 'display: flex; flex-direction: column-reverse'`:            "stands above",
	} {
		s.open("medicines", 390)
		eval[chromedp.Void](s, fault)
		s.tabs(eval[int](s, watchKeys) + 2)
		wrong := eval[[]string](s, `keysWrong()`)
		if found := strings.Join(wrong, "\n"); !strings.Contains(found, want) || want == "" && found != "" {
			t.Errorf("after %s the walk says:\n%s", fault, found)
		}
	}
}
