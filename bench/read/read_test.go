package read

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bundel-pgo/bundel/fhir"
)

const mega = 1 << 20

// rounds is how often each reader reads each Bundle; the medians are told.
const rounds = 5

func TestReadersFindTheSameResources(t *testing.T) {
	raw, want := Bundle(mega)
	for _, r := range Readers() {
		if got, err := r.Read(raw); err != nil || got != want {
			t.Errorf("%s: %d resources, %v; want %d", r.Name, got, err, want)
		}
	}
}

// BenchmarkRead reads Bundles of 12 and 50 MB with one reader after the other,
// round by round, so that what else the machine does hits all alike. Speed is
// of CPU time, garbage collection included.
func BenchmarkRead(b *testing.B) {
	for _, size := range [...]int{12, 50} {
		b.Run(fmt.Sprintf("%dMB", size), func(b *testing.B) {
			raw, entries := Bundle(size * mega)
			costs := map[string][]cost{}
			for range max(b.N, rounds) {
				for _, r := range Readers() {
					costs[r.Name] = append(costs[r.Name], measure(b, r, raw))
				}
			}
			report(b, len(raw), entries, costs)
		})
	}
}

// cost is what one reading took.
type cost struct {
	cpu, wall time.Duration
	allocs    uint64
}

func measure(b *testing.B, r Reader, raw []byte) cost {
	b.Helper()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := cpuTime(), time.Now()
	if _, err := r.Read(raw); err != nil {
		b.Fatalf("%s: %v", r.Name, err)
	}
	c := cost{cpu: cpuTime() - cpu, wall: time.Since(wall)}
	runtime.ReadMemStats(&after)
	c.allocs = after.Mallocs - before.Mallocs
	return c
}

// cpuTime is what this process has used of all processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report prints the table of medians and gives the ratios as metrics.
func report(b *testing.B, size, entries int, costs map[string][]cost) {
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-8s %14s %10s %14s %8s\n", "reader", "MB per CPU-s", "MB/s", "allocs/resource", "x ours")
	ours := median(costs["bundel"], func(c cost) float64 { return c.cpu.Seconds() })
	for _, r := range Readers() {
		cpu := median(costs[r.Name], func(c cost) float64 { return c.cpu.Seconds() })
		wall := median(costs[r.Name], func(c cost) float64 { return c.wall.Seconds() })
		allocs := median(costs[r.Name], func(c cost) float64 { return float64(c.allocs) })
		fmt.Fprintf(&table, "%-8s %14.1f %10.1f %14.1f %8.2f\n", r.Name, mb(size)/cpu, mb(size)/wall, allocs/float64(entries), cpu/ours)
		b.ReportMetric(mb(size)/cpu, r.Name+"-MB/cpu-s")
		switch r.Name {
		case "bundel":
			b.ReportMetric(allocs/float64(entries), "allocs/resource")
		case "scan":
			b.ReportMetric(ours/cpu, "times-slower-than-scan")
		default:
			b.ReportMetric(cpu/ours, "times-faster-than-"+r.Name)
		}
	}
	b.ReportMetric(0, "ns/op") // of all rounds together: it says nothing
	b.Log(table.String())
}

func mb(n int) float64 { return float64(n) / 1e6 }

func median(costs []cost, of func(cost) float64) float64 {
	var all []float64
	for _, c := range costs {
		all = append(all, of(c))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkPeakHeap reads Bundles that are made while they are read, and so
// never in memory whole, and tells how much memory lives at most.
func BenchmarkPeakHeap(b *testing.B) {
	for _, size := range [...]int{12, 50} {
		b.Run(fmt.Sprintf("%dMB", size), func(b *testing.B) {
			for range b.N {
				live, garbage := peakHeap(b, size*mega)
				b.ReportMetric(float64(live)/1e3, "peak-live-kB")
				b.ReportMetric(float64(garbage)/1e3, "peak-with-garbage-kB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// peakHeap gives the largest heap above that at the start: what lives, and
// with what is not collected yet.
func peakHeap(tb testing.TB, size int) (live, garbage uint64) {
	tb.Helper()
	debug.FreeOSMemory()
	start := heap()
	r, w := io.Pipe()
	go func() {
		_, err := Generate(w, size)
		_ = w.CloseWithError(err) // never fails
	}()
	n := 0
	for _, err := range fhir.ReadBundle(r, fhir.R4).Entries() {
		if err != nil {
			tb.Fatal(err)
		}
		if n++; n%500 == 0 {
			garbage = max(garbage, heap()-start)
			runtime.GC()
			live = max(live, heap()-start)
		}
	}
	return live, garbage
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryIsBoundedByAPage fails when the memory grows with the Bundle.
func TestMemoryIsBoundedByAPage(t *testing.T) {
	small, _ := peakHeap(t, 4*mega)
	large, _ := peakHeap(t, 16*mega)
	if large > small+mega {
		t.Errorf("4 MB: %d bytes alive, 16 MB: %d", small, large)
	}
}
