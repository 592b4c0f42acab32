package clinical_test

import (
	"reflect"
	"testing"

	"github.com/bundel-pgo/bundel/fhir/clinical"
)

// head gives what every reading has.
func head(t testing.TB, value any) clinical.Head {
	t.Helper()
	h, ok := reflect.ValueOf(value).Elem().FieldByName("Head").Interface().(clinical.Head)
	if !ok {
		t.Fatalf("%T has no head", value)
	}
	return h
}
