package keys

import (
	"crypto/rand"
	"os"
)

// arena keeps keys outside the Go heap, where the garbage collector copies
// nothing, on pages that the system is asked not to swap and not to put in a
// core dump (security-store.md 1.7). Where the system refuses a page it gives
// memory of the heap; where it refuses only to lock it, the page is used as it
// is. [arena.exposed] tells of both. Not safe for concurrent use.
type arena struct {
	pages   []page
	free    []*[Size]byte
	exposed bool // some page may reach swap

	// For a test: who gives memory, and what close is about to let go of.
	system func(size int) (mem []byte, locked bool, err error)
	wiped  func(mem []byte)
}

type page struct {
	mem    []byte
	mapped bool
}

// take gives room for one key, all zero. It is valid until close.
func (a *arena) take() *[Size]byte {
	if len(a.free) == 0 {
		a.grow()
	}
	last := len(a.free) - 1
	k := a.free[last]
	a.free = a.free[:last]
	return k
}

func (a *arena) keep(key []byte) *[Size]byte {
	k := a.take()
	copy(k[:], key)
	return k
}

func (a *arena) random() *[Size]byte {
	k := a.take()
	_, _ = rand.Read(k[:]) // never fails: it ends the program instead
	return k
}

func (a *arena) grow() {
	size, system := os.Getpagesize(), a.system
	if system == nil {
		system = mapPage
	}
	mem, locked, err := system(size)
	if err != nil {
		mem = make([]byte, size)
	}
	a.exposed = a.exposed || !locked
	a.pages = append(a.pages, page{mem, err == nil})
	for at := 0; at+Size <= size; at += Size {
		a.free = append(a.free, (*[Size]byte)(mem[at:]))
	}
}

// drop wipes one key and lets its room be used again.
func (a *arena) drop(k *[Size]byte) {
	clear(k[:])
	a.free = append(a.free, k)
}

// close wipes every page before it lets go of it. No key of it may be touched
// any more: that would end the program.
func (a *arena) close() {
	for _, p := range a.pages {
		clear(p.mem)
		if a.wiped != nil {
			a.wiped(p.mem)
		}
		if p.mapped {
			unmapPage(p.mem)
		}
	}
	a.pages, a.free = nil, nil
}
