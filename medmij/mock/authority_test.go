package mock

import (
	"errors"
	"testing"
	"time"
)

func TestAnAuthorityEndsAfterThirtyDays(t *testing.T) {
	now := time.Now()
	a, err := newAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := a.keyPEM()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAuthority(a.pem, key, now.Add(29*24*time.Hour)); err != nil {
		t.Errorf("after 29 days: %v", err)
	}
	if _, err := readAuthority(a.pem, key, now.Add(31*24*time.Hour)); !errors.Is(err, errAuthority) {
		t.Errorf("after 31 days: %v", err)
	}
}
