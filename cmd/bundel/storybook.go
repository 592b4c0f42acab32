package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/bundel-pgo/bundel/web"
)

// runStorybook serves every page in every state with an example person until
// ctx ends. It opens no vault.
func (a *app) runStorybook(ctx context.Context, o serveOptions) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port)))
	if err != nil {
		return usage(a.t("deze poort is al in gebruik", "this port is in use"), "--port 0")
	}
	s := &http.Server{Handler: web.Storybook(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	address := fmt.Sprint("http://", ln.Addr(), "/")
	fmt.Fprintln(a.Stdout, address)
	if !o.noBrowser && a.Browse(address) != nil {
		a.say("%s", a.t("De browser ging niet vanzelf open.", "The browser did not open by itself."))
	}
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the storybook: %w", err)
	}
	return nil
}
