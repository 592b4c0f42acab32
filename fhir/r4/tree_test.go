package r4

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyJSON makes a JSON value of some depth, with odd numbers and strings.
func anyJSON(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{`1.10`, `-0.0`, `1E+2`, `12345678901234567890.5`, `true`, `null`, `"é"`, `"a\/b<&>"`, `""`, `"\n"`})
	if depth == 0 {
		return leaf
	}
	return rapid.Custom(func(t *rapid.T) string {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return leaf.Draw(t, "leaf")
		case 1:
			out := "["
			for i := range rapid.IntRange(0, 3).Draw(t, "items") {
				out += map[bool]string{true: ","}[i > 0] + anyJSON(depth-1).Draw(t, "item")
			}
			return out + "]"
		}
		out := "{"
		for i := range rapid.IntRange(0, 3).Draw(t, "members") {
			out += map[bool]string{true: ","}[i > 0] + `"` + string(rune('a'+i)) + `":` + anyJSON(depth-1).Draw(t, "member")
		}
		return out + "}"
	})
}

// TestTreeKeepsEveryByte: what is read and written is the same text.
func TestTreeKeepsEveryByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := `{"x":` + anyJSON(4).Draw(t, "value") + `}`
		o, err := parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		copied := clone(o).(*object)
		if got := string(marshal(o)); got != raw || string(marshal(copied)) != raw {
			t.Fatalf("%s became %s", raw, got)
		}
		copied.set("x", str("other"))
		if string(marshal(o)) != raw {
			t.Fatal("a copy is not one")
		}
	})
}

func TestObject(t *testing.T) {
	o := obj("a", "1", "b", list{str("x")}, "c", nil)
	o.add("b", str("y"))
	o.add("d", str("z"))
	o.add("e")
	steps := []struct {
		what string
		do   func() bool
		want bool
		now  string
	}{
		{"as made", func() bool { return o.has("c") }, false, `{"a":"1","b":["x","y"],"d":["z"]}`},
		{"rename", func() bool { return o.rename("a", "f") }, true, `{"f":"1","b":["x","y"],"d":["z"]}`},
		{"rename to what is there", func() bool { return o.rename("f", "b") }, false, `{"f":"1","b":["x","y"],"d":["z"]}`},
		{"rename what is not", func() bool { return o.rename("q", "r") }, false, `{"f":"1","b":["x","y"],"d":["z"]}`},
		{"take", func() bool { return text(o.take("f")) == "1" }, true, `{"b":["x","y"],"d":["z"]}`},
		{"take what is not", func() bool { return o.take("f") == nil }, true, `{"b":["x","y"],"d":["z"]}`},
		{"set in its place", func() bool { o.set("b", scalar("1.10")); return text(o.get("b")) == "" }, true, `{"b":1.10,"d":["z"]}`},
		{"take no object", func() bool { return len(o.takeObject("b").members) == 0 && o.has("b") }, true, `{"b":1.10,"d":["z"]}`},
		{"objects of none", func() bool { return objects(o.get("b")) == nil && objects(nil) == nil }, true, `{"b":1.10,"d":["z"]}`},
	}
	for _, s := range steps {
		if got := s.do(); got != s.want {
			t.Errorf("%s: %v", s.what, got)
		}
		if diff := cmp.Diff(s.now, string(marshal(o))); diff != "" {
			t.Errorf("%s: %s", s.what, diff)
		}
	}
}

func TestStrIsJSON(t *testing.T) {
	for _, s := range []string{"", "é", "\"\\", "\x00", "a\xffb", " "} {
		if raw := str(s); !json.Valid(raw) {
			t.Errorf("%q: %s", s, raw)
		}
	}
}
