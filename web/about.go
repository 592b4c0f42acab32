package web

import (
	"cmp"
	"runtime/debug"
)

// About is who makes this edition of the program, as help tells the person. What
// is empty is that of Bundel itself. Addresses are shown as text: nothing is
// fetched from them.
type About struct {
	Name    string // of the program
	Maker   string
	Version string // empty: that of the build
	Licence string
	Source  string // where to read how it is made
	Report  string // where to report that something does not work
}

// project is where Bundel is made.
const project = "https://github.com/bundel-pgo/bundel"

// filled has something to say in every place.
func (a About) filled() About {
	if a.Version == "" {
		if info, ok := debug.ReadBuildInfo(); ok {
			a.Version = builtAs(info)
		}
	}
	a.Name = cmp.Or(a.Name, "Bundel")
	a.Licence = cmp.Or(a.Licence, "Apache 2.0")
	a.Report = cmp.Or(a.Report, cmp.Or(a.Source, project)+"/issues")
	a.Source = cmp.Or(a.Source, project)
	return a
}

// builtAs is the version that a build names; of one from source the commit.
func builtAs(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	const short = 12
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= short {
			return s.Value[:short]
		}
	}
	return ""
}

// aboutPart is the last part of help: who made this, and where to report.
func (v *view) aboutPart() helpPart {
	a := v.s.About
	p := helpPart{Heading: v.T("about.h2", "name", clean(a.Name)), Lines: []string{v.T("about.how"), v.T("about.never")}}
	for _, f := range [...]fact{
		{Name: v.T("about.maker"), Text: cmp.Or(a.Maker, v.T("about.makers"))},
		{Name: v.T("about.version"), Text: cmp.Or(a.Version, v.T("about.unknown"))},
		{Name: v.T("about.licence"), Text: a.Licence},
		{Name: v.T("about.source"), Text: a.Source},
		{Name: v.T("about.report"), Text: a.Report},
	} {
		f.Text = clean(f.Text)
		p.Facts = append(p.Facts, f)
	}
	return p
}
