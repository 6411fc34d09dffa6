// SPDX-License-Identifier: Apache-2.0

package eel

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shared is a file of the public data set beside the repository.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../../shared/data/nist-eel", name))
	if err != nil {
		t.Skipf("the public data set is not here: %v", err)
	}
	return body
}

var sample = Log{
	Details: "two devices", ElectionID: "2026-11-03-general", Generated: time.Date(2026, 11, 4, 4, 10, 0, 0, time.UTC),
	Devices: []Device{
		{ID: "EMS-1", Type: "ems", Manufacturer: "Vale", Model: "one & <two>", Version: "1", HashType: "sha-256", Events: []Event{
			{ID: "signed-in", Sequence: "1", At: time.Date(2026, 11, 3, 10, 0, 0, 123456000, time.UTC), Type: "user-action", Disposition: Success, UserID: "ann", Hash: "00ff"},
			{ID: "odd", Sequence: "2", At: time.Date(2026, 11, 3, 10, 0, 1, 0, time.UTC), Type: "x", Disposition: Other, OtherDisposition: "perhaps",
				Description: "a \"quoted\" line\nand another", Details: "ñ", Severity: "info"},
		}},
		{ID: "PB-7", Type: Other, OtherType: "toaster", Details: "no events"},
	},
}

func TestWhatIsWrittenIsValidAndReadAgain(t *testing.T) {
	for _, form := range []Form{XML, JSON} {
		t.Run(string(form), func(t *testing.T) {
			var out bytes.Buffer
			if err := Write(&out, form, sample); err != nil {
				t.Fatal(err)
			}
			valid(t, form, out.Bytes())
			l, problems, err := Read(&out)
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			if diff := cmp.Diff(sample, l); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// valid asks the official schema, where it is here.
func valid(t *testing.T, form Form, body []byte) {
	t.Helper()
	if form == JSON {
		if err := schema(t).Validate(decode(t, body)); err != nil {
			t.Errorf("the schema refuses it: %v\n%s", err, body)
		}
		return
	}
	shared(t, "NIST_V1_election_event_logging.xsd")
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not here")
	}
	cmd := exec.Command(lint, "--noout", "--nonet", "--schema", "../../../shared/data/nist-eel/NIST_V1_election_event_logging.xsd", "-")
	cmd.Stdin = bytes.NewReader(body)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the schema refuses it: %s\n%s", out, body)
	}
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("eel.json", decode(t, shared(t, "NIST_V1_election_event_logging.json"))); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("eel.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t testing.TB, body []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOthersLogsAreRead(t *testing.T) {
	l, problems, err := Read(bytes.NewReader(shared(t, "sample-log.json")))
	if err != nil || len(problems) > 0 || len(l.Devices) != 3 {
		t.Fatalf("got %d devices, %v, %v", len(l.Devices), problems, err)
	}
	var bad []struct {
		Name string
		Log  json.RawMessage
	}
	if err := json.Unmarshal(shared(t, "invalid-logs.json"), &bad); err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		_, problems, err := Read(bytes.NewReader(b.Log))
		if err == nil && len(problems) == 0 {
			t.Errorf("%s: nothing was found wrong with it", b.Name)
		}
		t.Logf("%s: %v %v", b.Name, problems, err)
	}
}

func TestReadSaysWhatDoesNotFit(t *testing.T) {
	head := `{"@type":"EventLogging.ElectionEventLog","GeneratedTime":"2026-11-04T04:10:00Z"`
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "empty"},
		{"something else", "hello", "neither as XML nor as JSON"},
		{"another XML", "<html></html>", `its root is "html"`},
		{"torn JSON", head, "cannot be read at byte"},
		{"torn XML", "<ElectionEventLog>", "cannot be read at line 1"},
		{"two documents", head + "}{}", "something follows its end"},
		{"too deep", head + `,"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}", "nested deeper"},
		{"no time", `{"@type":"EventLogging.ElectionEventLog"}`, "GeneratedTime: it is missing"},
		{"an odd time", `{"@type":"EventLogging.ElectionEventLog","GeneratedTime":"noon"}`, `GeneratedTime: "noon" is no time`},
		{"no type", `{"GeneratedTime":"2026-11-04T04:10:00Z"}`, "@type: it is missing"},
		{"a number for a text", head + `,"ElectionId":5}`, "ElectionId: it should be a text, in quotes"},
		{"an object for a text", head + `,"ElectionId":{"a":[1,{}]}}`, "ElectionId: it should be a text"},
		{"null", head + `,"ElectionId":null}`, "ElectionId: it is null"},
		{"a text for a list", head + `,"Device":"x"}`, "Device: it should be a list"},
		{"a text for a device", head + `,"Device":["x"]}`, "Device[0]: it should be an object"},
		{"a field of nobody's", head + `,"Colour":"red"}`, "Colour: there is no such field"},
		{"an odd disposition", head + `,"Device":[{"@type":"EventLogging.Device","Id":"d","Event":[{"@type":"EventLogging.Event","Id":"a","Sequence":"1","TimeStamp":"2026-11-04T04:10:00Z","Type":"t","Disposition":"maybe"}]}]}`,
			`Device[0].Event[0].Disposition: "maybe" is none of`},
		{"an odd device", head + `,"Device":[{"@type":"EventLogging.Device","Id":"d","Type":"toaster"}]}`, `Device[0].Type: "toaster" is none of`},
		{"another namespace", `<ElectionEventLog><GeneratedTime>2026-11-04T04:10:00</GeneratedTime></ElectionEventLog>`, "its namespace is"},
		{"an element of nobody's", `<ElectionEventLog xmlns="` + Namespace + `"><Colour>red</Colour></ElectionEventLog>`, "Colour: there is no such field"},
	} {
		_, problems, err := Read(strings.NewReader(tt.body))
		said := ""
		for _, p := range problems {
			said += p.String() + "\n"
		}
		if err != nil {
			said += err.Error()
		}
		if !strings.Contains(said, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, said, tt.want)
		}
	}
}

func TestWriteRefusesWhatTheSchemaWould(t *testing.T) {
	at := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		log  Log
		want string
	}{
		{"no time", Log{}, "GeneratedTime"},
		{"a device without an id", Log{Generated: at, Devices: []Device{{}}}, "Device[0].Id"},
		{"an event without a type", Log{Generated: at, Devices: []Device{{ID: "d", Events: []Event{{ID: "x", Sequence: "1", At: at, Disposition: NA}}}}}, "Device[0].Event[0].Type"},
	} {
		var out bytes.Buffer
		if err := Write(&out, JSON, tt.log); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if err := Write(&bytes.Buffer{}, "yaml", Log{Generated: at}); err == nil {
		t.Error("a third form was written")
	}
	if err := NewWriter(&bytes.Buffer{}, XML).Event(Event{}); err == nil {
		t.Error("an event was written before its device")
	}
}

// What is read without a problem is written and read again as the same.
func FuzzRead(f *testing.F) {
	for _, form := range []Form{XML, JSON} {
		var out bytes.Buffer
		if err := Write(&out, form, sample); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Add([]byte(`<ElectionEventLog xmlns="` + Namespace + `"><Device><Event></Event></Device></ElectionEventLog>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l, problems, err := Read(bytes.NewReader(body))
		if err != nil || len(problems) > 0 {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, JSON, l); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, problems, err := Read(&out)
		if err != nil || len(problems) > 0 {
			t.Fatalf("what was written cannot be read: %v, %v", problems, err)
		}
		if len(again.Devices) != len(l.Devices) {
			t.Fatalf("%d devices became %d", len(l.Devices), len(again.Devices))
		}
	})
}

// A log of any length takes little memory.
func BenchmarkWrite(b *testing.B) {
	e := sample.Devices[0].Events[0]
	w := NewWriter(&discard{}, JSON)
	if err := w.Begin(sample); err != nil {
		b.Fatal(err)
	}
	if err := w.Device(Device{ID: "EMS-1"}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Event(e); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
