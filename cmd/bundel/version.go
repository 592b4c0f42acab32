package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is that of the release; a build from source has the commit.
const version = "0.1.0"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Args: a.noArgs,
		Short: a.t("Toon versie, commit, Go en modules", "Show version, commit, Go and modules"),
		RunE:  func(*cobra.Command, []string) error { return a.runVersion() },
	}
}

func (a *app) runVersion() error {
	out := map[string]any{"version": version}
	modules := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		out["go"] = info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				out["commit"] = s.Value
			}
		}
		for _, m := range info.Deps {
			modules[m.Path] = m.Version
		}
	}
	if a.json {
		out["modules"] = modules
		return a.printJSON(out)
	}
	fmt.Fprintf(a.Stdout, "bundel %s\n", version)
	for _, key := range [...]string{"commit", "go"} {
		if out[key] != nil {
			fmt.Fprintf(a.Stdout, "%s %s\n", key, out[key])
		}
	}
	t := a.table("module", "version")
	for _, path := range sortedKeys(modules) {
		t.add(path, modules[path])
	}
	t.print()
	return nil
}
