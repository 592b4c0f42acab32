package web

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/bundel-pgo/bundel/fhir"
)

//go:embed words/*.txt
var wordFiles embed.FS

// nbsp keeps a number and its unit, and the parts of a date, on one line.
const nbsp = "\u00a0"

// words holds every text in one language and knows how to write dates, numbers
// and lists in it.
type words struct {
	Lang  string
	table map[string]string
}

// allWords reads the tables once; a table that cannot be read is a mistake in
// the program, found by every test.
var allWords = sync.OnceValue(func() map[string]*words {
	all := map[string]*words{}
	for _, lang := range [...]string{"nl", "en"} {
		data, err := wordFiles.ReadFile("words/" + lang + ".txt")
		if err != nil {
			panic("web: " + err.Error())
		}
		all[lang] = &words{Lang: lang, table: parseWords(string(data))}
	}
	return all
})

// wordsIn gives the texts in a language; Dutch for one that has none.
func wordsIn(lang string) *words {
	if w, ok := allWords()[lang]; ok {
		return w
	}
	return allWords()["nl"]
}

// parseWords reads lines of "key = text"; "#" begins a remark. A text with
// " | " has a form for one and a form for any other number.
func parseWords(data string) map[string]string {
	table := map[string]string{}
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		key, text, ok := strings.Cut(line, " = ")
		if ok && !strings.HasPrefix(line, "#") {
			table[strings.TrimSpace(key)] = strings.ReplaceAll(strings.TrimSpace(text), "~", nbsp)
		}
	}
	return table
}

// T is the text with its placeholders filled in; args are names and values in
// turn. The value of n chooses between the forms for one and for more, and
// whole numbers are written as the language does.
func (w *words) T(key string, args ...any) string {
	text, ok := w.table[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if one, more, several := strings.Cut(text, " | "); several {
		text = more
		if w.isOne(args) {
			text = one
		}
	}
	for i := 0; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprint("{", args[i], "}"), w.write(args[i+1]))
	}
	return text
}

// isOne tells whether the value of n takes the form for one.
func (w *words) isOne(args []any) bool {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			return plural.Cardinal.MatchPlural(w.tag(), min(max(n, -n), 9_999_999), 0, 0, 0, 0) == plural.One // which takes no other numbers
		}
	}
	return false
}

// write puts a value into a text: "1.234" in Dutch, "1,234" in English.
func (w *words) write(value any) string {
	if n, ok := value.(int); ok && (n >= 1000 || n <= -1000) { // no printer is needed for what has no separators
		return message.NewPrinter(w.tag()).Sprint(n)
	}
	return fmt.Sprint(value)
}

// tag is the language as x/text knows it.
func (w *words) tag() language.Tag { return language.Make(w.Lang) }

// Has tells whether there is such a text.
func (w *words) Has(key string) bool { _, ok := w.table[key]; return ok }

// Or is the text, or what to say when there is none.
func (w *words) Or(key, otherwise string) string {
	if w.Has(key) {
		return w.T(key)
	}
	return otherwise
}

// List writes names as "a, b en c".
func (w *words) List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + w.T("and") + " " + names[last]
}

// Number writes a decimal as the language does; its digits stay as they are.
func (w *words) Number(decimal string) string {
	return strings.ReplaceAll(decimal, ".", w.T("decimal"))
}

// Count writes a small number in words: "drie".
func (w *words) Count(n int) string {
	small := strings.Split(w.T("numbers"), ",")
	if n < 0 || n >= len(small) {
		return w.write(n)
	}
	return small[n]
}

// month is the name of a month, from the long or the short list.
func (w *words) month(list string, m time.Month) string {
	return strings.Split(w.T(list), ",")[m-1]
}

// Day writes a date as precisely as it is known: "12 mei 2025", "mei 2025", "2025".
func (w *words) Day(d fhir.Date) string {
	t := d.Low().In(fhir.Amsterdam())
	switch d.Precision() {
	case fhir.PrecisionNone:
		return ""
	case fhir.PrecisionYear:
		return t.Format("2006")
	case fhir.PrecisionMonth:
		return w.month("months", t.Month()) + nbsp + t.Format("2006")
	}
	return fmt.Sprint(t.Day(), nbsp, w.month("months", t.Month()), nbsp, t.Year())
}

// When writes a date that is kept as text; empty for no date.
func (w *words) When(date string) string { return w.Day(fhir.ParseDate(date)) }

// Moment writes when something happened: "vandaag om 09:14" or the day.
func (w *words) Moment(at, now time.Time) string {
	at, now = at.In(fhir.Amsterdam()), now.In(fhir.Amsterdam())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return w.T("today-at", "time", at.Format("15:04"))
	}
	return w.Day(fhir.ParseDate(at.Format(time.DateOnly)))
}

// DayOf writes the day of a moment: "vandaag" or the date.
func (w *words) DayOf(at, now time.Time) string {
	at, now = at.In(fhir.Amsterdam()), now.In(fhir.Amsterdam())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return w.T("today")
	}
	return w.Day(fhir.ParseDate(at.Format(time.DateOnly)))
}

// short writes a date for under a column of a chart: "12 mei 2025", "12 mei"
// where there is no room for the year, or the month and the year when it lies
// longer ago.
func (w *words) short(d fhir.Date, withDay, withYear bool) string {
	t := d.Low().In(fhir.Amsterdam())
	switch {
	case d.Precision() <= fhir.PrecisionYear:
		return d.Day()
	case d.Precision() == fhir.PrecisionMonth || !withDay:
		return w.month("short-months", t.Month()) + nbsp + t.Format("2006")
	}
	day := fmt.Sprint(t.Day(), nbsp, w.month("short-months", t.Month()))
	if withYear {
		day += fmt.Sprint(nbsp, t.Year())
	}
	return day
}

// capital makes the first letter of a line a capital.
func capital(text string) string {
	if text == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
