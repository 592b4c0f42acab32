package medmij

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// scopeFor writes the scope in the dialect of the provider (3.3).
func scopeFor(conn Connection, purpose Direction, services []string) string {
	name := bareName(conn.Provider)
	if purpose == Collect && conn.Dialect == Dialect2 {
		return name
	}
	items := make([]string, len(services))
	for i, id := range services {
		items[i] = name + "~" + id
	}
	return strings.Join(items, " ")
}

var (
	scopeID   = regexp.MustCompile(`^\d{1,30}$`)
	scopeName = regexp.MustCompile(`^(.+)~(\d{1,30})$`)
)

// grantedServices reads the scope of a token answer: numbers, names with
// numbers, or nothing, which means what was asked. Only what was asked counts.
func grantedServices(l Login, token *oauth2.Token) []string {
	scope, _ := token.Extra("scope").(string)
	items := strings.Fields(scope)
	name := bareName(l.Connection.Provider)
	if len(items) == 0 || slices.Contains(items, name) {
		return l.Services
	}
	var granted []string
	for _, item := range items {
		id := item
		if m := scopeName.FindStringSubmatch(item); m != nil && bareName(m[1]) == name {
			id = m[2]
		}
		if scopeID.MatchString(id) && slices.Contains(l.Services, id) && !slices.Contains(granted, id) {
			granted = append(granted, id)
		}
	}
	return granted
}
