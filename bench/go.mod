module github.com/bundel-pgo/bundel/bench

go 1.26.0

require (
	github.com/bundel-pgo/bundel v0.0.0
	github.com/klauspost/compress v1.20.3
	go.etcd.io/bbolt v1.5.0
)

require (
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/bundel-pgo/bundel => ..
