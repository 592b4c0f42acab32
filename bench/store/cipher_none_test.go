//go:build !sqlcipher

package store_test

// more has SQLCipher when it is built with -tags sqlcipher.
func more() []contender { return nil }
