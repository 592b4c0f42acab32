package aggregator

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// blocks are the named resources of testdata/cases/blocks.json, from which
// cases make theirs: {"like": "MA", "with": {"id": "1", "prk": "111"}, ...}.
type blocks map[string]block

type block struct {
	About    string         `json:"about"`
	Defaults map[string]any `json:"defaults"`
	Resource map[string]any `json:"resource"`
}

func readBlocks(t testing.TB) blocks {
	t.Helper()
	raw, err := os.ReadFile(casesFolder + "/blocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var b blocks
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatalf("blocks.json: %v", err)
	}
	return b
}

// resource fills in a block: its places ${name} with the parameters, then every
// other member over it as a merge patch (RFC 7386). A resource that is like
// nothing is itself.
func (b blocks) resource(t testing.TB, id string, r any) any {
	t.Helper()
	own, ok := r.(map[string]any)
	name, isLike := own["like"].(string)
	if !ok || !isLike {
		return r
	}
	base, known := b[name]
	if !known {
		t.Fatalf("%s: no block %q", id, name)
	}
	with := map[string]any{}
	for k, v := range base.Defaults {
		with[k] = v
	}
	given, _ := own["with"].(map[string]any)
	for k, v := range given {
		if _, ok := base.Defaults[k]; !ok {
			t.Fatalf("%s: block %s has no place %q", id, name, k)
		}
		with[k] = v
	}
	out, _ := fill(base.Resource, with).(map[string]any)
	for k, v := range own {
		if k != "like" && k != "with" {
			out[k] = patch(out[k], v)
		}
	}
	return out
}

// fill puts parameters in their places. What has no value is left out, and with
// it an object that held nothing but that, or whose value or code it was.
func fill(v any, with map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		return fillObject(v, with)
	case []any:
		var out []any
		for _, m := range v {
			if filled := fill(m, with); filled != nil {
				out = append(out, filled)
			}
		}
		if out == nil {
			return nil
		}
		return out
	case string:
		return fillText(v, with)
	}
	return v
}

func fillObject(v, with map[string]any) any {
	out := map[string]any{}
	for k, m := range v {
		filled := fill(m, with)
		if filled != nil {
			out[k] = filled
		} else if !isRoot(v) && (k == "code" || strings.HasPrefix(k, "value")) {
			return nil
		}
	}
	if len(out) == 0 && len(v) > 0 {
		return nil
	}
	return out
}

func isRoot(v map[string]any) bool { return v["resourceType"] != nil }

func fillText(s string, with map[string]any) any {
	for name, value := range with {
		place := "${" + name + "}"
		if s == place {
			return value
		}
		if strings.Contains(s, place) {
			if value == nil {
				return nil
			}
			s = strings.ReplaceAll(s, place, fmt.Sprint(value))
		}
	}
	return s
}

// patch is a merge patch: objects are merged, everything else is replaced, and
// null takes away.
func patch(old, change any) any {
	c, ok := change.(map[string]any)
	if !ok {
		return change
	}
	o, ok := old.(map[string]any)
	if !ok {
		o = map[string]any{}
	}
	for k, v := range c {
		if v == nil {
			delete(o, k)
		} else {
			o[k] = patch(o[k], v)
		}
	}
	return o
}
