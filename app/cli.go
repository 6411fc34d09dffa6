// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hustings/kit/conf"
	"hustings/kit/fault"
	"hustings/kit/log"
	"hustings/kit/who"
)

// commands is the whole command line.
type commands struct {
	Config string `help:"Settings file (TOML)." env:"HUSTINGS_CONFIG" placeholder:"FILE"`

	Serve      serveCmd      `cmd:"" help:"Run the house: public and office doors, listeners, publishing."`
	Demo       demoCmd       `cmd:"" help:"Run a demo office with a synthetic county and play its election night."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database up to date, or say what would be done."`
	Settings   configCmd     `cmd:"" name:"config" help:"Check or print the settings."`
	Access     accessCmd     `cmd:"" help:"Roles, grants, policies: who may do what."`
	Account    accountCmd    `cmd:"" help:"Add and change staff accounts, their roles and tokens."`
	Keys       keysCmd       `cmd:"" help:"Keys: status, rotation, shares of the root key, your own keys, destruction."`
	SSO        ssoCmd        `cmd:"" name:"sso" help:"Other houses that sign people in here: single sign-on."`
	OpenID     openidCmd     `cmd:"" name:"openid" help:"Satellites: programs of the office whose people sign in here."`
	Definition definitionCmd `cmd:"" help:"Election definitions: in the house, or files alone."`
	Results    resultsCmd    `cmd:"" help:"Results: in the house, or files alone."`
	Registry   registryCmd   `cmd:"" help:"The voter registry: files alone."`
	Upkeep     upkeepCmd     `cmd:"" help:"List maintenance: programmes that keep the roll clean."`
	Extract    extractCmd    `cmd:"" help:"What leaves the roll: lists, counts, the federal survey."`
	Intake     intakeCmd     `cmd:"" help:"Applications to the roll: files of agencies, what waits."`
	Letters    lettersCmd    `cmd:"" help:"Letters: print batches, the printer's confirmations, returned mail."`
	Publish    publishCmd    `cmd:"" help:"Copy what is published to a folder or to S3."`
	Audit      auditCmd      `cmd:"" help:"The sealed record: verify it, prove entries, check receipts."`
	Ledger     ledgerCmd     `cmd:"" help:"Read the ledger of everything that happened."`
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	config   string
	command  string // which command runs, without its arguments
}

// Main runs the command line and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer, environ []string) int {
	var cmds commands
	code, exited := exitOK, false
	parser, err := kong.New(&cmds, kong.Name("hustings"),
		kong.Description("Everything an election office runs besides casting and counting votes."),
		kong.Writers(out, errOut), kong.UsageOnError(),
		kong.Exit(func(c int) { code, exited = c, true }))
	if err != nil {
		fmt.Fprintln(errOut, say(err))
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(errOut, "hustings: %v\nSee `hustings --help`.\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(&terminal{in: in, out: out, err: errOut, environ: environ, config: cmds.Config, command: parsed.Selected().Path()})
	var ended exitStatus
	switch {
	case errors.As(err, &ended):
		return int(ended)
	case err != nil:
		fmt.Fprintln(errOut, say(err))
	}
	return exitCode(err)
}

// exitStatus ends the program with a code after a command has said all itself.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func (t *terminal) settings() (Config, error) { return LoadConfig(t.config, t.environ) }

// house opens the house for a command that works in it, as the person at the
// machine.
func (t *terminal) house(ctx context.Context) (context.Context, *House, error) {
	cfg, err := t.settings()
	if err != nil {
		return ctx, nil, err
	}
	l, err := log.New(t.err, cfg.Log.Format, cmp.Or(quieter(cfg.Log.Level), "warn"))
	if err != nil {
		return ctx, nil, err
	}
	ctx = operator(ctx, cfg)
	h, err := Open(ctx, cfg, l, time.Now)
	if err == nil {
		if err = t.permitted(ctx, h); err != nil {
			h.Close()
		}
	}
	return ctx, h, err
}

// quieter keeps info lines of a serving house out of a command's output.
func quieter(level string) string {
	if level == "info" {
		return "warn"
	}
	return level
}

// operator is the person at the machine itself: whoever may run the program
// with its data folder may do what its commands do, and it is recorded so.
func operator(ctx context.Context, cfg Config) context.Context {
	return who.With(ctx, who.Person{ID: who.Operator, Name: "Operator", Jurisdiction: cfg.Office.Jurisdiction, Via: who.CLI})
}

type serveCmd struct {
	Run_ []string `name:"run" help:"Roles of this node: public, office, jobs." default:"public,office,jobs"`
}

func (c serveCmd) Run(ctx context.Context, t *terminal) error {
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	var roles []Role
	for _, r := range c.Run_ {
		switch role := Role(r); role {
		case PublicRole, OfficeRole, JobsRole:
			roles = append(roles, role)
		default:
			return fault.New(fault.Invalid, "there is no role %q; choose from public, office, jobs", r)
		}
	}
	l, err := log.New(t.err, cfg.Log.Format, cfg.Log.Level)
	if err != nil {
		return err
	}
	slog.SetDefault(l)
	if len(roles) == 1 && roles[0] == PublicRole {
		return servePublished(ctx, cfg, l)
	}
	h, err := Open(ctx, cfg, l, time.Now)
	if err != nil {
		return err
	}
	defer h.Close()
	if slices.Contains(roles, OfficeRole) {
		go h.greet(ctx, t.out)
	}
	return h.Run(ctx, roles...)
}

type migrateCmd struct {
	DryRun bool `help:"Say what would be done, and do nothing."`
}

func (c migrateCmd) Run(ctx context.Context, t *terminal) error {
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	pending, err := migrate(ctx, cfg, c.DryRun)
	if err != nil {
		return err
	}
	for _, m := range pending {
		fmt.Fprintf(t.out, "%s %s\n", m.Room, m.Name)
	}
	if len(pending) == 0 {
		fmt.Fprintln(t.out, "the database is up to date")
	}
	return nil
}

type configCmd struct {
	Check struct{} `cmd:"" help:"Check the settings file and the environment."`
	Print struct{} `cmd:"" help:"Print every setting in force."`
}

func (configCmd) Run(ctx *kong.Context, t *terminal) error {
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	if ctx.Command() == "config check" {
		fmt.Fprintln(t.out, "the settings are good")
		return nil
	}
	return conf.Print(t.out, &cfg)
}
