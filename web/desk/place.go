package desk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bundel-pgo/bundel/store"
	"github.com/bundel-pgo/bundel/web"
)

// place tells where the vault is, when it was last backed up, and whom this
// program asked for anything: the requests in the log, and the lists or the
// gateway of the configuration, which no log keeps.
func (d *Desk) place(ctx context.Context) (web.Place, error) {
	var out web.Place
	path, err := filepath.Abs(d.cfg.Path)
	if err != nil {
		return out, fmt.Errorf("find the vault: no folder to start from")
	}
	info, err := os.Stat(path)
	if err != nil {
		return out, fmt.Errorf("find the vault: %w", pathless(err))
	}
	out.Path, out.Size = path, info.Size()
	told, spoken := newTelling(time.Time{}), hosts{}
	if m := d.cfg.MedMij; m != nil && m.Gateway != nil {
		spoken.add(hostIn(m.Gateway.URL), web.HostGateway)
		spoken.add(hostIn(m.Gateway.SearchURL), web.HostGateway)
	} else if m != nil {
		spoken.add(hostIn(m.Lists.URL), web.HostLists)
		spoken.add(hostIn(m.Lists.AddressBook), web.HostLists)
	}
	spoken.add(hostIn(d.cfg.Relay), web.HostRelay)
	err = d.eachLine(ctx, func(entry store.LogEntry) {
		told.take(entry)
		spoken.take(entry)
	})
	out.Backup, out.Hosts = lastBackup(told.told()), spoken.sorted()
	return out, err
}

// pathless takes the path out of an error of the file system.
func pathless(err error) error {
	if bad, ok := err.(*os.PathError); ok { //nolint:errorlint // as os.Stat gives it
		return bad.Err
	}
	return err
}
