// Package store keeps one person's records in one encrypted file that only they
// can read.
//
// Every version of every resource is kept exactly as it was received; what the
// person wrote is there too, from the source "self". Create makes a file and a
// recovery code, Open opens it with the passphrase or that code, Put stores what
// a [fhir.Source] gives, and Records gives it all back in order.
//
// # What the store promises
//
//	somebody who takes the file learns counts and rounded sizes, no content,
//	  type, name, date or provider                  TestPromise_FileRevealsNothing
//	a record that is moved, swapped, put back, doubled, taken out or brought
//	  from another store is noticed                 TestPromise_TamperingIsNoticed
//	a flipped bit gives the same content or an
//	  error, never other content and no crash       TestPromise_FlippedBits
//	so does a file cut short                        TestPromise_CutFile
//	a wrong passphrase and a damaged file are told
//	  apart                                         TestPromise_WrongKeyIsNotDamage
//	a forged cost is refused before it is spent     TestPromise_ForgedCostIsRefused
//	one program at a time                           TestPromise_OneOpener
//	creation gives a whole store or no file, and
//	  never overwrites                              TestPromise_CreationIsWholeOrNothing
//	what was acknowledged survives a kill, and a
//	  page is there whole or not at all             TestPromise_AcknowledgedSurvivesKill
//	the bytes come back as they were, also large
//	  ones and ones that cannot be read             TestPromise_BytesAsReceived
//	a source that holds an id twice keeps both, and
//	  equal bytes write nothing                     TestPromise_SameIDTwiceKeepsBoth
//	no resource with a BSN is written               TestPromise_NoBSN
//	the log cannot be edited unseen                 TestPromise_LogCannotBeEdited
//	secrets and content do not print                TestPromise_SecretsDoNotPrint
//	after Close nothing can be read                 TestPromise_ClosedMeansClosed
//
// It does not promise: that an older copy of the whole file is noticed (see
// below); that what is dropped leaves no sealed trace in the file; protection
// from a program that runs as the same user while the store is open; that no
// key stays behind in the memory of Go's own ciphers or in swap.
//
// # The file
//
// A bbolt file with a plain header (bucket h: identity, and a key slot for the
// passphrase and for the recovery code), a key table (k), a sealed head (s) and
// one bucket of 8 random bytes per compartment. A compartment is a source, or
// one sort of internal record: tokens, settings, receipts, log. Each has a
// random data key. A record's name is hidden by HMAC-SHA256, its content is
// compressed with zstd, padded (Padmé) and sealed with AES-256-GCM, bound to the
// store, the bucket and the name. The head counts every compartment and holds a
// keyed multiset hash of it. The format leaves room for what is not there yet:
// zstd with a dictionary (codec 2), other ciphers, index records (kind 2),
// several resources in one record (kind 5), the inbox (bucket i).
//
// One broken first page of the two is an error too: bbolt would go back one
// transaction without a word.
//
// # Cost
//
// Open takes what the passphrase was made to cost (about 0.75 s) and one reading
// of the file's pages. The first call that needs records opens all of them once
// for the index in memory: about 10 µs and 200 bytes per version.
//
// # Not there yet
//
// The anchor that notices an older copy of the whole file, forgetting with
// compaction, change of passphrase, backup, salvage of a damaged file, the inbox
// for records that arrive while the store is locked, more kinds of key slots
// (keyring, hardware), the compression dictionary, a list of common passphrases,
// locked memory for keys, and replacing a worn data key.
package store
