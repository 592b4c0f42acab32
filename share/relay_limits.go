package share

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits says how long each of many keys must wait. It is safe for concurrent
// use.
type limits struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	keys map[string]*rate.Limiter
}

// maxKeys bounds the memory: beyond it, strangers share one limiter.
const maxKeys = 50_000

func newLimits(perMinute, burst int) *limits {
	return &limits{every: rate.Limit(float64(perMinute) / 60), burst: burst, keys: map[string]*rate.Limiter{}}
}

// wait takes one turn of a key. A time above zero means: no, not before.
func (l *limits) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.keys[key]; !known && len(l.keys) >= maxKeys {
		key = ""
	}
	one, ok := l.keys[key]
	if !ok {
		one = rate.NewLimiter(l.every, l.burst)
		l.keys[key] = one
	}
	turn := one.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

// prune forgets keys that have all their turns again.
func (l *limits) prune(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, one := range l.keys {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
}

func tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	http.Error(w, "too many requests: try again later", http.StatusTooManyRequests)
}

// networkOf is from where a request came, as far as the relay wants to know:
// the /24 or /48. A proxy on this machine says whom it speaks for.
func networkOf(q *http.Request) string {
	from, err := netip.ParseAddrPort(q.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := from.Addr().Unmap()
	if addr.IsLoopback() {
		said := q.Header.Values("X-Forwarded-For")
		if len(said) > 0 {
			hops := strings.Split(said[len(said)-1], ",")
			if behind, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
				addr = behind.Unmap()
			}
		}
	}
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	network, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}
