// Package web is the person's own pages on 127.0.0.1: server-rendered HTML
// that works without scripts, in Dutch and English.
//
// [New] makes a [Server] from a [Config]; everything behind the pages is one
// [Desk]. One page is one file here and one template in html/; every text is a
// row of words/nl.txt and words/en.txt. [Server.Storybook] shows every page in
// every state with an example person.
//
// The rules of the house are in security-store.md 3b: an exact list of Hosts,
// no request from other sites, a session in memory that ends with the vault,
// one set of headers on every answer, and no health word or provider's name in
// an address or a title. A page never says what is good or bad, never leaves
// out who says something, and never puts two medicines on one line.
//
// Not here yet: pages for acting on behalf of somebody else.
package web
