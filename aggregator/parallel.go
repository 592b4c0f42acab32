package aggregator

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel does n things that do not depend on each other, on all processors.
// Where one of them panics, so does inParallel, once all others are done: the
// caller may be one who recovers.
func inParallel(n int, do func(i int)) {
	var next atomic.Int64
	var failed atomic.Value
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				failed.Store([]any{r})
			}
		}()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if r, ok := failed.Load().([]any); ok {
		panic(r[0])
	}
}
