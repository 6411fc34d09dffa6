// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
)

// drawer draws values by their weights.
type drawer struct {
	values []string
	upTo   []int
}

func (d *drawer) add(value string, weight int) {
	if weight <= 0 {
		return
	}
	all := weight
	if n := len(d.upTo); n > 0 {
		all += d.upTo[n-1]
	}
	d.values, d.upTo = append(d.values, value), append(d.upTo, all)
}

func (d *drawer) draw(r *rand.Rand) string {
	n := r.IntN(d.upTo[len(d.upTo)-1])
	return d.values[sort.SearchInts(d.upTo, n+1)]
}

const decades = 9 // from 1920 on

// names draws names by how common they are.
type names struct {
	given  [2][decades]drawer // of men and of women
	family drawer
	rare   []string // names made of two halves, the commonest first
}

func newNames() *names {
	n := &names{}
	for sex, list := range []string{mensNames, womensNames} {
		for entry := range entries(list) {
			f := strings.Fields(entry)
			for i := range decades {
				w, _ := strconv.Atoi(f[i+1])
				n.given[sex][i].add(f[0], w)
			}
		}
		for i := range decades { // names that few have, so that not everybody is called Mary
			for _, rare := range strings.Fields(rareGiven[sex]) {
				n.given[sex][i].add(rare, 6)
			}
		}
	}
	for entry := range entries(familyNames) {
		name, w, _ := strings.Cut(entry, " ")
		weight, _ := strconv.Atoi(w)
		n.family.add(name, weight)
	}
	for _, name := range strings.Split(particled, ",") {
		n.family.add(strings.TrimSpace(name), 25)
	}
	ends := strings.Fields(nameEnds)
	for i, start := range strings.Fields(nameStarts) {
		for j := range ends {
			n.rare = append(n.rare, start+ends[(i+j)%len(ends)])
		}
	}
	return n
}

func entries(list string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, e := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == '\n' }) {
			if e = strings.TrimSpace(e); e != "" && !yield(e) {
				return
			}
		}
	}
}

func (n *names) first(r *rand.Rand, female bool, born int) string {
	return n.given[sex(female)][min(max((born-1920)/10, 0), decades-1)].draw(r)
}

func sex(female bool) int {
	if female {
		return 1
	}
	return 0
}

// last draws a last name: three in ten people have one of four hundred names,
// all others one of a long tail.
func (n *names) last(r *rand.Rand) string {
	if r.IntN(100) < 31 {
		return n.family.draw(r)
	}
	x := r.Float64()
	return n.rare[int(x*x*float64(len(n.rare)))]
}

var rareGiven = [2]string{
	"ABEL AHMED AMIR ANDRÉS BORIS CASIMIR CLEM CORNELL DASHIELL DEMETRIUS DIMITRI ELLSWORTH EMEKA ENRIQUE EZEKIEL FARID GARETH GIOVANNI HIRAM IGNACIO ISHMAEL JERÓNIMO JOSÉ KAI KENJI LARS LAZARO LUCIEN MALIK MINH MOSES NIKHIL OBADIAH OMARI ORVAL PIERRE QUENTIN RAFAEL RAÚL REMY SALVADOR SANJAY SERGIO SVEN TARIQ THADDEUS TITUS ULYSSES VIKRAM WENDELL XAVIER YUSUF ZANE ZEBULON",
	"ADELAIDE AIKO AISHA ALTHEA AMARA ANAÏS ANOUSHKA BEATRIZ BELÉN BRONWYN CALLIOPE CARMELA CHIARA CORDELIA DALILA DEVI DOLORES ELOISE ESPERANZA FATIMA FERN FREYA GISELLE GRACIELA GUADALUPE HELGA HORTENSE IMANI INÉS INGRID JOSEFINA KAVITA KEIKO LAKSHMI LEOCADIA LUCÍA LUZ MAGNOLIA MARISOL MEI NADIA NKECHI NOOR OCTAVIA ODESSA PILAR PRIYA QUINN ROSALÍA SAOIRSE SELMA SOLEDAD TAMSIN THUY URSULA VERONIKA WILHELMINA XIMENA YOLANDA ZORA",
}

// particled are names with blanks, marks and accents, which is where files go
// wrong.
const particled = `DE LA CRUZ, DE LEON, DEL RIO, VAN DYKE, VAN DER BERG, VON BRAUN, ST. JOHN, ST CLAIR, LA ROSA, MC DONALD, MAC LEOD, O'BRIEN, O'CONNOR,
	O'NEILL, D'ANGELO, D'AMICO, NUÑEZ, MUÑOZ, PEÑA, IBÁÑEZ, GARCÍA-LÓPEZ, SMITH-JONES, MÜLLER, SØRENSEN, LE, NG, EL-AMIN, AL-FARSI, BIN SALEH, TRUONG-NGUYEN`

const nameStarts = `AB AL AN AR ASH BAR BECK BEL BER BIR BLACK BOL BRAD BRAN BRECK BRIN BUCK BUR CAL CAR CHAT CHEST CLAY COL CON COP CRAW CUL DAL DAN DAW DEL DOR
	DRU DUN EAST ED EL EN FAIR FAR FEN FER FOR FRIED GAL GAR GIL GLEN GOLD GRAN GREEN GRIM HAL HAM HAR HAT HEN HOL HOR HUM HUN INGER KAL KEL KEN KIL KIRK KLEIN KO KRA KUZ LAN LAR LEIN LIN
	LOCK LOM LUN MAC MAL MAN MAR MEL MID MIL MON MOR NAK NEW NOR OAK OB OL OR PAL PAR PEM PETER PIK PRES RAD RAM RED RICH RIN ROCK ROS ROTH RUD SAN SCHAF SCHIN SED SHEL SIL SOM STAN STEIN
	STRAT SUL SUTH SWAN TAL TEM THORN TIL TOR TRA TUR UL VAL VAN VER WAL WAR WASH WEIN WES WHIT WIL WIN WOL WOOD YAR YOR ZAM ZEL`

const nameEnds = `ANO AS BACH BECK BERG BERT BORN BRIDGE BROOK BURN BURY BY CHUK COMBE COTT CROFT DALE DELL DEN DER DING DON ELL ENKO ER ERA ERMAN ERS ETT EY FELD FIELD FORD GAN GARD GATE GER GREN
	HAM HARDT HART HAUS HOLM HURST IN ING INGER INO INS ISON KE KINS LAND LER LEY LIN LING LO LOCK LOW LUND MAN MANN MARK MEIER MER MONT MORE MOTO NELL NER NESS OFF ON OUGH OW OWSKI PORT QUIST
	RAN RELL RICK RIDGE SEN SHAW SKI SMITH SON STAD STEAD STEIN STER STONE STROM TER THWAITE TON TROM VALL VILLE WALD WALL WARD WAY WELL WICK WIN WITZ WOOD WORTH YAMA ZAK`
