package main

import (
	"context"
	"sync"

	"github.com/bundel-pgo/bundel/web"
)

// beside is the demonstration beside the pages of a person: on a port of its
// own, with a vault of its own in a folder that is removed. It begins when the
// person asks for it, once, and ends with ctx.
type beside struct {
	app *app
	ctx context.Context

	mu    sync.Mutex
	begun *web.Example
	ended chan struct{} // closed when its folder is gone; nil before it began
}

// newBeside makes one that knows nothing of the person's settings.
func (a *app) newBeside(ctx context.Context) *beside {
	main := *a.Main
	main.Getenv = func(string) string { return "" }
	return &beside{app: &app{Main: &main, ctx: ctx, quiet: a.quiet}, ctx: ctx}
}

// begin is what the pages of the person ask for.
func (b *beside) begin(_ context.Context, lang string) (web.Example, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begun != nil {
		return *b.begun, nil
	}
	b.app.lang = lang
	run, err := b.app.newDemonstration(b.ctx, "")
	if err != nil {
		return web.Example{}, err
	}
	ready, failed := make(chan string, 1), make(chan error, 1)
	b.ended = make(chan struct{})
	go func() {
		defer close(b.ended)
		defer run.close()
		failed <- b.app.pages(b.ctx, run.desk, serveOptions{lang: lang}, func(s *web.Server) error { ready <- s.Address(); return nil })
	}()
	select {
	case address := <-ready:
		b.begun = &web.Example{Address: address, Passphrase: demoPassphrase}
		return *b.begun, nil
	case err := <-failed: // the next one who asks tries again
		return web.Example{}, err
	}
}

// wait waits until nothing is left of it. ctx has ended.
func (b *beside) wait() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended != nil {
		<-b.ended
	}
}
