package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/bundel-pgo/bundel/medmij"
	"github.com/bundel-pgo/bundel/share"
	"github.com/bundel-pgo/bundel/web/desk"
)

// config is the file of --config (contract). Unknown keys are an error: a
// typing error must not silently switch something off.
type config struct {
	ClientID    string `json:"clientID"`
	RedirectURI string `json:"redirectURI"`
	Lists       struct {
		URL         string `json:"url"`
		Dir         string `json:"dir"`
		AddressBook string `json:"addressBook"`
		API         string `json:"api"`
		Cache       string `json:"cache"`
		Lenient     bool   `json:"lenient"`
		Refresh     string `json:"refresh"`
		MaxStale    string `json:"maxStale"`
	} `json:"lists"`
	TLS struct {
		ClientCert        string `json:"clientCert"`
		ClientKey         string `json:"clientKey"`
		BackchannelRoots  string `json:"backchannelRoots"`
		FrontchannelRoots string `json:"frontchannelRoots"`
	} `json:"tls"`
	Gateway struct {
		URL        string `json:"url"`
		Dialect    string `json:"dialect"`
		SearchURL  string `json:"searchURL"`
		Credential string `json:"credential"`
	} `json:"gateway"`
	// Corrections is the number of the data service for requests to correct a
	// record, which is not public.
	Corrections string `json:"corrections"`
	Share       struct {
		Relay string `json:"relay"` // address of the relay for links
	} `json:"share"`
	Dev bool `json:"dev"`
}

// readConfig reads the config file; nil without one.
func (a *app) readConfig() (*config, error) {
	if a.config == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(a.config)
	if err != nil {
		return nil, usage(a.t("het bestand van --config is niet te lezen", "the file of --config cannot be read"), "--config FILE")
	}
	var c config
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, usage(a.t("het bestand van --config klopt niet: ", "the file of --config is not right: ")+err.Error(), "README.md")
	}
	return &c, nil
}

// medmij is the part of the config file about MedMij; nil without a file, and
// for one that names a relay only.
func (a *app) medmij() (*desk.MedMij, error) {
	c, err := a.readConfig()
	if err != nil || c == nil || *c == (config{Share: c.Share}) && c.Share.Relay != "" {
		return nil, err
	}
	m, err := c.medmij()
	if err != nil {
		return nil, usage(err.Error(), "--config FILE")
	}
	return m, nil
}

// relayAddress is that of --relay, else of the config file; it may be empty.
func (a *app) relayAddress() (string, error) {
	c, err := a.readConfig()
	if err != nil {
		return "", err
	}
	address := a.relay
	if address == "" && c != nil {
		address = c.Share.Relay
	}
	if address == "" {
		return "", nil
	}
	if address, err = share.RelayAddress(address); err != nil {
		return "", usage(a.t("het adres van de relay begint met https:// en heeft hoogstens 76 tekens", "the address of the relay starts with https:// and has at most 76 characters"), "--relay https://relay.example.nl")
	}
	return address, nil
}

func (c config) medmij() (*desk.MedMij, error) {
	if c.TLS.FrontchannelRoots != "" {
		return nil, fmt.Errorf("tls.frontchannelRoots is not supported yet: only a browser visits those addresses")
	}
	creds, err := readTLS(c.TLS.ClientCert, c.TLS.ClientKey, c.TLS.BackchannelRoots)
	if err != nil {
		return nil, err
	}
	refresh, err := durationOr(c.Lists.Refresh)
	if err != nil {
		return nil, err
	}
	stale, err := durationOr(c.Lists.MaxStale)
	if err != nil {
		return nil, err
	}
	redirect := c.RedirectURI
	if redirect == "" && (c.Dev || c.Gateway.URL != "") {
		redirect = "http://127.0.0.1/oauth/callback" // replaced by the port that listens
	}
	return &desk.MedMij{
		ClientID: c.ClientID, Redirect: redirect, TLS: creds, Dev: c.Dev, Gateway: c.gateway(), Corrections: c.Corrections,
		Lists: medmij.ListsConfig{
			Dir: c.Lists.Dir, URL: c.Lists.URL, API: cmp.Or(c.Lists.API, "2"), AddressBook: c.Lists.AddressBook,
			Refresh: refresh, MaxStale: stale, TLS: creds, Cache: c.Lists.Cache, Lenient: c.Lists.Lenient,
		},
	}, nil
}

// gateway is nil for an app that has a certificate itself.
func (c config) gateway() *medmij.GatewayConfig {
	if c.Gateway.URL == "" {
		return nil
	}
	return &medmij.GatewayConfig{
		URL: c.Gateway.URL, Dialect: c.Gateway.Dialect, SearchURL: c.Gateway.SearchURL, Credential: c.Gateway.Credential,
	}
}

func durationOr(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	return time.ParseDuration(s)
}

// readTLS reads the client's certificate and the roots it trusts.
func readTLS(cert, key, roots string) (medmij.TLS, error) {
	var out medmij.TLS
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return out, fmt.Errorf("tls.clientCert and tls.clientKey are not a pair of PEM files")
		}
		out.Certificate = &pair
	}
	if roots != "" {
		raw, err := os.ReadFile(roots)
		if err != nil {
			return out, fmt.Errorf("tls.backchannelRoots cannot be read")
		}
		out.Roots = x509.NewCertPool()
		if !out.Roots.AppendCertsFromPEM(raw) {
			return out, fmt.Errorf("tls.backchannelRoots has no certificates")
		}
	}
	return out, nil
}

// storePath is --store, else $BUNDEL_STORE, else vault.bundel in the data
// folder of this system.
func (a *app) storePath() (string, error) {
	if path := cmp.Or(a.store, a.Getenv("BUNDEL_STORE")); path != "" {
		return path, nil
	}
	dir, err := a.dataFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "vault.bundel"), nil
}

func (a *app) dataFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usage(a.t("er is geen persoonlijke map gevonden", "no home folder was found"), "--store FILE")
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Bundel"), nil
	case "windows":
		return filepath.Join(cmp.Or(a.Getenv("LOCALAPPDATA"), filepath.Join(home, "AppData", "Local")), "Bundel"), nil
	}
	return filepath.Join(cmp.Or(a.Getenv("XDG_DATA_HOME"), filepath.Join(home, ".local", "share")), "bundel"), nil
}

// stateFolder is for what must survive outside the vault file. Without a
// personal folder nothing is kept: a vault on a server's disk is no person's.
func (a *app) stateFolder() string {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		dir, err := a.dataFolder()
		if err != nil {
			return ""
		}
		return dir
	}
	if dir := a.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "bundel")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "bundel")
}

// passphrase reads the file of --passphrase-file, or asks.
func (a *app) passphrase(prompt string) ([]byte, error) {
	return a.secret(a.passphrasePath(), "--passphrase-file FILE", prompt)
}

func (a *app) passphrasePath() string {
	return cmp.Or(a.passphraseFile, a.Getenv("BUNDEL_PASSPHRASE_FILE"))
}

// secret reads a file without the end of its line, or asks where none is named.
func (a *app) secret(file, flag, prompt string) ([]byte, error) {
	if file == "" {
		fmt.Fprint(a.Stderr, prompt)
		secret, err := a.ReadPassword()
		fmt.Fprintln(a.Stderr)
		return secret, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, usage(fmt.Sprintf(a.t("het bestand van %s is niet te lezen", "the file of %s cannot be read"), flag), flag)
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r")), nil
}

// newPassphrase reads a file, or asks twice.
func (a *app) newPassphrase(file, flag string) ([]byte, error) {
	first, err := a.secret(file, flag, a.t("Kies een wachtzin (12 tekens of meer): ", "Choose a passphrase (12 characters or more): "))
	if err != nil || file != "" {
		return first, err
	}
	second, err := a.secret("", flag, a.t("Nog een keer: ", "Once more: "))
	defer clear(second)
	if err == nil && !bytes.Equal(first, second) {
		err = usage(a.t("de twee wachtzinnen zijn niet gelijk", "the two passphrases differ"), a.t("probeer het nog een keer", "try again"))
	}
	return first, err
}
