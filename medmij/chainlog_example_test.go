package medmij_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
)

// A vendor's own log gets every event beside the chain log.
func ExampleChainLog() {
	var file strings.Builder
	chain := medmij.NewChainLog(&file)
	cfg := medmij.Config{Chain: func(e medmij.Event) {
		chain.Add(e)
		fmt.Println("metric:", e.Event.Type)
	}}
	cfg.Chain(medmij.Event{Event: medmij.EventHead{
		Type: "send_resource_request", Location: "pgo.example.nl",
		Datetime: time.Date(2026, 3, 2, 10, 4, 11, 0, time.UTC), SessionID: "4b6c", TraceID: "0c9d",
	}})
	fmt.Print(file.String())
	// Output:
	// metric: send_resource_request
	// {"event":{"type":"send_resource_request","location":"pgo.example.nl","datetime":"2026-03-02T10:04:11Z","session_id":"4b6c","trace_id":"0c9d"}}
}

func ExamplePrune() {
	log := `{"event":{"type":"send_token_request","datetime":"2023-01-01T00:00:00Z"}}
{"event":{"type":"send_token_request","datetime":"2026-01-01T00:00:00Z"}}
`
	var kept strings.Builder
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	done, err := medmij.Prune(strings.NewReader(log), &kept, medmij.ChainLogSince(now))
	fmt.Println(done, err)
	fmt.Print(kept.String())
	// Output:
	// {1 1} <nil>
	// {"event":{"type":"send_token_request","datetime":"2026-01-01T00:00:00Z"}}
}

func ExampleExplain() {
	words := medmij.Explain(medmij.CodeUnavailable, "en").For("Huisartsenpraktijk De Linde")
	fmt.Println(words.What)
	fmt.Println(words.Step)
	// Output:
	// Huisartsenpraktijk De Linde does not respond. That is not your fault.
	// Try again later.
}
