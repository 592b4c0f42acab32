package store

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// ordinals is a set of small numbers.
type ordinals struct{ words []uint64 }

func (o *ordinals) add(n uint32) {
	for int(n/64) >= len(o.words) {
		o.words = append(o.words, 0)
	}
	o.words[n/64] |= 1 << (n % 64)
}

func (o *ordinals) has(n uint32) bool {
	return int(n/64) < len(o.words) && o.words[n/64]&(1<<(n%64)) != 0
}

// equal holds when both have the same numbers: words never end in zero.
func (o *ordinals) equal(p *ordinals) bool { return slices.Equal(o.words, p.words) }

// encode writes the set as runs: how many are left out, how many are in. What a
// source gives is mostly one run.
func (o *ordinals) encode() (b []byte) {
	end := uint64(len(o.words)) * 64
	at := uint64(0)
	for {
		in := o.next(at, true)
		if in >= end {
			return b
		}
		out := o.next(in, false)
		b = binary.AppendUvarint(binary.AppendUvarint(b, in-at), out-in)
		at = out
	}
}

// next is the first number from at on that is in the set, or not in it.
func (o *ordinals) next(at uint64, in bool) uint64 {
	for i := at / 64; i < uint64(len(o.words)); i++ {
		w := o.words[i]
		if !in {
			w = ^w
		}
		if i == at/64 {
			w &= ^uint64(0) << (at % 64)
		}
		if w != 0 {
			return i*64 + uint64(bits.TrailingZeros64(w)) // #nosec G115 -- below 64
		}
	}
	return uint64(len(o.words)) * 64
}

// parseOrdinals reads what encode wrote; none may be larger than most.
func parseOrdinals(b []byte, most uint32) (*ordinals, bool) {
	o := &ordinals{}
	w := wire{b: b}
	at := uint64(0)
	for len(w.b) > 0 && !w.bad {
		at += w.number(uint64(most))
		for end := at + w.number(uint64(most)); at < end && !w.bad; at++ {
			if at > uint64(most) {
				return nil, false
			}
			o.add(uint32(at)) // #nosec G115 -- checked
		}
	}
	return o, !w.bad
}
