package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/bundel-pgo/bundel/share"
)

// giveTable gives rows as a file to keep, with a semicolon between columns and a
// mark at the beginning: so a spreadsheet in Dutch opens it as it is.
func giveTable(w http.ResponseWriter, name string, rows [][]string) (content, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	table := csv.NewWriter(&out)
	table.Comma, table.UseCRLF = ';', true
	for _, cells := range rows {
		for i := range cells {
			cells[i] = share.HarmlessCell(strings.ReplaceAll(clean(cells[i]), nbsp, " "))
		}
	}
	if err := table.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("web: write a table: %w", err)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, _ = w.Write(out.Bytes())
	return nil, nil
}
