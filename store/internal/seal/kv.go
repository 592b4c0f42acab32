// Package seal is the layer between a store's records and the file: it names,
// packs, seals and counts them (security-store.md 1.3 and 1.4). What is below it
// sees random bucket names, 16-byte keys and sealed values only.
package seal

// KV is the file below: buckets of small values, changed all together or not
// at all. View and Update give the function's error back.
type KV interface {
	View(func(KVTx) error) error
	Update(func(KVTx) error) error
}

// KVTx is one transaction of a [KV], for one goroutine.
type KVTx interface {
	Bucket(name []byte) Bucket // nil when there is none
	Create(name []byte) (Bucket, error)
	Names() [][]byte // of all buckets, sorted
}

// Bucket holds values by key. What it gives is valid until the transaction
// ends and must not be modified.
type Bucket interface {
	Get(key []byte) []byte // nil when there is none
	Put(key, value []byte) error
	Delete(key []byte) error
	ForEach(func(key, value []byte) error) error
}

// The buckets that are not compartments. "i" is reserved for the inbox.
var (
	bucketHeader = []byte("h")
	bucketKeys   = []byte("k")
	bucketHead   = []byte("s")
	keyHeader    = []byte("header")
	keyHead      = []byte("head")
)
