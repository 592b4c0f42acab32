package fhir

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

// brokenFS lists its files and opens none.
type brokenFS struct{ fs.ReadDirFS }

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == "." {
		return b.ReadDirFS.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func add(f *testing.F, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add(s)
	}
}

func FuzzBundle(f *testing.F) {
	add(
		f, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}}]}`, `{"entry":{"resource":null}}`, `[]`, `{"issue":[{}]}`,
		`{"resourceType":"Bundle","entry":[{"fullUrl":"bsn|111222333","response":{"outcome":{"issue":[]}}},1,"x"`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		n := 0
		for e, err := range ReadBundle(strings.NewReader(in), STU3).Entries() {
			if n++; err != nil {
				break
			}
			if HasBSN(e.Resource.Bytes()) {
				t.Fatal("a BSN got through")
			}
		}
		if n > len(in)+1 {
			t.Fatal("more entries than bytes")
		}
	})
}

func FuzzResource(f *testing.F) {
	add(
		f, `{"resourceType":"A","id":"x"}`, `{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"111222333"}`,
		`{"a":"\u0062sn|111222333"}`, `{"type":{"text":"bsn"},"value":["1"],"value":{}}`, "{\"bsn\":\"\xff\"}", `{"bsn":} 111222333`,
		`{"a":"bsn 111222333 bsn 111222333 111222333"}`, `{"_value":{},"value":1,"system":"bsn","value":2}`, `"\ud800bsn|1"`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		r := Parse([]byte(in), R4)
		if json.Valid([]byte(in)) && !json.Valid(r.Bytes()) {
			t.Fatalf("not valid any more: %q", r.Bytes())
		}
		again := Parse(r.Bytes(), R4)
		if !bytes.Equal(again.Bytes(), r.Bytes()) || again.Masked != 0 || again.Ref != r.Ref || again.Flaw != r.Flaw {
			t.Fatalf("not an identity: %q %q", r.Bytes(), again.Bytes())
		}
		if _, n := MaskFreeText(r.Bytes()); n != r.Suspect {
			t.Fatalf("%d flagged, %d masked in an output", r.Suspect, n)
		}
		if r.Flaw == "" && !r.Node().IsObject() {
			t.Fatal("no content")
		}
		_ = r.Node().Names("name") + r.Node().Address() + r.Node().Get("code").Coded().Display()
	})
}

func FuzzDate(f *testing.F) {
	add(f, "2025", "2025-05-12", "2025-05-12T14:05:06.7Z", "0000", "9999-12-31", "2025-02-30", "2025-05-12T24:00:00Z", "2025-05-12T14:05:06+99:99")
	f.Fuzz(func(t *testing.T, in string) {
		d := ParseDate(in)
		if d.String() != strings.TrimSpace(in) {
			t.Fatal("the text is lost")
		}
		if d.High().Before(d.Low()) || d.IsZero() != (d.Day() == "") {
			t.Fatalf("%v..%v %q", d.Low(), d.High(), d.Day())
		}
		_ = d.Words("nl") + d.WordsTime("en")
	})
}

func FuzzQuantity(f *testing.F) {
	for _, s := range [][2]string{{"5.10", "mmol/L"}, {"1e99", "10*9/L"}, {"-0", "mL/min/{1.73_m2}"}, {"1", "((m))"}, {"9", "Cel"}, {"1", "m24.m24"}, {"2", "{x"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, value, unit string) {
		q := Quantity{Value: value, Unit: unit}
		_ = q.Words("nl")
		if _, ok := q.Rat(); !ok {
			return
		}
		if !EqualValue(q, q) || !SameUnit(q, q) {
			t.Fatal("a value differs from itself")
		}
		if got, ok := q.In(unit); ok {
			if want, _ := q.Rat(); got.Cmp(want) != 0 {
				t.Fatalf("%s in its own unit is %s", want, got)
			}
		}
	})
}

func FuzzDosage(f *testing.F) {
	add(
		f, `{"text":"3d1t"}`, `{`+daily1+`,`+piece+`}`, `{`+repeat(`"when":["EVE"],"period":1e9,"periodUnit":"d"`)+`}`,
		`{`+repeat(`"frequency":1,"period":1,"periodUnit":"d"`)+`,`+r4Dose("1", "stuk", "1", "245")+`}`, `1`, `null`,
		`{"rateRange":{"low":{"value":1},"high":{"value":2}}}`, `{"doseAndRate":{}}`, `{"maxDosePerPeriod":{"numerator":{"value":6}}}`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		r := Parse([]byte(`{"resourceType":"A","dosage":[`+in+`]}`), R4)
		d := Dosages(r.Node(), "dosage")
		if d.Key() != "" && d.UnitConflict() {
			t.Fatal("a key although the units contradict")
		}
		if _, _, ok := d.DailyTotal(); ok && d.AsNeeded() {
			t.Fatal("a total of what is taken as needed")
		}
		if d.Text() != "" && d.Words("nl") == "" {
			t.Fatal("the text is lost")
		}
		_ = d.Words("en") + d.TextKey() + d.RouteKey()
	})
}

func FuzzNarrative(f *testing.F) {
	add(
		f, `<div><p>a<br/>b</p></div>`, `<table><tr><td>a</td><td>b</td></tr></table>`, `<script>x</script>`, `<scr<script>ipt>`, "a\u202eb\x00",
		`<svg/onload=x>`, `<!--`, `<![CDATA[x]]>`, `&lt;script&gt;`, `<style/><p>x`, `<title><p>x</title>y`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		text := Narrative(in)
		checkSafe(t, text)
		if len(text) > 4*len(in)+8 {
			t.Fatalf("%d bytes became %d", len(in), len(text))
		}
	})
}

func FuzzXML(f *testing.F) {
	add(
		f, `<Patient `+fhirNS+`><id value="1"/></Patient>`, `<!DOCTYPE x>`, `<A `+fhirNS+`><a>x</a><a value="1"/></A>`,
		`<f:A xmlns:f="http://hl7.org/fhir"><f:text><div xmlns="http://www.w3.org/1999/xhtml">x</div></f:text></f:A>`,
		`<A `+fhirNS+`><contained><B/><C/><d/></contained></A>`, `<A `+fhirNS+`><_a value="1"/><a id="x" value="2"/></A>`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		out, err := XMLToJSON(strings.NewReader(in), R4)
		if err == nil && !json.Valid(out) {
			t.Fatalf("not valid: %s", out)
		}
	})
}

func FuzzReadAny(f *testing.F) {
	add(f, "{\"resourceType\":\"A\"}\n{]\n{\"resourceType\":\"B\"}", `{"entry":[],"resourceType":"Bundle"}`, "{\n\"a\":\n", "<A>", "\xef\xbb\xbf", "}{", `{"resourceType":"Bundle","entry":[{]`+"\n{\"")
	f.Fuzz(func(t *testing.T, in string) {
		n := 0
		for r, err := range ReadAny(strings.NewReader(in), STU3) {
			if n++; err == nil && (HasBSN(r.Bytes()) || len(r.Bytes()) == 0) {
				t.Fatal("a BSN, or nothing, got through")
			}
		}
		if n > len(in)+1 {
			t.Fatal("more results than bytes")
		}
	})
}
