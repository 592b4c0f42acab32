//go:build !linux

package main

// harden: only Linux has what this program does here.
func harden() {}
