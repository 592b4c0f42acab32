//go:build !unix

package disk

// OthersMayChange is not known here: the rights of a folder are lists.
func OthersMayChange(string) bool { return false }

// OfAnother is not known here either.
func OfAnother(string) bool { return false }
