package share

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func keyFor(name byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(name), ed25519.SeedSize)))
}

func aReceipt() Receipt {
	return Receipt{
		Time: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Recipient: gp, Kind: KindDocuments, Service: "57", Digest: digestOf([]byte("bericht")),
		Entries: []EntryOutcome{{"Patient", Sent}, {"Binary", Unknown}},
	}
}

func TestAReceiptHolds(t *testing.T) {
	key := keyFor('a')
	text, err := aReceipt().Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifyReceipt(text, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(aReceipt(), got); diff != "" {
		t.Error(diff)
	}
	if !got.Fits([]byte("bericht")) || got.Fits([]byte("Bericht")) {
		t.Error("it is about other bytes")
	}
}

// TestTheKeyIsNamedAsInTheRFC: the key of RFC 8037 A.1 has the thumbprint of A.3.
func TestTheKeyIsNamedAsInTheRFC(t *testing.T) {
	seed, err := b64.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if got := receiptHeader(public); !strings.Contains(got, `"kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"`) || !strings.Contains(got, `"alg":"EdDSA"`) {
		t.Errorf("header %s", got)
	}
}

func TestAReceiptThatWasTouchedDoesNotHold(t *testing.T) {
	key := keyFor('a')
	public := key.Public().(ed25519.PublicKey)
	text, err := aReceipt().Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(text, ".")
	other := aReceipt()
	other.Entries[1].Result = Sent
	forged, err := other.Sign(keyFor('b'))
	if err != nil {
		t.Fatal(err)
	}
	none := b64.EncodeToString([]byte(`{"alg":"none"}`))
	for name, changed := range map[string]string{
		"another key":       forged,
		"another content":   parts[0] + "." + strings.Split(forged, ".")[1] + "." + parts[2],
		"another algorithm": none + "." + parts[1] + "." + parts[2],
		"no signature":      parts[0] + "." + parts[1] + ".",
		"two parts":         parts[0] + "." + parts[1],
		"a part more":       text + ".x",
		"nothing":           "",
	} {
		if _, err := VerifyReceipt(changed, public); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range text {
		letter := byte('A')
		if text[i] == letter {
			letter = 'B'
		}
		if _, err := VerifyReceipt(text[:i]+string(letter)+text[i+1:], public); err == nil {
			t.Fatalf("it holds with letter %d changed", i)
		}
	}
	if _, err := VerifyReceipt(text, nil); !errors.Is(err, ErrReceipt) {
		t.Error("it holds without a key")
	}
}
