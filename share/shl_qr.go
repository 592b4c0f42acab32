package share

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is the square code of a text, with the error correction (M) that the
// standard asks for health links.
type QR struct{ code *qr.Code }

// NewQR makes the code of a text. The error means that the text is too long.
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, fmt.Errorf("make the square code: %w", err)
	}
	return QR{code}, nil
}

// quiet is the white margin that scanners need, in modules at each side.
const quiet = 4

// Size is the number of modules at a side, the margin included: the viewBox of
// Path is "0 0 Size Size".
func (q QR) Size() int { return q.code.Size + 2*quiet }

// Path is the d of an SVG path that draws the black modules, one by one run:
// a page can show it without a picture of its own.
func (q QR) Path() string {
	var d strings.Builder
	for y := range q.code.Size {
		for x := 0; x < q.code.Size; {
			run := 0
			for q.code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			}
			x += run + 1
		}
	}
	return d.String()
}

// PNG is the code as a picture of 8 pixels a module, with its margin.
func (q QR) PNG() []byte { return q.code.PNG() }
