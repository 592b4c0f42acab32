//go:build !race

package desk_test

import "time"

const (
	casesOfARow = 1 << 10
	patience    = 4 * time.Second
)
