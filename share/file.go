package share

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/bundel-pgo/bundel/fhir"
)

// FileIterations is the count of PBKDF2-SHA-256 for a locked file: about half
// a second in a browser of today. With the 80 bits of a code it leaves some 2^100
// steps to who must guess, so the file holds also where it is kept for decades.
const FileIterations = 1_000_000

// fileCodeLength is how many characters of 5 bits a code has.
const fileCodeLength = 16

// ErrFileCode is returned for a code that [NewFileCode] does not make. What people
// choose themselves is too weak for a file that anybody may try for ever.
var ErrFileCode = errors.New("share: not a code for a file")

// NewFileCode makes a code for one file: 16 letters and digits in groups of four,
// 80 bits from the system's random source. It is told to the reader apart from
// the file, and kept nowhere.
func NewFileCode() string { return grouped(drawCode(fileCodeLength)) }

func grouped(code string) string {
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
}

// tidyCode reads a code as people type it.
func tidyCode(typed string) (string, error) {
	code, ok := readCode(typed, fileCodeLength)
	if !ok {
		return "", ErrFileCode
	}
	return grouped(code), nil
}

// Lock makes files that only open with a code. The zero values of Iterations and
// Work are the strong ones; less is for tests.
type Lock struct {
	Code       string // of NewCode
	Lang       string // of the page around the summary, "nl" (default) or "en"
	Iterations int    // of PBKDF2
	Work       int    // of scrypt in an age file, as a power of two
}

var (
	//go:embed file/page.html
	filePage string
	//go:embed file/page.js
	fileScript string
	//go:embed viewer/sheet.js
	sheetScript string
	//go:embed viewer/sheet.css
	sheetStyle string
)

// sealed is what the page holds. The first three are bound to the data: with
// others it does not open.
type sealed struct {
	Version    int    `json:"v"`
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	IV         []byte `json:"iv"`
	Data       []byte `json:"data"`
}

// about is authenticated beside the data.
func (s sealed) about() []byte { return fmt.Appendf(nil, "bundel-file/%d/%d", s.Version, s.Iterations) }

// HTML puts a summary (IPS) into one page that opens in any browser, without
// a network, and shows it after the code was typed. The summary in it is sealed
// with AES-256-GCM under a key of PBKDF2-SHA-256; nothing outside it says whose
// it is. The page may load and send nothing. It cannot be called back once
// given, and says so.
func (l Lock) HTML(summary []byte) ([]byte, error) {
	s, err := l.seal(summary)
	if err != nil {
		return nil, err
	}
	page, err := template.New("page").Parse(filePage)
	if err != nil {
		return nil, fmt.Errorf("write a locked file: %w", err)
	}
	words := fileWords[fhir.Dutch]
	if l.Lang == fhir.English {
		words = fileWords[fhir.English]
	}
	// The page is one file: what the viewer imports stands before its script.
	script := strings.ReplaceAll(sheetScript, "\nexport ", "\n") + fileScript
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{
		"W": words, "Sealed": s, "Policy": "default-src 'none'; script-src '" + integrity(script) + "'; style-src '" + integrity(sheetStyle) + "'; base-uri 'none'; form-action 'none'",
		"Script": template.JS(script), "Style": template.CSS(sheetStyle),
	})
	if err != nil {
		return nil, fmt.Errorf("write a locked file: %w", err)
	}
	return out.Bytes(), nil
}

// integrity is how a policy names the one script or style that it permits.
func integrity(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// seal draws a new salt and nonce for every file, so that no two are alike.
func (l Lock) seal(plain []byte) (sealed, error) {
	code, err := tidyCode(l.Code)
	if err != nil {
		return sealed{}, err
	}
	s := sealed{Version: 1, Iterations: cmp.Or(l.Iterations, FileIterations), Salt: make([]byte, 16), IV: make([]byte, 12)}
	_, _ = rand.Read(s.Salt) // never fails
	_, _ = rand.Read(s.IV)
	aead, err := s.cipher(code)
	if err != nil {
		return sealed{}, err
	}
	s.Data = aead.Seal(nil, s.IV, plain, s.about())
	return s, nil
}

// cipher derives the key. It costs what Iterations says, here and in a browser.
func (s sealed) cipher(code string) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, code, s.Salt, s.Iterations, 32)
	if err != nil {
		return nil, fmt.Errorf("lock a file: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("lock a file: %w", err)
	}
	return cipher.NewGCM(block)
}

// Age writes a summary as an age file (age-encryption.org/v1) that opens with
// the code, for those who have tools: age -d.
func (l Lock) Age(w io.Writer, summary []byte) error {
	code, err := tidyCode(l.Code)
	if err != nil {
		return err
	}
	to, err := age.NewScryptRecipient(code)
	if err != nil {
		return fmt.Errorf("lock a file: %w", err)
	}
	if l.Work > 0 {
		to.SetWorkFactor(l.Work)
	}
	out, err := age.Encrypt(w, to)
	if err != nil {
		return fmt.Errorf("lock a file: %w", err)
	}
	if _, err := out.Write(summary); err != nil {
		return fmt.Errorf("lock a file: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("lock a file: %w", err)
	}
	return nil
}

// fileWords are the words of the page around the summary; those of its sections
// are in the summary, and those above them in viewer/sheet.js.
var fileWords = map[string]map[string]string{
	fhir.Dutch: {
		"lang": "nl", "title": "Gesloten samenvatting", "answer": "Dit bestand opent met een code.", "intro": "Er zit een samenvatting van iemands gezondheid in. De code kreeg u apart.",
		"label": "Code", "hint": "16 letters en cijfers. Hoofdletters en streepjes maken niet uit.", "open": "Openen",
		"short": "De code heeft 16 letters en cijfers. Kijk of u alles hebt overgenomen.", "wrong": "Deze code past niet. Controleer de code en probeer het opnieuw.",
		"busy": "Bezig met openen…", "old": "Deze browser kan dit bestand niet openen. Probeer het met een nieuwere browser.",
		"recall":  "Dit bestand kan niet worden teruggehaald. Wie het bestand en de code heeft, kan het blijven openen. Bewaar ze niet bij elkaar en wis het bestand als u het niet meer nodig hebt.",
		"offline": "Alles gebeurt op dit apparaat. Het bestand haalt niets op en verstuurt niets.", "script": "Zet JavaScript aan om dit bestand te openen.",
		"shared": "Dit is met u gedeeld.",
	},
	fhir.English: {
		"lang": "en", "title": "Locked summary", "answer": "This file opens with a code.", "intro": "It holds a summary of somebody's health. You were given the code apart.",
		"label": "Code", "hint": "16 letters and digits. Capitals and dashes do not matter.", "open": "Open",
		"short": "The code has 16 letters and digits. See whether you copied all of it.", "wrong": "This code does not fit. Check the code and try again.",
		"busy": "Opening…", "old": "This browser cannot open this file. Try a newer browser.",
		"recall":  "This file cannot be called back. Whoever has the file and the code can go on opening it. Do not keep them together, and erase the file when you no longer need it.",
		"offline": "All of it happens on this device. The file fetches nothing and sends nothing.", "script": "Turn on JavaScript to open this file.",
		"shared": "This is shared with you.",
	},
}
