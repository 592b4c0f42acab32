package medmij

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Failure is one way in which things go wrong, in words for the person. The
// words are short and plain (product.md 6.16), blame nobody, and do not tell
// what the framework wants hidden: whether somebody said no, or a provider has
// nothing.
type Failure struct {
	Code    string // one of the Code constants
	Next    Next   // which button belongs to it
	When    string // what was seen, for developers
	Dutch   Words
	English Words
}

// Next is what the person can do about a failure.
type Next string

// What a person can do.
const (
	NextRetry    Next = "retry"    // do the same again, later
	NextLogin    Next = "login"    // log in at the provider again
	NextProvider Next = "provider" // ask the provider
	NextMaker    Next = "maker"    // report it to who made the app, with code and correlation id
	NextSelf     Next = "self"     // look, choose or repair something themselves
)

// Words say in one language what happened and what to do now. In both texts
// {provider} stands for the name of the provider; see [Words.For].
type Words struct {
	What, Step string

	anyone string // who is meant when there is no name
}

const placeholder = "{provider}"

// For fills in the name of the provider; empty is "your care provider". The
// name is put in as it is: where it is shown it still has to be escaped.
func (w Words) For(provider string) Words {
	return Words{What: w.fill(w.What, provider), Step: w.fill(w.Step, provider)}
}

func (w Words) fill(text, provider string) string {
	if provider != "" {
		return strings.ReplaceAll(text, placeholder, provider)
	}
	first, size := utf8.DecodeRuneInString(w.anyone)
	begin := string(unicode.ToUpper(first)) + w.anyone[size:]
	if rest, ok := strings.CutPrefix(text, placeholder); ok {
		text = begin + rest
	}
	text = strings.ReplaceAll(text, ". "+placeholder, ". "+begin)
	return strings.ReplaceAll(text, placeholder, w.anyone)
}

func dutch(what, step string) Words   { return Words{what, step, "uw zorgverlener"} }
func english(what, step string) Words { return Words{what, step, "your care provider"} }

// Failures gives every failure that has a text, in the order of docs/ERRORS.md.
func Failures() []Failure {
	return slices.Concat(loginFailures(), collectFailures(), documentFailures(), warnings(), sendFailures(), trustFailures())
}

// FailureOf finds the failure with a code. A code that has no words of its own,
// such as that of a rare HTTP status, is explained as [CodeOther].
func FailureOf(code string) Failure {
	all := Failures()
	for _, wanted := range [...]string{code, CodeOther} {
		if i := slices.IndexFunc(all, func(f Failure) bool { return f.Code == wanted }); i >= 0 {
			return all[i]
		}
	}
	return Failure{Code: CodeOther} // not reached: the table has CodeOther
}

// Explain gives the words for a code: English for "en", Dutch for any other
// language. It has words for every code.
func Explain(code, lang string) Words {
	f := FailureOf(code)
	if lang == "en" {
		return f.English
	}
	return f.Dutch
}
