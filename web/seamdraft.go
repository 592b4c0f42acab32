package web

import "context"

// Drafter keeps the key to what somebody was still typing when the vault closed.
type Drafter interface {
	// DraftKey is a private key of DHKEM(X25519). It is made when it is first
	// asked for, kept in the vault and nowhere else, so ErrLocked while that is
	// closed. The caller wipes it.
	DraftKey(ctx context.Context) ([]byte, error)
}
