package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"
)

func TestFullDiskIsTold(t *testing.T) {
	full := fullErrors()[0]
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"by the system":          {full, true},
		"with a path":            {&fs.PathError{Op: "write", Path: "/home/somebody", Err: full}, true},
		"with two paths":         {&os.LinkError{Op: "rename", Old: "a", New: "b", Err: full}, true},
		"with words of bbolt":    {fmt.Errorf("file resize error: %s", &fs.PathError{Op: "truncate", Path: "x", Err: full}), true},
		"already told":           {Pathless("write", full), true},
		"no permission":          {fs.ErrPermission, false},
		"a text that speaks of":  {errors.New(full.Error() + " is not the matter"), false},
		"something that failed":  {errors.New("something"), false},
		"a path that has a name": {&fs.PathError{Op: "write", Path: full.Error(), Err: fs.ErrNotExist}, false},
	} {
		err := Pathless("write the store", c.err)
		if errors.Is(err, ErrFull) != c.want || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if Pathless("write", nil) != nil {
		t.Error("no error became one")
	}
}
