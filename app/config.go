// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hustings/guard/audit"
	"hustings/guard/keys/root"
	"hustings/kit/conf"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/results/check"
)

// Config is every setting of the house. Its zero value, put through Defaults,
// runs a small county on one machine.
type Config struct {
	Office struct {
		Name         string   `toml:"name" doc:"the office's name, as pages show it"`
		Jurisdiction string   `toml:"jurisdiction" doc:"OCD division id of the office, lower case"`
		Address      []string `toml:"address" doc:"postal address in lines, as it stands on letters and on the cards that come back"`
		Phone        string   `toml:"phone" doc:"telephone for voters and press"`
		Email        string   `toml:"email" doc:"e-mail for voters and press"`
		URL          string   `toml:"url" doc:"the office's own site"`
		TimeZone     string   `toml:"time_zone" doc:"where the office's days end, such as America/New_York; empty: UTC"`
	} `toml:"office"`
	Data struct {
		Folder    string `toml:"folder" doc:"where everything is kept that is not said to be elsewhere"`
		Database  string `toml:"database" doc:"sqlite:PATH or postgres://…; empty: a SQLite file in the folder" hide:"password"`
		URLFile   string `toml:"database_file" doc:"path of a file that holds the database URL, for one with a password"`
		Published string `toml:"published" doc:"folder of what the public reads; empty: in the folder"`
		Blobs     string `toml:"blobs" doc:"folder of files that came in; empty: in the folder"`

		url hide.String // what URLFile holds
	} `toml:"data"`
	Doors struct {
		Public    string        `toml:"public" doc:"address of the public door"`
		Office    string        `toml:"office" doc:"address of the office door"`
		PublicURL string        `toml:"public_url" doc:"where the public finds it, with https:// and a final slash"`
		OfficeURL string        `toml:"office_url" doc:"where staff find the office door, with https:// and a final slash; passkeys belong to its host, and single sign-on comes back to it; empty: as the browser says, and no single sign-on"`
		HTTPS     bool          `toml:"https" doc:"the doors are reached over https (certificate at a proxy in front)"`
		Proxies   []string      `toml:"proxies" doc:"addresses or networks of proxies whose X-Forwarded-For is believed"`
		Rate      float64       `toml:"rate" doc:"requests a second from one address at each door; 0: no limit. published files that one of the proxies asks for are as a rule not counted, for the proxy has a limit of its own"`
		Burst     int           `toml:"burst" doc:"requests that one address may make at once at each door"`
		Idle      conf.Duration `toml:"idle" doc:"a session ends after this long without a request"`
		Longest   conf.Duration `toml:"longest" doc:"a session ends after this long in any case"`
		Listeners int           `toml:"listeners" doc:"desks, and press keys, that may keep a stream open"`
	} `toml:"doors"`
	SignIn struct {
		PasswordAlone bool          `toml:"password_alone" doc:"people may sign in with a password of 15 letters alone, without an authenticator app"`
		Shortest      int           `toml:"shortest" doc:"the least letters of a password; 8 beside a second factor and 15 alone hold in any case"`
		Dormant       conf.Duration `toml:"dormant" doc:"an account that is not used for this long sleeps until an administrator wakes it"`
		Rehearsal     bool          `toml:"rehearsal" doc:"demos and rehearsals only: a password alone opens every door and is never asked for again"`
	} `toml:"sign_in"`
	Keys struct {
		Root   string        `toml:"root" doc:"where the root key is: file:PATH, kms:https://HOST/MOUNT/KEY or pkcs11:MODULE?token=LABEL&key=LABEL; empty: a file in the folder, which belongs elsewhere"`
		Secret string        `toml:"secret_file" doc:"path of a file with the token of the key service, or the token's PIN"`
		Rotate conf.Duration `toml:"rotate" doc:"how old data keys become before they are rotated"`
	} `toml:"keys"`
	Access struct {
		StepUp bool `toml:"step_up" doc:"ask whoever grants roles, agrees as the second person, or does anything else whose permission wants it, for a proof by two factors of the last minutes. Switch it off only while nobody has a passkey or a second factor yet; the demo does"`
	} `toml:"access"`
	Languages []string `toml:"languages" doc:"languages spoken besides English"`
	Results   struct {
		SmallUnit     int64         `toml:"small_unit" doc:"units with fewer ballots show no vote types"`
		RecountShare  string        `toml:"recount_share" doc:"margin at which the law asks for a recount, as a fraction of the votes such as 1/200; empty: none"`
		RecountVotes  int64         `toml:"recount_votes" doc:"or a margin of this many votes; 0: none"`
		RecountLaw    string        `toml:"recount_law" doc:"the law that says so, as pages cite it"`
		Update        conf.Duration `toml:"update" doc:"how often updates are announced on the night"`
		MaxFile       int64         `toml:"max_file" doc:"bytes of one result file"`
		Watch         string        `toml:"watch" doc:"folder to watch for result files: WATCH/ELECTION/SOURCE/file; empty: none"`
		PublishBefore bool          `toml:"publish_before_close" doc:"rehearsals only: publish before the last poll closes"`
		Rules         check.Rules   `toml:"rules"`
	} `toml:"results"`
	Extract  ExtractConfig  `toml:"extract"`
	Upkeep   UpkeepConfig   `toml:"upkeep"`
	Registry RegistryConfig `toml:"registry"`
	Mail     MailConfig     `toml:"mail"`
	Texts    TextsConfig    `toml:"texts"`
	Intake   IntakeConfig   `toml:"intake"`
	Audit    struct {
		Folder       string `toml:"folder" doc:"folder of the sealed log; empty: in the data folder. nodes that seal in turn share it"`
		Name         string `toml:"name" doc:"the sealed log's name in its checkpoints, which never changes; empty: after the public address, or the jurisdiction"`
		Collector    string `toml:"collector" doc:"https address that is sent a copy of every entry of the record, as lines of OCSF; empty: nobody"`
		CollectorKey string `toml:"collector_key" doc:"path of a file with the bearer token for the collector"`
		CollectorCA  string `toml:"collector_ca" doc:"path of a PEM file with the authority of the collector's certificate; empty: those that the machine trusts"`
		Witnesses    string `toml:"witnesses" doc:"path of a witness policy: who is asked to countersign each checkpoint; empty: nobody"`
	} `toml:"audit"`
	Log struct {
		Format string `toml:"format" doc:"text or json"`
		Level  string `toml:"level" doc:"debug, info, warn or error"`
	} `toml:"log"`
}

// Defaults are the settings before a file or the environment says otherwise.
func Defaults() Config {
	var c Config
	c.Office.Name = "Elections Office"
	c.Office.Jurisdiction = "ocd-division/country:us"
	c.Data.Folder = "hustings-data"
	c.Doors.Public, c.Doors.Office = "127.0.0.1:8080", "127.0.0.1:8081"
	c.Doors.Rate, c.Doors.Burst = 50, 200
	c.Doors.Idle, c.Doors.Longest = conf.Duration(30*time.Minute), conf.Duration(12*time.Hour)
	c.Doors.Listeners = 500
	c.SignIn.Dormant = conf.Duration(90 * 24 * time.Hour)
	c.Keys.Rotate = conf.Duration(365 * 24 * time.Hour)
	c.Access.StepUp = true
	c.Languages = []string{"es"}
	c.Results.SmallUnit = 10
	c.Results.Update = conf.Duration(15 * time.Minute)
	c.Results.MaxFile = 256 << 20
	c.Upkeep.Alone = 25
	c.Extract.TwoFrom, c.Extract.Keep = 1000, conf.Duration(7*24*time.Hour)
	c.Log.Format, c.Log.Level = "text", "info"
	return c
}

// LoadConfig reads the settings from a file (none if empty) and the
// environment, and checks them.
func LoadConfig(path string, environ []string) (Config, error) {
	c := Defaults()
	if err := conf.Load(&c, path, environ); err != nil {
		return c, err
	}
	if err := c.Check(); err != nil {
		return c, err
	}
	return c, c.readURL()
}

// readURL reads the file that holds the database URL, if there is one.
func (c *Config) readURL() error {
	if c.Data.URLFile == "" {
		return nil
	}
	body, err := os.ReadFile(c.Data.URLFile)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "data.database_file = %q cannot be read: %s", c.Data.URLFile, err)
	}
	text := strings.TrimSpace(string(body))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return fault.New(fault.Invalid, "data.database_file = %q: want one line in the file, the database URL", c.Data.URLFile)
	}
	c.Data.url = hide.New(text)
	return nil
}

// Check says what cannot work, naming the setting.
func (c Config) Check() error {
	for _, d := range []struct{ name, addr string }{{"doors.public", c.Doors.Public}, {"doors.office", c.Doors.Office}} {
		if _, _, err := net.SplitHostPort(d.addr); err != nil {
			return fault.New(fault.Invalid, "%s = %q: want an address such as 127.0.0.1:8080", d.name, d.addr)
		}
	}
	if !strings.HasPrefix(c.Office.Jurisdiction, "ocd-division/") || strings.ToLower(c.Office.Jurisdiction) != c.Office.Jurisdiction {
		return fault.New(fault.Invalid, "office.jurisdiction = %q: want an OCD division id in lower case, such as ocd-division/country:us/state:az/county:pima", c.Office.Jurisdiction)
	}
	if c.Upkeep.Alone < 0 {
		return fault.New(fault.Invalid, "upkeep.alone = %d is no number of voters", c.Upkeep.Alone)
	}
	if err := c.Extract.check(); err != nil {
		return err
	}
	if _, err := time.LoadLocation(c.Office.TimeZone); err != nil {
		return fault.New(fault.Invalid, "office.time_zone = %q: want the name of a time zone, such as America/New_York", c.Office.TimeZone)
	}
	for _, l := range c.Languages {
		if !slices.Contains(words.Shipped(), l) {
			return fault.New(fault.Invalid, "languages: %q is not shipped; choose from %s", l, strings.Join(words.Shipped(), ", "))
		}
	}
	if c.Data.Database != "" && c.Data.URLFile != "" {
		return fault.New(fault.Invalid, "data.database and data.database_file are both set; choose one")
	}
	if err := c.checkDoors(); err != nil {
		return err
	}
	if err := c.collector().Check(); err != nil {
		return err
	}
	_, err := fraction(c.Results.RecountShare)
	return err
}

func (c Config) checkDoors() error {
	d := c.Doors
	if u, err := url.Parse(d.PublicURL); d.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" ||
		u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(d.PublicURL, "/")) {
		return fault.New(fault.Invalid, "doors.public_url = %q: want http:// or https://, a host and a final slash, such as https://results.vale.example/", d.PublicURL)
	}
	if u, err := url.Parse(d.OfficeURL); d.OfficeURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" ||
		u.Hostname() == "" || u.Path != "/" || u.RawQuery != "" || u.Fragment != "") {
		return fault.New(fault.Invalid, "doors.office_url = %q: want http:// or https://, a host and a final slash, such as https://office.vale.example/", d.OfficeURL)
	}
	if _, err := web.Networks(d.Proxies); err != nil {
		return fault.Wrap(fault.Invalid, err, "doors.proxies: %s", err)
	}
	if !(d.Rate >= 0) || math.IsInf(d.Rate, 0) { // not a number is not from 0 up either
		return fault.New(fault.Invalid, "doors.rate = %v: want a number from 0 up", d.Rate)
	}
	if n := c.SignIn.Shortest; n < 0 || n > 64 {
		return fault.New(fault.Invalid, "sign_in.shortest = %d: want 0 to 64, so that a person can type it", n)
	}
	if d.Rate > 0 && d.Burst < 1 {
		return fault.New(fault.Invalid, "doors.burst = %d: want at least 1, or nobody is let in", d.Burst)
	}
	return nil
}

func (c Config) database() string {
	if text := c.Data.url.Reveal(); text != "" {
		return text
	}
	if c.Data.Database != "" {
		return c.Data.Database
	}
	return "sqlite:" + filepath.Join(c.Data.Folder, "hustings.db")
}

func (c Config) published() string {
	return cmp.Or(c.Data.Published, filepath.Join(c.Data.Folder, "published"))
}

// rootKey is where the root key is.
func (c Config) rootKey() root.Place {
	return root.Place{URL: cmp.Or(c.Keys.Root, "file:"+filepath.Join(c.Data.Folder, "keys", "root.key")), Secret: c.Keys.Secret}
}

// log is the folder of the sealed log, logKey the file of its signing key, and
// logName its name where none was made yet.
func (c Config) log() string { return cmp.Or(c.Audit.Folder, filepath.Join(c.Data.Folder, "log")) }

func (c Config) logKey() string { return filepath.Join(c.Data.Folder, "log.key") }

func (c Config) logName() string {
	_, address, _ := strings.Cut(c.Doors.PublicURL, "://")
	if address == "" {
		return cmp.Or(c.Audit.Name, "hustings/"+c.Office.Jurisdiction)
	}
	return cmp.Or(c.Audit.Name, address+"log")
}

// collector is who is sent a copy of every entry.
func (c Config) collector() audit.Collector {
	return audit.Collector{URL: c.Audit.Collector, Key: c.Audit.CollectorKey, CA: c.Audit.CollectorCA}
}

func (c Config) blobs() string { return cmp.Or(c.Data.Blobs, filepath.Join(c.Data.Folder, "blobs")) }
