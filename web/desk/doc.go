// Package desk is where the person's vault, the MedMij client, the merge and
// the sharing choices meet: what the pages and the commands do to them, they
// do through a [Desk]. It holds no rules of its own about protocol, storage or
// merging; it only calls the packages that do, in the right order.
//
//	Search -> Begin -> (the provider's pages) -> Finish -> Collect -> Overview
//
// A Desk is safe for concurrent use. It writes nothing but to the vault.
package desk
