package medmij

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// keeper holds the last good list of one kind.
type keeper struct {
	name     string // in the log and the cache
	at       string // a file or an address
	limit    int64
	optional bool // may be absent
	parse    func(raw []byte) (goodList, error)

	have    bool
	number  uint64 // zero when the kind has none
	sum     [sha256.Size]byte
	checked time.Time // when it was last seen to be good
	etag    etag
}

// goodList is a list that is good.
type goodList struct {
	number    uint64
	tolerated tolerated
	keep      func()
}

// keeperOf is for a list that, when it is good, goes into the variable.
func keeperOf[T interface{ stamp() Stamp }](name, at string, limit int64, into *T, read func(io.Reader) (T, tolerated, error)) *keeper {
	return &keeper{name: name, at: at, limit: limit, parse: func(raw []byte) (goodList, error) {
		list, t, err := read(bytes.NewReader(raw))
		if err != nil {
			return goodList{}, err
		}
		return goodList{list.stamp().Number, t, func() { *into = list }}, nil
	}}
}

// allKeepers begins with the one of the Whitelist.
func (l *Lists) allKeepers() []*keeper {
	dev, lenient := l.cfg.Dev, l.cfg.Lenient
	all := []*keeper{
		keeperOf(FileWhitelist, l.at(FileWhitelist), maxListBytes, &l.whitelist, reading[Whitelist](whitelistRule(dev), lenient)),
		keeperOf(FileZAL, l.at(FileZAL), maxZALBytes, &l.zal, readingZAL(dev, lenient)),
		keeperOf(FileOCL, l.at(FileOCL), maxListBytes, &l.ocl, reading[OCL](oclRule(dev), lenient)),
		keeperOf(FileGNL, l.at(FileGNL), maxListBytes, &l.gnl, reading[GNL](gnlRule(), lenient)),
	}
	if l.cfg.ZAKL != "" || l.cfg.Dir != "" {
		k := keeperOf(FileZAKL, l.at(cmp.Or(l.cfg.ZAKL, FileZAKL)), maxZALBytes, &l.zakl, reading[ZAKL](zaklRule(), lenient))
		k.optional = true
		all = append(all, k)
	}
	if l.cfg.AddressBook != "" || l.cfg.Dir != "" {
		all = append(all, &keeper{
			name: FileAddressBook, at: cmp.Or(l.cfg.AddressBook, filepath.Join(l.cfg.Dir, FileAddressBook)),
			limit: maxZALBytes, optional: l.cfg.AddressBook == "",
			parse: func(raw []byte) (goodList, error) {
				book, err := ReadAddressBook(bytes.NewReader(raw))
				return goodList{keep: func() { l.book = book }}, err
			},
		})
	}
	return all
}

// take reads one list and keeps it when it is good and not older.
func (l *Lists) take(ctx context.Context, k *keeper) (changed bool, err error) {
	raw, tag, err := l.fetch(ctx, k)
	if k.optional && isAbsent(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := l.cfg.Now()
	sum := sha256.Sum256(raw)
	// The same bytes were checked before; a real list takes a second or so.
	if unchanged := raw == nil || k.have && sum == k.sum; !unchanged {
		if err := l.accept(k, raw, sum); err != nil {
			return false, err
		}
		l.keepCached(k, raw)
		changed = true
	}
	k.checked = now
	if raw != nil {
		k.etag = tag
	}
	return changed, nil
}

// accept checks a list and puts it in the place of the one at hand.
func (l *Lists) accept(k *keeper, raw []byte, sum [sha256.Size]byte) error {
	log := l.cfg.Log
	p, err := k.parse(raw)
	if err != nil {
		return err
	}
	// An old list could bring back a host that was taken off.
	if k.have && p.number < k.number {
		log.Warn("list_rollback_rejected", "list", k.name, "number", p.number, "have", k.number)
		return fmt.Errorf("list %s: number %d is older than %d", k.name, p.number, k.number)
	}
	if k.have && p.number == k.number && p.number > 0 {
		log.Warn("list changed without a new number", "list", k.name, "number", p.number)
	}
	if t := p.tolerated; t != (tolerated{}) {
		log.Warn("list is not as its schema asks", "list", k.name, "number", p.number,
			"skipped", t.unknown, "addresses", t.addresses, "dropped", t.dropped)
	}
	p.keep()
	k.have, k.number, k.sum, k.etag = true, p.number, sum, etag{}
	return nil
}
