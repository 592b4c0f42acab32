// Package seal is the layer between a store's records and the file: it names,
// packs, seals and counts them (security-store.md 1.3 and 1.4). What is below it
// sees random bucket names, 16-byte keys and sealed values only.
package seal

// KV is what keeps the bytes of one store: buckets of values, changed all
// together or not at all. It must be safe for concurrent use.
//
// Transactions are short and take no context: a KV that talks to a server bounds
// each by a time of its own. They hold few values, each of at most 1 MB.
//
// It sees nothing readable, and need not be trusted with more than keeping what
// it was given: a value that is changed, moved, put back or lost is noticed
// above it.
type KV interface {
	// View runs fn on one moment of the buckets, which no Update changes while
	// it runs, and gives its error back. It may run at once with an Update.
	View(fn func(KVTx) error) error
	// Update runs fn once, alone among all Updates, also of other processes, and
	// keeps all it did or, when fn gives an error, nothing; that error comes
	// back. When Update returns nil the change outlives a loss of power. After
	// another error it is unknown whether the change was kept.
	Update(fn func(KVTx) error) error
	// Close ends the use. It is called once, when no transaction runs.
	Close() error
}

// KVTx is one transaction of a [KV], for one goroutine. An error of any method
// ends the transaction.
type KVTx interface {
	// Bucket gives a bucket, nil when there is none of that name.
	Bucket(name []byte) (Bucket, error)
	// Create makes an empty bucket; one of that name is an error.
	Create(name []byte) (Bucket, error)
	// Drop takes a bucket away with all that is in it; none is an error.
	Drop(name []byte) error
	// Names gives the names of all buckets, sorted.
	Names() ([][]byte, error)
}

// Bucket holds values by key; names, keys and values are any bytes, none of
// them empty. What it gives is valid until the transaction ends and is not
// modified; what it is given is not modified until then either.
type Bucket interface {
	// Get gives the value, nil when there is none.
	Get(key []byte) ([]byte, error)
	// Put sets the value, over an older one.
	Put(key, value []byte) error
	// Delete takes a value away; none is no error.
	Delete(key []byte) error
	// ForEach gives all values, sorted by key, until fn gives an error, which
	// comes back. fn does not change the bucket.
	ForEach(fn func(key, value []byte) error) error
}

// The buckets that are not compartments; the inbox has one more (inbox.go).
var (
	bucketHeader = []byte("h")
	bucketKeys   = []byte("k")
	bucketHead   = []byte("s")
	keyHeader    = []byte("header")
	keyHead      = []byte("head")
)
