package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bundel-pgo/bundel/store/keyring"
	"github.com/bundel-pgo/bundel/web/desk"
)

// drawer is a keyring in a folder, so that the programs of one script share it.
// A file "locked" in it is a keyring that its owner does not unlock.
type drawer string

// drawerOf is the keyring of a script; none when it has no folder for it.
func drawerOf(folder string) desk.Keyring {
	if folder == "" {
		return nil
	}
	return drawer(folder)
}

func (d drawer) path(account string) (string, error) {
	if _, err := os.Stat(filepath.Join(string(d), "locked")); err == nil {
		return "", keyring.ErrUnavailable
	}
	return filepath.Join(string(d), account), nil
}

func (d drawer) Get(_ context.Context, account string) ([]byte, error) {
	path, err := d.path(account)
	if err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrNone
	}
	return secret, err
}

func (d drawer) Set(_ context.Context, account string, secret []byte) error {
	path, err := d.path(account)
	if err != nil {
		return err
	}
	return os.WriteFile(path, secret, 0o600)
}

func (d drawer) Delete(_ context.Context, account string) error {
	path, err := d.path(account)
	if err == nil {
		err = os.Remove(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrNone
	}
	return err
}
