package store_test

import (
	"os"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
)

// corpus gives the resources of the shared fixtures, each as its file has it.
func corpus(tb testing.TB) []fhir.Resource {
	tb.Helper()
	const dir = "../../../shared/fixtures"
	if _, err := os.Stat(dir); err != nil {
		tb.Skip("the shared fixtures are not here")
	}
	var all []fhir.Resource
	for item, err := range fhir.Files(os.DirFS(dir), fhir.STU3) {
		if err == nil && !item.Skipped && len(item.Resource.Bytes()) > 0 {
			all = append(all, item.Resource)
		}
	}
	return all
}

func size(all []fhir.Resource) (n int) {
	for _, r := range all {
		n += len(r.Bytes())
	}
	return n
}
