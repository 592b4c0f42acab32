package desk

import (
	"net"
	"slices"
)

// noNetwork tells whether no network interface has an address by which this
// device could reach a provider. It asks nobody. A network that leads nowhere
// counts as one: then the provider is said not to answer, which is also true.
func noNetwork() bool {
	addresses, err := net.InterfaceAddrs()
	return err == nil && !slices.ContainsFunc(addresses, reaches)
}

// reaches tells an address on a network from one of this machine alone.
func reaches(a net.Addr) bool {
	n, ok := a.(*net.IPNet)
	return ok && n.IP.IsGlobalUnicast()
}
