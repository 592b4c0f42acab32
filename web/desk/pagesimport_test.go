package desk

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/web"
)

// TestAFileOfThePersonIsReadIn: what can be read is in the overview under the
// name that the person gave; the same file again changes nothing.
func TestAFileOfThePersonIsReadIn(t *testing.T) {
	d, _ := moving(t)
	p := d.Pages(t.Context())
	file := web.RecordFile{Name: " Ziekenhuis Zuid ", Kind: "hospital", Version: fhir.R4, Content: []byte(newResult + "\n{\"resourceType\":\n" + medicine + "\n")}
	for i, want := range []web.ReadIn{
		{Source: "file:Ziekenhuis Zuid", New: 2, Unread: 1},
		{Source: "file:Ziekenhuis Zuid", Same: 2, Unread: 1},
	} {
		got, err := p.ReadIn(t.Context(), file)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("time %d: %v (-want +got)\n%s", i, err, diff)
		}
	}
	o := must(d.Overview(t.Context(), time.Time{}, "nl"))
	if n := len(o.Subject("medication")); n != 1 || o.ProviderName("file:Ziekenhuis Zuid") != "Ziekenhuis Zuid" {
		t.Errorf("%d medicines, from %q", n, o.ProviderName("file:Ziekenhuis Zuid"))
	}
}

// TestAFileThatHoldsNothingLeavesNothing: no source without records, and no word
// of the file in the error.
func TestAFileThatHoldsNothingLeavesNothing(t *testing.T) {
	d, _ := moving(t)
	p := d.Pages(t.Context())
	for name, tc := range map[string]struct {
		file   web.RecordFile
		reason string
	}{
		"a letter": {web.RecordFile{Name: "Zuid", Version: fhir.R4, Content: []byte("Geachte mevrouw De Vries")}, web.RefuseFile},
		"nothing":  {web.RecordFile{Name: "Zuid", Version: fhir.R4}, web.RefuseFile},
		"a name":   {web.RecordFile{Name: "a:b", Version: fhir.R4, Content: []byte(medicine)}, web.RefuseName},
		"no name":  {web.RecordFile{Version: fhir.R4, Content: []byte(medicine)}, web.RefuseName},
	} {
		_, err := p.ReadIn(t.Context(), tc.file)
		var refused *web.Refused
		if !errors.As(err, &refused) || refused.Reason != tc.reason || strings.Contains(err.Error(), "Vries") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all := must(d.Providers(t.Context())); len(all) != 0 {
		t.Errorf("%d sources were named", len(all))
	}
}

func TestAClosedVaultReadsNothingIn(t *testing.T) {
	d, _ := moving(t)
	p := d.Pages(t.Context())
	p.Lock()
	if _, err := p.ReadIn(t.Context(), web.RecordFile{Name: "Zuid", Version: fhir.R4, Content: []byte(medicine)}); !errors.Is(err, web.ErrLocked) {
		t.Errorf("%v", err)
	}
}
