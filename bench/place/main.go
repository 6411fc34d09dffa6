// SPDX-License-Identifier: Apache-2.0

// Command place measures how fast addresses find their precincts:
//
//	go run ./bench/place
//
// It makes up a county of streets and of precincts on a map, and voters on
// them; a third write their addresses as people do. The lines then move, and
// everybody is assigned again.
package main

import (
	"flag"
	"fmt"
	"iter"
	"log"
	"math/rand/v2"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

func main() {
	voters := flag.Int("voters", 1_000_000, "voters to be assigned again")
	streets := flag.Int("streets", 20_000, "streets of the county")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*voters, *streets); err != nil {
		log.Fatal(err)
	}
}

// across is how many precincts lie beside one another on the square map.
const across = 30

func run(voters, streets int) error {
	began := time.Now()
	segments := county(streets)
	index, flaws := place.NewStreets(segments)
	fmt.Printf("%d segments of %d streets indexed in %.2f s, %d flaws\n", len(segments), streets, time.Since(began).Seconds(), len(flaws))
	began = time.Now()
	areas, problems := place.NewLayer("precincts", squares(), func(f *geojson.Feature) string { return f.ID })
	if len(problems) > 0 {
		return fmt.Errorf("the map: %v", problems[0])
	}
	fmt.Printf("%d precincts of %d corners on the map in %.2f s\n", across*across, corners*4, time.Since(began).Seconds())

	lines := readLines(voters, streets)
	began, reading := time.Now(), coreSeconds()
	unread := 0
	for _, l := range lines {
		if r := place.Read(l); r.Kind != place.Street {
			unread++
		}
	}
	fmt.Printf("%d lines read in %.2f s: %.0f a second of core time\n", len(lines), time.Since(began).Seconds(), float64(len(lines))/(coreSeconds()-reading))
	if unread > 0 {
		return fmt.Errorf("%d lines were not read", unread)
	}
	cores := coreSeconds()
	for _, err := range people(voters, streets) {
		if err != nil {
			return err
		}
	}
	making := coreSeconds() - cores
	fmt.Printf("%d voters made up in %.2f s of core time, which is taken off below\n", voters, making)
	for _, how := range []struct {
		name string
		a    *place.Assigner
	}{
		{"assigned by ranges", &place.Assigner{Streets: index}},
		{"assigned by the map", &place.Assigner{Areas: areas}},
		{"assigned by both", &place.Assigner{Streets: index, Areas: areas}},
	} {
		if err := again(how.name, how.a, voters, streets, making); err != nil {
			return err
		}
	}
	return nil
}

func again(name string, a *place.Assigner, voters, streets int, making float64) error {
	began, cores := time.Now(), coreSeconds()
	plan, err := a.Reassign(people(voters, streets), nil)
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	cores = coreSeconds() - cores - making
	fmt.Printf("%d %s in %.2f s, %.2f s of core time: %.0f a second of core time; %d moved, %d left to people; most memory %d MiB\n",
		plan.Voters, name, took, cores, float64(plan.Voters)/cores, len(plan.Moved), len(plan.Left), peak())
	return nil
}

var (
	names = []string{"Elm", "Oak", "Maple", "Cedar", "Lake View", "Mount Vernon", "Saint Mary", "Washington", "County Road", "Camino Alto"}
	kinds = []string{"St", "Ave", "Rd", "Blvd", "Ct"}
)

// street is the n-th street; every fifth has a direction.
func street(n int) (before, name, kind string) {
	if n%5 == 0 {
		before = "N"
	}
	return before, fmt.Sprintf("%s %c%c%c", names[n%len(names)], 'A'+n/26/26%26, 'A'+n/26%26, 'A'+n%26), kinds[n%len(kinds)]
}

// county has ten blocks in every street, each side in a precinct of its own.
func county(streets int) []place.Segment {
	var out []place.Segment
	for n := range streets {
		before, name, kind := street(n)
		for block := range 10 {
			for side, s := range []place.Side{place.Even, place.Odd} {
				from := 100*(block+1) + side
				out = append(out, place.Segment{ID: fmt.Sprintf("%d-%d-%s", n, block, s), Unit: unit(n, from),
					Start: strconv.Itoa(from), End: strconv.Itoa(from + 98), Side: s,
					Street: roll.Address{Before: before, Street: name, Type: kind, City: "Larkspur", State: "NC", ZIP: zip(n)}})
			}
		}
	}
	return out
}

func zip(n int) string { return fmt.Sprintf("%05d", 27000+n%40) }

// unit is the precinct of a house by its street and block.
func unit(n, house int) election.UnitID {
	return election.UnitID(fmt.Sprintf("P%03d", (n*7+house/100*13+house%2)%(across*across)))
}

// corners is how many points each side of a precinct has.
const corners = 40

func squares() (out []geojson.Feature) {
	for n := range across * across {
		x, y := float64(n%across), float64(n/across)
		var ring []geojson.Point
		for side := range 4 {
			for i := range corners {
				at := float64(i) / corners
				ring = append(ring, [4]geojson.Point{{x + at, y}, {x + 1, y + at}, {x + 1 - at, y + 1}, {x, y + 1 - at}}[side])
			}
		}
		out = append(out, geojson.Feature{ID: fmt.Sprintf("P%03d", n),
			Geometry: &geojson.Geometry{Type: geojson.TypePolygon, Polygons: []geojson.Polygon{{append(ring, ring[0])}}}})
	}
	return out
}

// people are voters with points; one in ten lives in another precinct than the
// lines say, and one in a thousand on no street of the list.
func people(voters, streets int) iter.Seq2[place.Placed, error] {
	return func(yield func(place.Placed, error) bool) {
		r := rand.New(rand.NewPCG(1, 1))
		for i := range voters {
			n, house := r.IntN(streets), 100+r.IntN(1000)
			before, name, kind := street(n)
			v := place.Placed{ID: roll.ID(strconv.Itoa(i)), Unit: unit(n, house)}
			v.Home = roll.Address{Number: strconv.Itoa(house), Before: before, Street: name, Type: kind, City: "LARKSPUR", State: "NC", ZIP: zip(n)}
			if i%3 != 0 {
				clean := place.Normal(v.Home).Address
				v.Home.Street, v.Home.Type = clean.Street, clean.Type
			}
			p, _ := strconv.Atoi(string(v.Unit[1:]))
			v.Home.Point = &roll.Point{Longitude: float64(p%across) + r.Float64(), Latitude: float64(p/across) + r.Float64()}
			switch {
			case i%10 == 0:
				v.Unit = "P000"
			case i%1000 == 1:
				v.Home.Street = "Nowhere"
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// readLines are addresses as people type them.
func readLines(voters, streets int) []string {
	r := rand.New(rand.NewPCG(2, 2))
	out := make([]string, min(voters, 200_000))
	for i := range out {
		n := r.IntN(streets)
		before, name, kind := street(n)
		out[i] = fmt.Sprintf("%d %s. %s %s, Apt %d, Larkspur, NC %s", 100+r.IntN(1000), before, name, kind, r.IntN(40)+1, zip(n))
	}
	return out
}

func coreSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return u.Maxrss / 1024
}
