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
//	  rounded sizes, the order of writing and what
//	  kinds of key open it, no content, type, name,
//	  date or provider                              TestPromise_FileRevealsNothing
//	what is kept of it elsewhere has a name that
//	  tells stores apart and nothing else           TestPromise_NamesElsewhereTellNothing
//	a record that is moved, swapped, put back, doubled, taken out or brought
//	  from another store is noticed, on any backend TestPromise_TamperingIsNoticed,
//	                                                storetest.Run
//	an older copy of the whole file is noticed where
//	  the newer one was open before                 TestPromise_OlderCopyIsNoticed
//	so is a file that lacks what was written here,
//	  also when somebody went on with it elsewhere  TestPromise_ForkIsNoticed
//	a flipped bit gives the same content or an
//	  error, never other content and no crash       TestPromise_FlippedBits
//	so does a file cut short                        TestPromise_CutFile
//	a wrong passphrase and a damaged file are told
//	  apart                                         TestPromise_WrongKeyIsNotDamage
//	a forged cost is refused before it is spent     TestPromise_ForgedCostIsRefused
//	after a change of passphrase the old one opens
//	  nothing in the file, after a rotation neither
//	  does the old code or the old vault key        TestPromise_OldPassphraseIsGone,
//	                                                TestPromise_RotationLeavesNothingOld
//	every kind of key opens its own slot, until it
//	  is taken away                                 TestPromise_EveryKeyOpensItsOwnSlot
//	a passphrase and a recovery code always stay    TestPromise_AWayInAlwaysStays
//	after five wrong keys each costs a wait, never
//	  more than an hour, also across programs; a
//	  device, whose bytes nobody guesses, has none  TestPromise_WrongKeysCostTime,
//	                                                TestADeviceDoesNotWait
//	a passphrase that is tried first is refused     TestPromise_WeakPassphrasesAreRefused
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
//	a broken first page, or a last write that the
//	  disk lost, costs no more than that write      TestPromise_RevertLosesOneWrite
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
//	a backup opens with the age tool and brings
//	  back all, from any backend                    TestPromise_BackupBringsBackAll,
//	                                                TestBackupOpensWithAge
//	a backup that was cut or changed is noticed,
//	  and nothing is left of it                     TestPromise_DamagedBackupIsNoticed
//	no backup is removed that this store did not
//	  make, and never the newest                    TestExpiredLaws, TestBackupFolder
//	a snapshot keeps nothing that was forgotten     TestPromise_SnapshotKeepsNothingForgotten
//	with no room left there is the old state or the
//	  new one, and nothing half                     TestPromise_FullDiskLosesNothing
//	so it is after a failure of any operation of
//	  any backend                                   TestPromise_FailedWriteIsOldOrNew
//	opening reads as much whatever is in the store  TestPromise_OpenDoesNotGrow
//	stores of earlier formats can be read           TestPromise_OldStoresCanBeRead
//	secrets and content do not print                TestPromise_SecretsDoNotPrint
//	after Close nothing can be read                 TestPromise_ClosedMeansClosed
//
// It does not promise: that an older copy of the file is noticed where the anchor
// was put back with it, or never was; that the last pages in the inbox cannot be
// taken away before they are received, that what came through it is true (see
// [InboxKey]), or that a salvage brings back what waits in it; that what is
// dropped leaves no sealed trace in the file before it is made anew; that a new
// passphrase reaches older copies of the file; that wrong keys are counted where
// Config.State is empty, or is emptied; that forgetting reaches back-ups,
// snapshots of a file system or cells that a disk set aside; protection from a
// program that runs as the same user while the store is open, or at any time once
// the keyring of the system opens it (package keyring); that no key stays behind in
// the memory of Go's own ciphers, or reaches swap where the system refuses to lock
// memory (the log says so).
//
// # The file
//
// A bbolt file with a plain header (bucket h: identity, and a key slot for every
// way in: a passphrase, the recovery code, a device, both a passphrase and a device,
// an age recipient), a key table (k), a sealed head (s) and one bucket of 8 random
// bytes per compartment. A compartment is a source, the list of what a source
// holds, or one sort of internal record: tokens, logins, settings, receipts, log.
// Each has a random data key. Resources are in chunks of about 32
// (docs/adr/0009-sealed-chunks.md), everything else in records of its own. A
// record's name is hidden by HMAC-SHA256, its content is compressed with zstd,
// padded (Padmé) and sealed with AES-256-GCM, bound to the store, the bucket and
// the name. The head counts every compartment and holds a keyed multiset hash of
// it. Where somebody asked for its key there is an inbox (i): messages sealed by
// HPKE to a key of the store, each with a MAC. The format leaves room for what is
// not there yet: zstd with a dictionary (codec 2), and other ciphers.
//
// One broken first page of the two is an error too: bbolt would go back one
// transaction without a word. [Revert] does that on a copy and says so, [Salvage]
// says what is left when that does not help. Beside an open store lies a file with
// the number of the process, and while it is made anew the file to be; with
// [Config.Snapshots] also an earlier copy of it (".1").
//
// There is no mark for a store that was not closed. A commit is on the disk before
// it is acknowledged, whatever is read is proved then, and the first write looks
// at every page; so after a loss of power there is nothing that a check of all
// records would find sooner than their use does, and the mark would be two more
// writes.
//
// # The anchor
//
// With [Config.State] (or an [Anchor] of one's own) the store is compared with
// what was last seen of it here: the number of its last commit, the hash of its
// head, and the last commit that this machine made itself. That is sealed with a
// key of the store, follows every 16 commits, after a Put that stored something
// and at Close, and is compared when the keys are there. A file that is ahead is
// well: a crash comes before the anchor follows, and another machine may have
// written. A file that is behind, or that lacks what this machine wrote, gives
// *[RolledBackError]; [Config.AcceptOlder] opens it, and the log says so.
//
// An anchor that is not there, or does not open, keeps nobody out: whoever can
// spoil it can take it away. [Store.Notices] and the log say that there was none.
// So it is as good as the distance between the two places: who reaches both puts
// both back unseen, and who stops the program the hard way takes at most 15
// commits. Up to 16 machines that write to one file are told apart.
//
// # Cost
//
// Open takes what the passphrase was made to cost (about 0.75 s; the other keys
// cost nothing) and half a millisecond, whatever the size of the file. The first call that needs records
// reads the lists of them for the index in memory: about 1 µs and 200 bytes per
// version. The first write looks at every page of the file once. A collection in
// which nothing changed writes its receipt, and takes 2 µs per resource.
//
// # Not there yet
//
// New data keys for what is there: a worn one is refused (ErrWorn), and who kept the
// data keys of today reads what is stored under them in a later copy too.
package store
