// Command terraform-provider-vks serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/provider"
)

// Set by the release build.
var (
	version = "dev"
	commit  = "none"
)

// logoutTimeout is what the CLI leaves a plugin between asking it to stop and killing it, less a margin.
const logoutTimeout = 1500 * time.Millisecond

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how to attach the CLI")
	show := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *show {
		fmt.Printf("terraform-provider-vks %s (%s)\n", version, commit)
		return nil
	}
	opened := &clients.Opened{}
	err := providerserver.Serve(ctx, provider.New(version, opened), providerserver.ServeOpts{
		Address: "registry.terraform.io/vksops/vks",
		Debug:   *debug,
	})
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTimeout)
	defer cancel()
	if closeErr := opened.Close(closing); err == nil && closeErr != nil {
		fmt.Fprintln(os.Stderr, "log out:", closeErr)
	}
	return err
}
