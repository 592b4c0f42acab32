package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/web"
)

// jobs are the collections in the background, one per source at a time.
type jobs struct {
	mu  sync.Mutex
	all []*job // in the order in which they were started
}

// job is one collection from one source.
type job struct {
	mu       sync.Mutex
	progress web.SourceProgress
	cancel   context.CancelFunc
}

// Sync implements [web.Collector].
func (p *Pages) Sync(ctx context.Context, sources ...string) error {
	grants, err := p.desk.Grants(ctx)
	if err != nil {
		return pageError(err)
	}
	known, err := p.lastTimes(ctx)
	if err != nil {
		return err
	}
	bySource := map[string][]*medmij.Grant{}
	var order []string
	for _, g := range grants {
		if len(sources) > 0 && !slices.Contains(sources, g.Source()) {
			continue
		}
		if bySource[g.Source()] == nil {
			order = append(order, g.Source())
		}
		bySource[g.Source()] = append(bySource[g.Source()], g)
	}
	for _, source := range order {
		p.start(bySource[source], known[source])
	}
	return nil
}

// lastTimes is when each source last gave something.
func (p *Pages) lastTimes(ctx context.Context) (map[string]time.Time, error) {
	s, err := p.desk.Vault()
	if err != nil {
		return nil, pageError(err)
	}
	receipts, err := s.Receipts(ctx)
	if err != nil {
		return nil, pageError(err)
	}
	last := map[string]time.Time{}
	for _, r := range receipts {
		if good(r.Outcome()) && r.Finished.After(last[r.Origin.Source]) {
			last[r.Origin.Source] = r.Finished
		}
	}
	return last, nil
}

func good(o fhir.Outcome) bool { return o == fhir.Complete || o == fhir.Partial || o == fhir.Empty }

// start collects from one source, unless that is going on already.
func (p *Pages) start(grants []*medmij.Grant, known time.Time) {
	source := grants[0].Source()
	ctx, cancel := context.WithCancel(p.ctx)
	j := &job{cancel: cancel, progress: web.SourceProgress{
		Source: source, Provider: grants[0].Display, Started: p.desk.Now(), Known: known, Parts: plan(grants),
	}}
	if !p.jobs.add(j) {
		cancel()
		return
	}
	go func() {
		defer cancel()
		receipts, err := p.desk.Collect(ctx, j.watch, grants...)
		j.finish(p.desk.Now(), receipts, err, p.offline)
	}()
}

// add puts the job in the place of an earlier one of the same source; not
// while that is busy.
func (js *jobs) add(j *job) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	for i, old := range js.all {
		now := old.view()
		if now.Source != j.progress.Source {
			continue
		}
		if now.Finished.IsZero() {
			return false
		}
		js.all = slices.Delete(js.all, i, i+1)
		break
	}
	js.all = append(js.all, j)
	return true
}

func (js *jobs) stopAll() {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.all {
		j.cancel()
	}
	js.all = nil
}

// forget drops what is told of the collecting from a source.
func (js *jobs) forget(source string) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.all = slices.DeleteFunc(js.all, func(j *job) bool { return j.view().Source == source })
}

// plan lists every query before any is asked, so that the person sees what is
// still to come.
func plan(grants []*medmij.Grant) []web.PartProgress {
	var parts []web.PartProgress
	for _, g := range grants {
		for _, id := range g.Granted {
			s, ok := medmij.ServiceByID(id)
			if !ok || s.Direction != medmij.Collect {
				continue
			}
			for _, q := range s.Queries {
				parts = append(parts, web.PartProgress{Service: id, Query: q.Path})
			}
		}
	}
	return parts
}

// watch notes a page. Queries that follow from answers join at the end.
func (j *job) watch(o fhir.Origin, page fhir.Page) {
	j.mu.Lock()
	defer j.mu.Unlock()
	parts := j.progress.Parts
	i := slices.IndexFunc(parts, func(p web.PartProgress) bool { return p.Service == o.Service && p.Query == page.Query })
	if i < 0 {
		parts = append(parts, web.PartProgress{Service: o.Service, Query: page.Query})
		i = len(parts) - 1
	}
	part := &parts[i]
	part.Busy = page.Result == nil
	part.Page++
	part.Resources += len(page.Resources)
	if r := page.Result; r != nil {
		part.Outcome, part.Code, part.Resources = r.Outcome, r.Detail, max(part.Resources, r.Resources)
	}
	j.progress.Parts = parts
}

// finish sums up. That nothing answered may be because this device is not
// connected: then that is what the person can do something about.
func (j *job) finish(now time.Time, receipts []fhir.Receipt, err error, offline func() bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := &j.progress
	p.Finished = now
	fine := false
	for _, r := range receipts {
		p.New += r.New
		p.Changed += r.Changed
		p.Same += r.Unchanged
		fine = fine || good(r.Outcome())
	}
	if err != nil || !fine {
		p.Code = firstCode(p.Parts)
		if (p.Code == medmij.CodeUnavailable || p.Code == medmij.CodeTimeout) && offline() {
			p.Code = medmij.CodeOffline
		}
	}
}

func firstCode(parts []web.PartProgress) string {
	for _, part := range parts {
		if part.Code != "" {
			return part.Code
		}
	}
	return medmij.CodeUnavailable
}

func (j *job) view() web.SourceProgress {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.progress
	out.Parts = slices.Clone(out.Parts)
	return out
}

// Stop implements [web.Collector].
func (p *Pages) Stop(source string) {
	p.jobs.mu.Lock()
	defer p.jobs.mu.Unlock()
	for _, j := range p.jobs.all {
		if j.view().Source == source {
			j.cancel()
		}
	}
}

// Progress implements [web.Collector].
func (p *Pages) Progress() []web.SourceProgress {
	p.jobs.mu.Lock()
	defer p.jobs.mu.Unlock()
	out := make([]web.SourceProgress, len(p.jobs.all))
	for i, j := range p.jobs.all {
		out[i] = j.view()
	}
	return out
}
