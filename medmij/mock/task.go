package mock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/medmij"
)

// taskSteps are the ways of a task (data-services.md 1.9).
var taskSteps = map[string][]string{
	"requested": {"accepted", "rejected", "failed"},
	"accepted":  {"completed", "rejected", "failed"},
}

// update takes a task of which the person changed the status.
func (n *Network) update(w http.ResponseWriter, r request) {
	if r.PathValue("type") != "Task" || r.service.Direction != medmij.Collect || !offers(r.service, "Task") {
		notOffered.write(w, r.service.Version)
		return
	}
	raw, fault := n.body(w, r)
	if fault != nil {
		fault.write(w, r.service.Version)
		return
	}
	res := fhir.Parse(bytes.Clone(raw), r.service.Version)
	s := &sent{typ: res.Type, node: res.Node(), raw: raw}
	s.id = s.node.Str("id")
	d := delivery{library: r.library, patients: r.patients}
	switch {
	case s.typ != "Task" || s.id != r.PathValue("id"):
		s.faults = []string{"type and id must be those of the address"}
	case d.task(s.id) == nil:
		notFound.write(w, r.service.Version)
		return
	default:
		s.faults = append(d.taskFaults(s), slices.Compact(shapeFaults("", s.node))...)
	}
	if len(s.faults) > 0 {
		n.receive(r, raw, statusRefused)
		writeFHIR(w, r.service.Version, http.StatusUnprocessableEntity, outcomes(s.faults))
		return
	}
	n.keep(r, raw)
	n.receive(r, raw, statusOK)
	writeFHIR(w, r.service.Version, http.StatusOK, raw)
}

// task finds a task of the person.
func (d *delivery) task(id string) *record {
	if d.library == nil || len(d.patients) == 0 {
		return nil
	}
	found := d.library.byRef[fhir.Ref{Type: "Task", ID: id}]
	if found == nil || !found.visibleTo(d.patients) {
		return nil
	}
	return found
}

// taskFaults compares a task with what the provider has: the status may go on,
// and a completed one gets its output.
func (d *delivery) taskFaults(s *sent) []string {
	had := d.task(s.id)
	if had == nil {
		return []string{"no such task"}
	}
	var found list
	from, to := had.node.Str("status"), s.node.Str("status")
	found.check(slices.Contains(taskSteps[from], to), "a task that is "+known(from)+" cannot become "+known(to))
	found.check(!s.node.Get("output").Exists() || to == "completed", "only a completed task has output")
	found.check(sameButStatus(had.raw, s.raw), "more than the status was changed")
	return found
}

// known keeps text of the sender out of an answer.
func known(status string) string {
	if slices.Contains([]string{"requested", "accepted", "completed", "rejected", "failed"}, status) {
		return status
	}
	return "of another status"
}

// sameButStatus compares two tasks but for what changes with a status.
func sameButStatus(a, b []byte) bool {
	var trees [2]map[string]any
	for i, raw := range [...][]byte{a, b} {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if dec.Decode(&trees[i]) != nil {
			return false
		}
		for _, name := range []string{"status", "output", "lastModified", "text"} {
			delete(trees[i], name)
		}
		if meta, ok := trees[i]["meta"].(map[string]any); ok {
			delete(meta, "lastUpdated")
			delete(meta, "versionId")
		}
	}
	return reflect.DeepEqual(trees[0], trees[1])
}

// keep puts the new version of a resource where later searches find it.
func (n *Network) keep(r request, raw []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := key{r.provider.Name, r.service.Version}
	n.libraries[k] = n.libraries[k].replaced(newRecord(raw, r.service.Version))
}
