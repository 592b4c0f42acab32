package medmij

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// refusedPrefixes returns what no provider lives at: this machine, its
// network, and ranges that lead there by translation. netip calls some of
// them global unicast, hence a list (security-store.md C5).
func refusedPrefixes() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range [...]string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/128", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48",
		"2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// publicAddress refuses an address that is not on the public internet.
func publicAddress(refused []netip.Prefix, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: not a network address", ErrAddress)
	}
	ip := at.Addr().Unmap().WithZone("")
	for _, p := range refused {
		if p.Contains(ip) {
			return fmt.Errorf("%w: not a public address", ErrAddress)
		}
	}
	return nil
}

// guardedDial looks at the address after the name was resolved, so a name that
// resolves to this machine the second time does not get through.
// With dev a loopback name is dialled at 127.0.0.1, at the port that ports has
// for the address or at its own.
func guardedDial(timeout time.Duration, dev bool, ports map[string]string) func(context.Context, string, string) (net.Conn, error) {
	refused := refusedPrefixes()
	guarded := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		return publicAddress(refused, address)
	}}
	local := &net.Dialer{Timeout: timeout}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err == nil && dev && isLoopbackName(host) {
			return local.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", cmp.Or(ports[address], port)))
		}
		return guarded.DialContext(ctx, network, address)
	}
}
