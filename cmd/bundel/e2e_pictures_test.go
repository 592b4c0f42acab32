//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// mostPictures is how many bytes all pictures together may take.
const mostPictures = 3_000_000

// TestPicturesOfThePages writes a picture of every main page of the
// demonstration, once its person collected at three providers, into
// $BUNDEL_PICTURES. `make screenshots` renews docs/screenshots with it.
func TestPicturesOfThePages(t *testing.T) {
	dir := os.Getenv("BUNDEL_PICTURES")
	if dir == "" {
		t.Skip("BUNDEL_PICTURES names no folder: `make screenshots` runs this")
	}
	v := newVisitor(t)
	v.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(startDemo(t)))
	v.wait(`document.querySelector('nav a[href="/z"]')`)
	v.connect("huisarts linde", "gp")
	v.connect("apotheek zon", "pharmacy")
	v.connect("noordzee", "hospital")
	total := 0
	for _, p := range []struct{ name, path, first string }{
		{"overview", "/", ""},
		{"medicines", "/m", ""},
		{"difference", "/m", `main a[href^="/v/"]`},
		{"allergies", "/a", ""},
		{"results", "/u", ""},
		{"result", "/u", `main .name a[href^="/u/"]`},
		{"choose", "/u", `main a[href^="/k/"]`},
		{"letters", "/b", ""},
		{"changes", "/w", ""},
		{"add", "/e/1", ""},
		{"share", "/d", ""},
		{"print", "/p", ""},
		{"providers", "/z", ""},
		{"settings", "/instellingen", ""},
	} {
		v.visit(p.path, p.first)
		total += v.picture(dir, p.name, 1280, "light") + v.picture(dir, p.name+"-phone", 390, "light") + v.picture(dir, p.name+"-dark", 1280, "dark")
	}
	v.do(chromedp.EmulateViewport(1280, 900))
	v.press(`form[action="/lock"] button`)
	v.wait(`location.pathname === '/unlock' && document.readyState === 'complete'`)
	total += v.picture(dir, "unlock", 1280, "light") + v.picture(dir, "unlock-phone", 390, "light") + v.picture(dir, "unlock-dark", 1280, "dark")
	if t.Logf("the pictures take %d bytes", total); total > mostPictures {
		t.Errorf("that is more than %d", mostPictures)
	}
}

// visit opens a page, and from there the first link that the selector finds.
func (v *visitor) visit(path, first string) {
	v.t.Helper()
	v.do(chromedp.EmulateViewport(1280, 900), chromedp.Evaluate[chromedp.Void](`location.assign('`+path+`')`))
	v.wait(`location.pathname === '` + path + `' && document.readyState === 'complete'`)
	if first == "" {
		return
	}
	v.press(first)
	v.wait(`location.pathname !== '` + path + `' && document.readyState === 'complete' && document.querySelector('main h1')`)
}

// picture writes the top of the page, at most two screens, and gives the size in bytes.
func (v *visitor) picture(dir, name string, width int64, scheme string) int {
	v.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, media); err != nil {
		v.t.Fatal(err)
	}
	v.do(chromedp.EmulateViewport(width, 900))
	height, err := chromedp.Run(v.ctx, chromedp.Evaluate[int64](`Math.min(document.documentElement.scrollHeight, 1800)`))
	if err != nil {
		v.t.Fatal(err)
	}
	v.do(chromedp.EmulateViewport(width, height), chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`))
	shot, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		v.t.Fatal(err)
	}
	small, err := fewColours(shot)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), small, 0o600); err != nil {
		v.t.Fatal(err)
	}
	return len(small)
}

// fewColours gives a PNG with the 64 colours that it uses most; every other
// becomes the nearest of these.
func fewColours(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	box, used := full.Bounds(), map[color.RGBA]int{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			used[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(used), func(a, b color.RGBA) int {
		return cmp.Or(used[b]-used[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range most[:min(64, len(most))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for c := range used {
		nearest[c] = uint8(palette.Index(c))
	}
	few := image.NewPaletted(box, palette)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			few.SetColorIndex(x, y, nearest[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)])
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few)
	return out.Bytes(), err
}
