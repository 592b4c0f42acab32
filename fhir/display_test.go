package fhir

import "testing"

func TestNumber(t *testing.T) {
	for _, tc := range []struct{ in, nl, en string }{
		{"1234.5", "1.234,5", "1,234.5"},
		{"5.10", "5,10", "5.10"},
		{"-1234567", "-1.234.567", "-1,234,567"},
		{"0", "0", "0"},
		{"100", "100", "100"},
		{"1e3", "1e3", "1e3"},
		{"1.", "1.", "1."},
		{".5", ".5", ".5"},
		{"veel", "veel", "veel"},
		{"", "", ""},
	} {
		if got := Number(tc.in, "nl"); got != tc.nl {
			t.Errorf("nl %q: %q", tc.in, got)
		}
		if got := Number(tc.in, "en"); got != tc.en {
			t.Errorf("en %q: %q", tc.in, got)
		}
	}
}

func TestQuantityWords(t *testing.T) {
	const nb = "\u00a0"
	for _, tc := range []struct {
		q    Quantity
		want string
	}{
		{Quantity{Value: "5.10", Unit: "mmol/L"}, "5,10" + nb + "mmol/L"},
		{Quantity{Value: "5", Comparator: "<", Code: "mg"}, "<" + nb + "5" + nb + "mg"},
		{Quantity{Value: "90", Comparator: ">=", Code: "mL/min/{1.73_m2}"}, "≥" + nb + "90" + nb + "mL/min/1,73" + nb + "m²"},
		{Quantity{Value: "3", Comparator: "<=", Unit: "1"}, "≤" + nb + "3"},
		{Quantity{Value: "2.4", Code: "{INR}"}, "2,4"},
		{Quantity{Value: "120", Code: "mm[Hg]"}, "120" + nb + "mmHg"},
		{Quantity{Value: "37.5", Code: "Cel"}, "37,5" + nb + "°C"},
		{Quantity{Value: "6", Unit: "10*9/L"}, "6" + nb + "×10⁹/L"},
		{Quantity{Value: "4", Unit: "10*12/L"}, "4" + nb + "×10¹²/L"},
		{Quantity{Value: "80", Code: "umol/L"}, "80" + nb + "µmol/L"},
		{Quantity{Value: "80", Code: "ug/L"}, "80" + nb + "µg/L"},
		{Quantity{Value: "42", Code: "%"}, "42%"},
		{Quantity{Value: "1", Unit: "stuk", Code: "1"}, "1" + nb + "stuk"},
		{Quantity{Value: "70", Code: "{breaths}/min"}, "70" + nb + "/min"},
		{Quantity{Unit: "mg"}, ""},
	} {
		if got := tc.q.Words("nl"); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.q, got, tc.want)
		}
	}
}

func TestDateWords(t *testing.T) {
	const nb = "\u00a0"
	for _, tc := range []struct{ in, nl, en, time string }{
		{"2025-05-12", "12" + nb + "mei" + nb + "2025", "12" + nb + "May" + nb + "2025", "12" + nb + "mei" + nb + "2025"},
		{"2025-05", "mei" + nb + "2025", "May" + nb + "2025", "mei" + nb + "2025"},
		{"2025", "2025", "2025", "2025"},
		{"2025-05-12T22:30:00Z", "13" + nb + "mei" + nb + "2025", "13" + nb + "May" + nb + "2025", "13" + nb + "mei" + nb + "2025, 00:30" + nb + "uur"},
		{"2025-01-02T09:05", "2" + nb + "januari" + nb + "2025", "2" + nb + "January" + nb + "2025", "2" + nb + "januari" + nb + "2025, 09:05" + nb + "uur"},
	} {
		d := ParseDate(tc.in)
		if d.Words("nl") != tc.nl || d.Words("en") != tc.en || d.WordsTime("nl") != tc.time {
			t.Errorf("%s: %q %q %q", tc.in, d.Words("nl"), d.Words("en"), d.WordsTime("nl"))
		}
	}
	if got := ParseDate("2025-01-02T09:05").WordsTime("en"); got != "2"+nb+"January"+nb+"2025, 09:05" {
		t.Error(got)
	}
}
