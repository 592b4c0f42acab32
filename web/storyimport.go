package web

import "context"

// storyImport is what becomes of a file in a story.
type storyImport struct {
	in    ReadIn
	fault error
	file  RecordFile // the last that was read in, without its content
	size  int
}

func (d *storyDesk) ReadIn(_ context.Context, f RecordFile) (ReadIn, error) {
	d.imported.size, f.Content = len(f.Content), nil
	d.imported.file = f
	d.imported.in.Source = "file:" + f.Name
	return d.imported.in, d.imported.fault
}

// parts is a form that is sent in parts, with a file of the person.
const storyParts = "bundel-story-parts"

func parts(file string, pairs ...string) string {
	text := "--" + storyParts + "\r\nContent-Disposition: form-data; name=\"bestand\"; filename=\"x\"\r\n\r\n" + file + "\r\n"
	for i := 0; i < len(pairs); i += 2 {
		text += "--" + storyParts + "\r\nContent-Disposition: form-data; name=\"" + pairs[i] + "\"\r\n\r\n" + pairs[i+1] + "\r\n"
	}
	return text + "--" + storyParts + "--\r\n"
}

// importStories are the pages on which a file is read in.
func importStories() []story {
	file := parts("{}", "naam", "Ziekenhuis Zuid", "soort", "hospital", "versie", "r4")
	return []story{
		{name: "import", path: importPath},
		{name: "import-unnamed", method: "POST", path: importPath, form: parts("{}", "naam", "", "soort", "hospital", "versie", "stu3")},
		{name: "import-unread", method: "POST", path: importPath, form: file, desk: func(d *storyDesk) {
			d.imported.fault = &Refused{Reason: RefuseFile}
		}},
		{name: "imported", method: "POST", path: importPath, form: file, desk: func(d *storyDesk) {
			d.imported.in = ReadIn{New: 12, Changed: 1, Same: 3, Unread: 2, Masked: 1}
		}},
		{name: "imported-again", method: "POST", path: importPath, form: file, desk: func(d *storyDesk) { d.imported.in = ReadIn{Same: 16} }},
	}
}
