//go:build e2e

package share

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// reader is a headless browser of somebody who got a link or a file. Every name
// but that of this machine leads nowhere.
type reader struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	asked      []string // addresses, without what is behind "#"
	bodies     []string // of requests
	complaints []string
}

func newReader(t *testing.T, lang string) *reader {
	t.Helper()
	dir, err := os.MkdirTemp("", "bundel-e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("lang", lang), chromedp.Flag("accept-lang", lang),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	b := &reader{t: t}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	return b
}

func (b *reader) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		raw, _ := json.Marshal(e.Request)
		b.asked = append(b.asked, e.Request.URL)
		b.bodies = append(b.bodies, string(raw))
	case *log.EventEntryAdded:
		if !strings.Contains(e.Entry.Text, "responded with a status of") {
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	}
}

func (b *reader) waitFor(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`!!(`+condition+`)`)); err != nil {
		b.t.Fatalf("waiting for %s: %v\nthe page: %s", condition, err, b.text())
	}
}

func (b *reader) text() string { return eval[string](b, `document.body.innerText`) }

func eval[T any](b *reader, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// shoot keeps pictures in $BUNDEL_SHOTS, when that is set: on a phone and a wide
// screen, light and dark.
func (b *reader) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("BUNDEL_SHOTS")
	if dir == "" {
		return
	}
	for _, scheme := range []string{"dark", "light"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
			b.t.Fatal(err)
		}
		for _, width := range []int64{1280, 390} {
			if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)); err != nil {
				b.t.Fatal(err)
			}
			png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				b.t.Fatal(err)
			}
			if err := os.WriteFile(fmt.Sprintf("%s/%s-%s-%d.png", dir, name, scheme, width), png, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}
