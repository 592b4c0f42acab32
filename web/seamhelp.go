package web

import (
	"context"
	"time"
)

// Witness tells what was done with the vault and where it is. What it gives is
// for the person's own page: a path, providers and moments, never for a log.
type Witness interface {
	// Events are what was done since a moment, newest first. What stands in
	// them names no item, so what is closed stays closed.
	Events(ctx context.Context, since time.Time) ([]Event, error)

	// Place tells where the vault is and whom this program asked for anything.
	Place(ctx context.Context) (Place, error)
}

// EventKind is what sort of thing was done; the person can look at one kind alone.
type EventKind string

// The kinds of events.
const (
	EventOpen    EventKind = "open"    // opening, closing, wrong tries
	EventLogin   EventKind = "login"   // logins and consents at providers
	EventCollect EventKind = "collect" // asking for data, reading files
	EventShare   EventKind = "share"   // who may see what
	EventSend    EventKind = "send"    // what went to a provider
	EventSee     EventKind = "see"     // when results may be seen
	EventDecide  EventKind = "decide"  // what belongs together
	EventBackup  EventKind = "backup"
)

// EventKinds are all kinds, in the order in which they are shown.
func EventKinds() []EventKind {
	return []EventKind{EventOpen, EventLogin, EventCollect, EventShare, EventSend, EventSee, EventDecide, EventBackup}
}

// Event is something that was done, or several alike within a few minutes.
type Event struct {
	At      time.Time // of the first
	Kind    EventKind
	What    string // a code; the words are those of "log.KIND.WHAT"
	Program bool   // this program did it by itself, not the person
	Source  string // the provider it was about; may be empty
	Subject string // what a choice was about, as in aggregator.Item; may be empty
	Count   int    // how many, at least 1
	Failed  int    // how many of them went wrong
	Code    string // why the last of those did ("P-503"); may be empty
}

// Place is where the vault is and with whom this program spoke.
type Place struct {
	Path   string
	Size   int64     // bytes
	Backup time.Time // the last one this program knows of; zero when there is none
	Hosts  []Host
}

// Host is another computer on the internet.
type Host struct {
	Name    string
	Role    HostRole
	Sources []string  // providers behind it; may be empty
	Last    time.Time // the last time it was asked for something; zero when that is not kept
}

// HostRole is what this program wants of a host.
type HostRole string

// The roles of a host.
const (
	HostProvider HostRole = "provider" // gives and takes data, after a login
	HostBrowser  HostRole = "browser"  // the person's browser went there to log in
	HostLists    HostRole = "lists"    // the public lists of providers
	HostGateway  HostRole = "gateway"  // goes to the providers for this program
	HostRelay    HostRole = "relay"    // keeps the links of the person, encrypted
)
