package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/bundel-pgo/bundel/share"
)

type relayOptions struct{ listen, data, publicURL string }

func (a *app) relayCommand() *cobra.Command {
	var o relayOptions
	c := &cobra.Command{
		Use: "relay", Args: a.noArgs,
		Short: a.t("Bewaar versleutelde bestanden voor wie een link heeft (een server)", "Keep encrypted files for who has a link (a server)"),
		Long: a.t(`Start een relay: een server die versleutelde bestanden bewaart voor wie een gezondheidslink
(SMART Health Link) of eenmalige code heeft. De relay ziet geen sleutel, naam of geboortedatum,
en schrijft geen logboek. De pagina waarmee de ander leest, staat op /v/.

De relay spreekt gewoon HTTP. Zet er een webserver voor die TLS doet, X-Forwarded-For toevoegt
en geen adressen bewaart: in een adres staat wat een link vindt.`,
			`Start a relay: a server that keeps encrypted files for who has a health link (SMART Health
Link) or a one-time code. The relay sees no key, name or date of birth, and writes no log. The
page with which the other reads is at /v/.

The relay speaks plain HTTP. Put a web server before it that does TLS, adds X-Forwarded-For and
keeps no addresses: what finds a link is in the address.`),
		RunE: func(c *cobra.Command, _ []string) error { return a.runRelay(c.Context(), o) },
	}
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8480", a.t("adres waarop de relay luistert", "address the relay listens on"))
	c.Flags().StringVar(&o.data, "data", "", a.t("map voor wat de relay bewaart", "folder for what the relay keeps"))
	c.Flags().StringVar(&o.publicURL, "public-url", "", a.t("adres waarop de wereld de relay bereikt", "address where the world reaches the relay"))
	return c
}

func (a *app) runRelay(ctx context.Context, o relayOptions) error {
	if o.data == "" {
		return usage(a.t("waar bewaart de relay zijn bestanden?", "where does the relay keep its files?"), "--data DIR")
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return usage(a.t("deze map kan niet worden gemaakt", "this folder cannot be made"), "--data DIR")
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return usage(a.t("op dit adres kan de relay niet luisteren", "the relay cannot listen on this address"), "--listen 127.0.0.1:0")
	}
	if o.publicURL == "" { // for trying it out on this machine
		o.publicURL = "http://" + ln.Addr().String()
	}
	r, err := share.OpenRelay(share.RelayConfig{Data: o.data, PublicURL: o.publicURL, Now: a.Now})
	if err != nil {
		return errors.Join(a.relayProblem(err), ln.Close())
	}
	fmt.Fprintln(a.Stdout, r.PublicURL)
	return errors.Join(a.serveRelay(ctx, r, ln), r.Close())
}

func (a *app) relayProblem(err error) error {
	if errors.Is(err, share.ErrPublicURL) {
		return usage(a.t("het openbare adres begint met https:// en heeft hoogstens 76 tekens", "the public address starts with https:// and has at most 76 characters"), "--public-url https://relay.example.nl")
	}
	return &problem{
		exit: 1, code: "relay-data", err: err, message: a.t("de bestanden van de relay zijn niet te openen", "the files of the relay cannot be opened"),
		hint: a.t("gebruikt een andere relay deze map?", "does another relay use this folder?"),
	}
}

// serveRelay answers until ctx ends, and lets requests under way finish. What
// net/http says of a broken connection is not kept: it can name an address.
func (a *app) serveRelay(ctx context.Context, r *share.Relay, ln net.Listener) error {
	srv := &http.Server{
		Handler: r.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	swept := make(chan error, 1)
	go func() {
		defer cancel()
		swept <- r.Run(ctx)
	}()
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(last)
	})
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		cancel()
		return errors.Join(err, <-swept)
	}
	return errors.Join(<-stopped, <-swept)
}
