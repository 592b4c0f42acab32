package wrap

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/bundel-pgo/bundel/store/internal/fault"
)

func seal(t testing.TB, text string, work int) []byte {
	t.Helper()
	seals, err := ForPassphrase([]byte("nine quiet bicycles"), work)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := Seal(&out, seals)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(b io.Reader, secret string) ([]byte, error) {
	var keys Keys
	keys.Passphrase([]byte(secret))
	r, err := Open(b, keys)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestSealAndOpen(t *testing.T) {
	sealed := seal(t, "what is in it", 4)
	if !IsSealed(sealed) || IsSealed(sealed[1:]) || IsSealed(nil) {
		t.Error("it is not known by its beginning")
	}
	if got, err := open(iotest.OneByteReader(bytes.NewReader(sealed)), "nine quiet bicycles"); err != nil || string(got) != "what is in it" {
		t.Errorf("%q %v", got, err)
	}
	for name, c := range map[string]struct {
		from   io.Reader
		secret string
		want   error
	}{
		"another passphrase":      {bytes.NewReader(sealed), "ten quiet bicycles", fault.ErrWrongKey},
		"none":                    {bytes.NewReader(sealed), "", fault.ErrWrongKey},
		"cut":                     {bytes.NewReader(sealed[:len(sealed)-1]), "nine quiet bicycles", fault.ErrDamaged},
		"longer":                  {io.MultiReader(bytes.NewReader(sealed), bytes.NewReader([]byte{0})), "nine quiet bicycles", fault.ErrDamaged},
		"a disk that fails":       {io.MultiReader(bytes.NewReader(sealed[:40]), iotest.ErrReader(io.ErrClosedPipe)), "nine quiet bicycles", io.ErrClosedPipe},
		"a disk that fails later": {io.MultiReader(bytes.NewReader(sealed[:len(sealed)-9]), iotest.ErrReader(io.ErrClosedPipe)), "nine quiet bicycles", io.ErrClosedPipe},
		"work without end":        {bytes.NewReader(bytes.Replace(sealed, []byte(" 4\n"), []byte(" 28\n"), 1)), "nine quiet bicycles", fault.ErrDamaged},
	} {
		if got, err := open(c.from, c.secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %q %v, want %v", name, got, err, c.want)
		}
	}
	var keys Keys
	if err := keys.Private([]string{"AGE-SECRET-KEY-1NOTHING"}); !errors.Is(err, fault.ErrWrongKey) {
		t.Error(err)
	}
	if _, err := ForPassphrase(nil, 4); !errors.Is(err, fault.ErrWrongKey) {
		t.Error(err)
	}
	if _, err := ForKeys([]string{"# a remark"}); !errors.Is(err, ErrRecipient) {
		t.Error(err)
	}
}

// FuzzOpen: whatever is given, there is an error of a known sort or the text.
func FuzzOpen(f *testing.F) {
	f.Add(seal(f, "what is in it", 2))
	f.Add([]byte(Intro))
	f.Add([]byte("some text"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Count(b, []byte("scrypt")) > 0 && bytes.Contains(b, []byte(" 1")) {
			return // costs up to a gigabyte, as it may
		}
		got, err := open(bytes.NewReader(b), "nine quiet bicycles")
		if err != nil && !errors.Is(err, fault.ErrWrongKey) && !errors.Is(err, fault.ErrDamaged) {
			t.Errorf("%q %v", got, err)
		}
	})
}
