//go:build sqlcipher

package store_test

import (
	"net/url"

	_ "github.com/mutecomm/go-sqlcipher/v4"

	"github.com/bundel-pgo/bundel/fhir"
)

// more has SQLCipher: go test -tags sqlcipher. It needs a C compiler.
func more() []contender {
	return []contender{{"sqlcipher", func(path string, all []fhir.Resource, batch int) error {
		key := "?_pragma_key=" + url.QueryEscape(string(phrase)) + "&_pragma_cipher_page_size=4096"
		return importSQL("sqlite3", path+key, all, batch)
	}}}
}
