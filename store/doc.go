// Package store keeps one person's records in one encrypted file that only they
// can read.
//
// Every version of every resource is kept exactly as it was received; what the
// person wrote is there too, from the source "self". Create makes a file and a
// recovery code, Open opens it with the passphrase or that code, Put stores what
// a [fhir.Source] gives, and Records gives it all back in order. CreateOn and
// OpenOn do the same on any [Backend].
//
// # What the store promises
//
//	somebody who takes the file learns counts,
//	  rounded sizes and the order of writing, no
//	  content, type, name, date or provider         TestPromise_FileRevealsNothing
//	a record that is moved, swapped, put back, doubled, taken out or brought
//	  from another store is noticed, on any backend TestPromise_TamperingIsNoticed,
//	                                                storetest.Run
//	a flipped bit gives the same content or an
//	  error, never other content and no crash       TestPromise_FlippedBits
//	so does a file cut short                        TestPromise_CutFile
//	a wrong passphrase and a damaged file are told
//	  apart                                         TestPromise_WrongKeyIsNotDamage
//	a forged cost is refused before it is spent     TestPromise_ForgedCostIsRefused
//	one program at a time, and which one            TestPromise_OneOpener
//	creation gives a whole store or no file, and
//	  never overwrites                              TestPromise_CreationIsWholeOrNothing
//	what was acknowledged survives a kill, and a
//	  page is there whole or not at all             TestPromise_AcknowledgedSurvivesKill
//	it survives a loss of power too, whatever part
//	  of what was not flushed is on the disk        TestPromise_PowerLossLosesNothing
//	                                                (store/internal/crash)
//	the bytes come back as they were, also large
//	  ones and ones that cannot be read             TestPromise_BytesAsReceived
//	a source that holds an id twice keeps both, and
//	  equal bytes write nothing                     TestPromise_SameIDTwiceKeepsBoth,
//	                                                TestPromise_UnchangedWritesNoRecord
//	what was stored at a moment can be asked for    TestRecordsAtIsThePast
//	nothing is called gone on a guess               TestGone, TestNotGone
//	no resource with a BSN is written               TestPromise_NoBSN
//	the log cannot be edited unseen, also after its
//	  beginning was dropped                         TestPromise_LogCannotBeEdited,
//	                                                TestForgetLogKeepsTheProof
//	of what is forgotten no byte is left in the
//	  file, nor the key it was sealed with          TestPromise_ForgetErases
//	with the first pages and all branches destroyed
//	  every record comes back, and nothing that was
//	  forgotten                                     TestPromise_SalvageBringsBackAll
//	a locked store takes in pages, which then are as
//	  if they had been collected here               TestPromise_LockedStoreTakesIn
//	what waits cannot be forged, changed, moved or
//	  put back without being told, and what was not
//	  touched comes in                              TestPromise_InboxCannotBeForged,
//	                                                storetest.Run
//	each page that waits is stored once, also when
//	  the power is cut                              TestPromise_ReceivedOnce
//	no BSN comes in through the inbox either        TestPromise_NoBSNFromTheInbox
//	what is under way brings back nothing that was
//	  forgotten                                     TestKeepWhile
//	stores of earlier formats can be read           TestPromise_OldStoresCanBeRead
//	secrets and content do not print                TestPromise_SecretsDoNotPrint
//	after Close nothing can be read                 TestPromise_ClosedMeansClosed
//
// It does not promise: that an older copy of the whole file is noticed (see
// below); that the last pages in the inbox cannot be taken away before they are
// received; that what came through it is true (see [InboxKey]); that a salvage
// brings back what waits in it; that what is dropped leaves no sealed trace in the file before it is
// made anew; that forgetting reaches back-ups, snapshots of a file system or
// cells that a disk set aside; protection from a program that runs as the same
// user while the store is open; that no key stays behind in the memory of Go's
// own ciphers or in swap.
//
// # The file
//
// A bbolt file with a plain header (bucket h: identity, and a key slot for the
// passphrase and for the recovery code), a key table (k), a sealed head (s) and
// one bucket of 8 random bytes per compartment. A compartment is a source, the
// list of what a source holds, or one sort of internal record: tokens, settings,
// receipts, log. Each has a random data key. Resources are in chunks of about 32
// (docs/adr/0009-sealed-chunks.md), everything else in records of its own. A
// record's name is hidden by HMAC-SHA256, its content is compressed with zstd,
// padded (Padmé) and sealed with AES-256-GCM, bound to the store, the bucket and
// the name. The head counts every compartment and holds a keyed multiset hash of
// it. Where somebody asked for its key there is an inbox (i): messages sealed by
// HPKE to a key of the store, each with a MAC. The format leaves room for what is
// not there yet: zstd with a dictionary (codec 2), and other ciphers.
//
// One broken first page of the two is an error too: bbolt would go back one
// transaction without a word. [Salvage] then says what is left. Beside an open
// store lies a file with the number of the process, and while it is made anew the
// file to be.
//
// # Cost
//
// Open takes what the passphrase was made to cost (about 0.75 s) and half a
// millisecond, whatever the size of the file. The first call that needs records
// reads the lists of them for the index in memory: about 1 µs and 200 bytes per
// version. The first write looks at every page of the file once. A collection in
// which nothing changed writes its receipt, and takes 2 µs per resource.
//
// # Not there yet
//
// The anchor that notices an older copy of the whole file, change of passphrase,
// backup, more kinds of key slots (keyring, hardware), a list of common
// passphrases, locked memory for keys, and replacing a worn data key.
package store
