package desk

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/bundel-pgo/bundel/aggregator"
	"github.com/bundel-pgo/bundel/store"
)

// past is what Changes compares with: what was known at a moment, and what is
// known now of that moment. It stays the same until something is stored; what
// changed since then, until a minute passes.
type past struct {
	then
	generation int
	since      time.Time
	lang       string
	same       *aggregator.Overview

	told    cacheKey // of the overview that was compared with it
	changes []aggregator.Change
}

// then is what was known at a moment, with all that it was made of.
type then struct {
	before *aggregator.Overview
	in     aggregator.Input
	mark   store.Mark // what came after it is all that could make it another
	rules  []ruleName // of the person about when to see results
}

// ruleName names one version of a rule: what it says never changes.
type ruleName struct {
	id     string
	number int
}

// pastOf gives the past of a moment, made anew when something was stored.
func (d *Desk) pastOf(ctx context.Context, since time.Time, lang string) (past, error) {
	d.mu.Lock()
	kept, generation, vault := d.past, d.cache.generation, d.vault
	d.mu.Unlock()
	of := kept.before != nil && kept.since.Equal(since) && kept.lang == lang
	if of && kept.generation == generation {
		return kept, nil
	}
	made := past{generation: generation, since: since, lang: lang}
	if of {
		made.then = kept.then
	}
	var err error
	if made.then, err = d.thenAt(ctx, made.then, since, lang); err != nil {
		return made, err
	}
	if made.same, err = d.merge(ctx, since, lang); err != nil {
		return made, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vault == vault {
		d.past = made
	}
	return made, nil
}

// thenAt gives what was known at a moment: the one that was made before, of the
// same moment and language, when it cannot have become another.
func (d *Desk) thenAt(ctx context.Context, old then, since time.Time, lang string) (then, error) {
	s, err := d.Vault()
	if err != nil {
		return then{}, err
	}
	news, err := s.Since(ctx, old.mark)
	if err != nil {
		return then{}, err
	}
	now := then{before: old.before, mark: news.Mark}
	if now.in, err = d.input(ctx, since, since, lang); err != nil {
		return then{}, err
	}
	for r, err := range d.gateRecords(ctx) {
		if err != nil {
			return then{}, err
		}
		now.rules = append(now.rules, ruleName{r.ID, r.Number})
	}
	// A collection that began before the moment may still go on after it.
	came := news.Whole || !news.From.IsZero() && !news.From.After(since)
	if old.before == nil || came || !slices.Equal(old.rules, now.rules) || !reflect.DeepEqual(old.in, now.in) {
		now.before, err = d.mergeThen(ctx, now.in, since)
	}
	return now, err
}
