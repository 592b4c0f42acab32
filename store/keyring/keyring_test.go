package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	ring "github.com/zalando/go-keyring"
)

// memory puts a keyring in memory in the place of the system's.
func memory(t *testing.T) System {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // as on a desktop
	ring.MockInit()
	return System{}
}

func TestSetGetDelete(t *testing.T) {
	s, ctx := memory(t), t.Context()
	if _, err := s.Get(ctx, "one"); !errors.Is(err, ErrNone) {
		t.Errorf("empty: %v", err)
	}
	secrets := map[string][]byte{"one": bytes.Repeat([]byte{0}, 32), "two": []byte("\xff\n-=+/ '\"$"), "large": bytes.Repeat([]byte{7}, MaxSecret)}
	for account, secret := range secrets {
		if err := errors.Join(s.Set(ctx, account, []byte("before")), s.Set(ctx, account, secret)); err != nil {
			t.Fatal(err)
		}
	}
	for account, secret := range secrets {
		if got, err := s.Get(ctx, account); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: %x %v", account, got, err)
		}
	}
	if err := s.Delete(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"deleted":       func() error { _, err := s.Get(ctx, "one"); return err }(),
		"deleted twice": s.Delete(ctx, "one"),
	} {
		if !errors.Is(err, ErrNone) || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Get(ctx, "two"); err != nil {
		t.Errorf("another account: %v", err)
	}
}

func TestSizes(t *testing.T) {
	s := memory(t)
	for _, secret := range [][]byte{nil, {}, make([]byte, MaxSecret+1)} {
		if err := s.Set(t.Context(), "one", secret); !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes: %v", len(secret), err)
		}
	}
}

// What another program put there under our name is none of ours, and can be
// overwritten.
func TestForeignItems(t *testing.T) {
	s, ctx := memory(t), t.Context()
	for _, text := range []string{"", "not base64!", "QQ==", "QR", "a"} {
		if err := ring.Set(Service, "one", text); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(ctx, "one"); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	if err := s.Set(ctx, "one", []byte("ours")); err != nil {
		t.Error(err)
	}
}

// Whatever comes out of the library is one of two errors.
func TestAnswers(t *testing.T) {
	memory(t)
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"done":     {func() error { return nil }, nil},
		"not kept": {func() error { return errLost }, ErrUnavailable},
		"none":     {func() error { return ring.ErrNotFound }, ErrNone},
		"too much": {func() error { return ring.ErrSetDataTooBig }, ErrUnavailable},
		"a panic":  {func() error { panic("nonsense") }, ErrUnavailable},
	} {
		if err := ask(t.Context(), c.do); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No error names a socket, a file or an account: those name a person.
func TestErrorsNameNothing(t *testing.T) {
	const path = "/run/user/1000/jan/bus"
	for name, cause := range map[string]error{
		"no socket":  &net.OpError{Op: "dial", Net: "unix", Addr: &net.UnixAddr{Name: path}, Err: os.NewSyscallError("connect", os.ErrNotExist)},
		"no file":    &os.PathError{Op: "open", Path: path, Err: os.ErrPermission},
		"no program": &exec.Error{Name: path, Err: exec.ErrNotFound},
		"in another": fmt.Errorf("jan: %w", &os.PathError{Op: "open", Path: path, Err: os.ErrPermission}),
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
		ring.MockInitWithError(cause)
		s := System{}
		_, get := s.Get(t.Context(), "account-of-jan")
		for _, err := range []error{get, s.Set(t.Context(), "account-of-jan", []byte("x")), s.Delete(t.Context(), "account-of-jan")} {
			if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "jan") || strings.Contains(err.Error(), "1000") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Who waits for a person that is not there can go away.
func TestAKeyringThatDoesNotAnswer(t *testing.T) {
	memory(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		late, result := make(chan struct{}), make(chan error, 1)
		go func() { result <- ask(ctx, func() error { <-late; return nil }) }()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(late) // and its answer is for nobody
	})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ask(ended, func() error { t.Error("asked"); return nil }); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

// Without a desktop there is no keyring, and nothing is started to have one.
func TestNoSessionBus(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("there always is one here")
	}
	memory(t)
	for _, address := range []string{"", "autolaunch:"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if reachable() == nil {
			t.Skip("somebody is logged in here")
		}
		if err := (System{}).Set(t.Context(), "one", []byte("x")); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%q: %v", address, err)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	if err := reachable(); err != nil {
		t.Errorf("with a bus: %v", err)
	}
}
