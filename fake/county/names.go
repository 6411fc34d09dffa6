// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math/rand/v2"
	"strings"
)

// namer hands out names, each once. Nobody in the county shares a last name,
// so that a name on a page is always the same person.
type namer struct{ first, last []string }

func newNamer(r *rand.Rand) *namer {
	return &namer{shuffled(r, firstNames), shuffled(r, lastNames)}
}

func shuffled(r *rand.Rand, list string) []string {
	words := strings.Fields(list)
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "_", " ")
	}
	return words
}

// next is the next person.
func (n *namer) next() string {
	name := n.first[0] + " " + n.last[0]
	n.first, n.last = n.first[1:], n.last[1:]
	return name
}

// slug is a name as an id: letters and hyphens, accents dropped.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if plain, ok := plainLetters[c]; ok {
			c = plain
		}
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case (c == ' ' || c == '-') && b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return b.String()
}

// lastName is what a person is called in an id.
func lastName(name string) string { return slug(name[strings.LastIndexByte(name, ' ')+1:]) }

var plainLetters = map[rune]rune{'á': 'a', 'é': 'e', 'í': 'i', 'ó': 'o', 'ö': 'o', 'ú': 'u', 'ü': 'u', 'ñ': 'n', 'ø': 'o', 'ç': 'c'}

const firstNames = `
	Amara Andrés Anika Benedict Beatriz Calvin Camila Carl Celeste Chidi Clara Dana Darius Delia Diego Dolores
	Edith Elias Elena Emeka Esther Felix Fiona Gideon Gloria Graciela Hank Harriet Hugo Imani Ines Irene Isaac
	Jada Javier Joan Jonas Joy Judith Keiko Kofi Lars Leila Lena Linh Lorenzo Lucía Luther Mabel Marcus Marisol
	Mei Miriam Naomi Nathaniel Nell Noor Olivia Omar Opal Oscar Paloma Pearl Percy Priya Quentin Ramón Raquel Reuben
	Rosa Rufus Ruth Samir Selma Silas Simone Sofía Soren Tamsin Thaddeus Tomás Ursula Vera Victor Walter Wanda Yusuf Zoe`

const lastNames = `
	Abernathy Achebe Aguilar Alder-Ruiz Amundsen Anders Bankole Barrow Beckett Begay Bell-Harris Benally Blackwood
	Bristow Calloway Cardoza Castañeda Chen Corrigan Dahl D'Angelo Delgado Dressler Dunmore Echeverría Ellison Endicott
	Fairbanks Farouk Fitch Fontaine Garza Gentry Gilchrist Goldwater-Pine Greaves Gutiérrez Haddad Hallström Hartwell Hollis
	Ibarra Iverson Jansen Jaramillo Kapoor Kessler Kingfisher Kowalski Lachance Lindqvist Lockhart Luong Macklin
	Marchetti McBride Mendoza Moreno Mwangi Nakamura Nordgren Núñez Oakes O'Brien Okafor Okonkwo Olmstead Pacheco Park
	Peralta Pettigrew Quiñones Radcliffe Redbird Reyes Rosales Rutledge Saavedra Salonga Sandoval Sørensen Stroud Swenson
	Tafoya Talltree Thackeray Tran Underhill Valdez Vandermeer Velarde Wachira Whitcomb Winslow Yamada Yazzie Zamora Zeller`

// countryPlaces name precincts outside of the towns.
const countryPlaces = `
	Antelope_Flats Badger_Creek Bear_Hollow Big_Bend Bitterroot_Camp Buffalo_Jump Cottonwood Coyote_Wells Crow_Butte
	Dry_Fork Dutch_Flat Eagle_Point Elk_Creek Fallow_Hill Fort_Mercer Foxglove Goose_Lake Granite_Gap Grizzly_Bench
	Half_Moon Harmony Hawk_Springs Hidden_Valley Indigo_Mesa Iron_Gate Jackrabbit Juniper_Ridge Kettle_Rock Lark_Meadow
	Lone_Tree Lost_Wagon Magpie Meadowlark Mill_Ford Mule_Crossing New_Hope North_Bench Old_Bridge Osprey Owl_Canyon
	Pinyon Pleasant_Grove Pronghorn Quartz_Hill Rattlesnake_Butte Red_Rim Sage_Flat Salt_Lick Sandstone Shepherd_Spring
	Silver_Run Snowberry South_Bench Sweetgrass Sundown Three_Forks Tumbleweed Union Vesper Whistle_Stop Wild_Rose Willow_Bend Wolf_Creek`

// things name streets, schools and halls.
const things = `
	Acacia Aspen Birch Bluebird Bluestem Boxelder Buckeye Buttercup Canyon Cardinal Catalpa Cedar Cherry Chestnut Clover
	Columbine Cypress Dogwood Elderberry Elm Falcon Fir Gooseberry Hawthorn Hazel Heron Hickory Huckleberry Kestrel Kingbird
	Larch Larkspur Laurel Lilac Linden Locust Lupine Maple Marigold Mulberry Nuthatch Oriole Paintbrush Pine Plum Poplar
	Primrose Quail Raven Redwood Robin Rosewood Rowan Serviceberry Snowgoose Sparrow Spruce Sumac Sunflower Swallow Sycamore
	Tamarack Thistle Tulip Walnut Warbler Wisteria Wren Yarrow Yucca Zinnia`
