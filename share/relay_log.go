package share

import (
	"net/http"
	"strings"
	"time"
	"unicode"
)

// maxRecipient is how many characters of a recipient are kept.
const maxRecipient = 100

// Events of an Opening.
const (
	EventOpened   = "opened"
	EventPasscode = "passcode" // a wrong one
	EventCode     = "code"     // a wrong code or birth date
)

// Opening is what the owner of a link can read about one request.
type Opening struct {
	At        time.Time `json:"at"`
	Event     string    `json:"event"`
	Recipient string    `json:"recipient,omitempty"` // as they call themselves
	Network   string    `json:"network,omitempty"`   // /24 of IPv4, /48 of IPv6
	Agent     string    `json:"agent,omitempty"`     // kind of browser
}

func (r *Relay) opening(event, recipient string, q *http.Request) Opening {
	return Opening{
		At: r.Now().UTC().Truncate(time.Second), Event: event, Recipient: cleanRecipient(recipient),
		Network: networkOf(q), Agent: agentOf(q.UserAgent()),
	}
}

// cleanRecipient keeps what can be shown on one line.
func cleanRecipient(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(s); len(runes) > maxRecipient {
		s = string(runes[:maxRecipient])
	}
	return s
}

// agentOf names the kind of a browser, without version or system. The order is
// that of who calls themselves what: Edge says it is Chrome, and Chrome Safari.
func agentOf(userAgent string) string {
	for _, family := range [...]struct{ word, name string }{
		{"Bundel/", "Bundel"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(userAgent, family.word) {
			return family.name
		}
	}
	return "other"
}
