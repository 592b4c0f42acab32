//go:build e2e

package web

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// tab is another page of the same browser.
func (s *site) tab(t *testing.T) *site {
	t.Helper()
	tab := &site{t: t, url: s.url}
	ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithListener(tab.listen))
	t.Cleanup(cancel)
	tab.ctx = ctx
	return tab
}

// each shows every story to do, with its number, in two tabs of one browser;
// each tab takes the next story that nobody has taken. A tab is made ready first.
func (s *site) each(ready func(*site), do func(*site, int, story)) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx); err != nil {
		s.t.Fatal(err)
	}
	var taken atomic.Int64
	list := stories()
	s.t.Run("tabs", func(t *testing.T) {
		for n := range 2 {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				tab := s.tab(t)
				ready(tab)
				for i := int(taken.Add(1)) - 1; i < len(list); i = int(taken.Add(1)) - 1 {
					do(tab, i, list[i])
				}
			})
		}
	})
}
