//go:build !windows && (!unix || aix)

package keys

import "errors"

func mapPage(int) ([]byte, bool, error) { return nil, false, errors.ErrUnsupported }

func unmapPage([]byte) {}
