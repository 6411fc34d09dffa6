// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"hustings/kit/fault"
)

func TestOwnSaysWhatIsWrongInWordsOfTheFile(t *testing.T) {
	const head = `{"election":{"id":"2026-11-03-general","name":{"en":"General"}},`
	for _, tt := range []struct{ name, body, want string }{
		{"text where a number belongs", `"contests":[{"id":"a"},{"id":"b","votesAllowed":"two"}]}`, "contests[1].votesAllowed holds text where a whole number belongs"},
		{"a number where text belongs", `"units":[{"id":7}]}`, "units[0].id holds a number where text belongs"},
		{"a list where an object belongs", `"contests":[{"id":"a","name":[]}]}`, "contests[0].name holds a list where an object belongs"},
		{"an object where a list belongs", `"contests":{}}`, "contests must be a list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read("vale.json", []byte(head+tt.body), nil)
			if fault.KindOf(err) != fault.Invalid || !strings.HasSuffix(fmt.Sprint(err), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOwnKeepsWhatItKnowsAndTellsWhatNot(t *testing.T) {
	const body = `{"election":{"id":"2026-11-03-general","name":{"en":"General"}},"colour":{"of":["ballots"]},
		"Units":[{"id":"vale","type":"county","name":"Vale","mood":"good"}],"contests":null,"derived":true}`
	res, err := Read("vale.json", []byte(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Def.Units) != 1 || res.Def.Units[0].Name != "Vale" || !res.Def.Derived || len(res.Def.Contests) != 0 {
		t.Errorf("got %+v", res.Def)
	}
	if len(res.Problems) != 1 || res.Problems[0].Args["why"] != `unknown field "colour"` {
		t.Errorf("got %+v", res.Problems)
	}
}

// TestOwnIsRefusedBeforeItFillsTheMemory reads 40 MB of tiny choices, which
// would take ten times as much, and of names in one list.
func TestOwnIsRefusedBeforeItFillsTheMemory(t *testing.T) {
	const head = `{"election":{"id":"2026-11-03-general","name":{"en":"General"}},`
	for name, body := range map[string]string{
		"choices": head + `"contests":[{"id":"a","choices":[` + strings.Repeat(`{"name":{"en":"x"}},`, 2_000_000) + `{}]}]}`,
		"texts":   head + `"styles":[{"id":"a","units":[` + strings.Repeat(`"",`, 25_000_000) + `""]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read("vale.json", []byte(body), nil)
			runtime.ReadMemStats(&after)
			if fault.KindOf(err) != fault.TooLarge || !strings.Contains(err.Error(), "MiB of memory, and the most is 640 MiB") {
				t.Errorf("got %v", err)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > uint64(2*len(body)>>20) {
				t.Errorf("%d MiB were allocated for %d MiB", used, len(body)>>20)
			}
		})
	}
}

func TestMemoryOfIsNearTheTruth(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"election":{"id":"e"},"contests":[`)
	for i := range 3000 {
		fmt.Fprintf(&b, `{"id":"k%d","name":{"en":"Contest %d"},"choices":[{"id":"a","name":{"en":"Ann"}},{"id":"b","name":{"en":"Bo"}}]},`, i, i)
	}
	body := []byte(strings.TrimSuffix(b.String(), ",") + "]}")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	def, err := decodeOwn(body, true)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept, guess := int64(after.HeapAlloc-before.HeapAlloc), memoryOf(body)
	runtime.KeepAlive(def)
	if guess < kept/2 || guess > kept*3 {
		t.Errorf("guessed %d bytes, kept %d", guess, kept)
	}
}
