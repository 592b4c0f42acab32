package aggregator

import (
	"context"
	"iter"
	"sync"

	"github.com/bundel-pgo/bundel/fhir"
)

// Sink stores what sources give. store.Store is one. It must be safe for
// concurrent use.
type Sink interface {
	Put(context.Context, fhir.Source) (fhir.Receipt, error)
}

// Watch is told of each page before it is stored. It is called from several
// goroutines, one per source, and must not keep the resources.
type Watch func(fhir.Origin, fhir.Page)

// Collect stores all sources at once and gives their receipts in the order of
// the sources. One failure stops no other: it is in that source's receipt.
// watch may be nil.
func Collect(ctx context.Context, dst Sink, watch Watch, sources ...fhir.Source) []fhir.Receipt {
	receipts := make([]fhir.Receipt, len(sources))
	var wg sync.WaitGroup
	for i, src := range sources {
		wg.Go(func() {
			if watch != nil {
				src.Pages = watched(src, watch)
			}
			receipt, err := dst.Put(ctx, src)
			if err != nil && receipt.Detail == "" {
				receipt.Detail = "P-bad"
			}
			receipt.Origin, receipt.Version = src.Origin, src.Version
			receipts[i] = receipt
		})
	}
	wg.Wait()
	return receipts
}

func watched(src fhir.Source, watch Watch) iter.Seq2[fhir.Page, error] {
	return func(yield func(fhir.Page, error) bool) {
		for page, err := range src.Pages {
			if err == nil {
				watch(src.Origin, page)
			}
			if !yield(page, err) {
				return
			}
		}
	}
}
