package store

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/bundel-pgo/bundel/fhir"
	"github.com/bundel-pgo/bundel/store/internal/wrap"
)

// fifty makes a store of 50,000 resources, with age's own cost in its backups.
func fifty(b *testing.B) (*Store, string) {
	b.Helper()
	s, path := newStore(b)
	for i := 0; i < 50_000; i += 1000 {
		page := make([]fhir.Resource, 1000)
		for j := range page {
			page[j] = typical(i + j)
		}
		put(b, s, clinic, page...)
	}
	s.cfg.KDF.Memory = 64 << 10
	if s.cfg.work() != wrap.Work {
		b.Fatal("this is not what a backup costs")
	}
	return s, path
}

// BenchmarkBackup tells what a backup and a restore cost beside a plain copy of
// the file.
func BenchmarkBackup(b *testing.B) {
	s, path := fifty(b)
	ctx, dir := context.Background(), b.TempDir()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	var backup bytes.Buffer
	for name, run := range map[string]func() error{
		"copy of the file": func() error { return copyForBench(path, filepath.Join(dir, "copy")) },
		"snapshot":         func() error { return s.kv.(snapshotter).Snapshot(testStart, 0) },
		"backup": func() error {
			backup.Reset()
			return s.Backup(ctx, &backup, testPhrase)
		},
		"backup to a file, verified": func() error {
			to := filepath.Join(dir, "b.age")
			_ = os.Remove(to)
			_, err := s.BackupFile(ctx, to, testPhrase)
			return err
		},
		"restore": func() error {
			if backup.Len() == 0 {
				if err := s.Backup(ctx, &backup, testPhrase); err != nil {
					return err
				}
			}
			to := filepath.Join(dir, "r")
			_ = os.Remove(to)
			_, err := Restore(ctx, bytes.NewReader(backup.Bytes()), Passphrase(testPhrase), to, cheap())
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(info.Size())
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
			if name == "backup" {
				b.ReportMetric(float64(backup.Len())/float64(info.Size()), "backup/file")
				b.ReportMetric(float64(info.Size())/1e6, "MB-file")
			}
		})
	}
}

func copyForBench(from, to string) error {
	in, err := os.Open(from) // #nosec G304 -- of this test
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to) // #nosec G304 -- of this test
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
