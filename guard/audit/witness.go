// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"os"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"

	"hustings/kit/fault"
)

// maxPolicy bounds a witness policy.
const maxPolicy = 1 << 20

// readPolicy reads the witnesses that are asked to countersign each checkpoint,
// in the form that the C2SP tlog-witness ecosystem shares:
//
//	witness NAME VKEY URL
//	group NAME any|all|N NAME…
//	quorum NAME
func readPolicy(path string) (*tessera.WitnessGroup, error) {
	if path == "" {
		return nil, nil
	}
	body, err := policyFile(path)
	if err != nil {
		return nil, err
	}
	group, err := tessera.NewWitnessGroupFromPolicy(body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the witness policy %s cannot be read: %s", path, err)
	}
	return &group, nil
}

func policyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the witness policy %s cannot be read: %s", path, err)
	}
	if info.Size() > maxPolicy {
		return nil, fault.New(fault.TooLarge, "the witness policy %s is larger than %d bytes", path, maxPolicy)
	}
	return os.ReadFile(path)
}

// Policy is what a reader asks of a checkpoint's witnesses.
type Policy struct {
	keys  []note.Verifier
	group tessera.WitnessGroup
}

// ReadPolicy reads a witness policy for checking, "" for none.
func ReadPolicy(path string) (*Policy, error) {
	group, err := readPolicy(path)
	if err != nil || group == nil {
		return nil, err
	}
	body, err := policyFile(path)
	if err != nil {
		return nil, err
	}
	p := &Policy{group: *group}
	for line := range strings.Lines(string(body)) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(line); len(f) == 4 && f[0] == "witness" {
			v, err := fnote.NewVerifierForCosignatureV1(f[2])
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "the witness policy %s cannot be read: %s", path, err)
			}
			p.keys = append(p.keys, v)
		}
	}
	return p, nil
}

// Verifiers are the witnesses' keys; a nil policy has none.
func (p *Policy) Verifiers() []note.Verifier {
	if p == nil {
		return nil
	}
	return p.keys
}

// Met reports whether enough witnesses have signed a checkpoint.
func (p *Policy) Met(checkpoint string) bool {
	return p == nil || p.group.Satisfied([]byte(checkpoint))
}
