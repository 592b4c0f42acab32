package aggregator

import (
	"slices"
	"strings"
)

// synonyms are words that people type for each other, a row for each meaning.
// It only helps to find: it decides nothing, and a wrong row costs a second of
// reading. Words are in small letters without accents. The table is ours.
var synonyms = [...]string{
	"bloeddruk|tensie|rr|blood pressure",
	"hoge bloeddruk|hypertensie|hypertension",
	"lage bloeddruk|hypotensie",
	"cholesterol|lipiden|lipids|vetten",
	"suikerziekte|diabetes|dm|diabetes mellitus",
	"bloedsuiker|glucose|suiker|blood sugar",
	"langdurige suiker|hba1c|geglyceerd hemoglobine",
	"nierfunctie|egfr|kreatinine|creatinine|kidney function|gfr",
	"leverfunctie|alat|asat|ggt|liver function",
	"schildklier|tsh|thyreoid|thyroid|t4",
	"bloedarmoede|anemie|anaemia",
	"hemoglobine|hb|haemoglobin|hemoglobin",
	"ontsteking|crp|bse|inflammation",
	"stolling|inr|bloedverdunning",
	"bloedverdunner|antistolling|anticoagulans|acenocoumarol|fenprocoumon|rivaroxaban|apixaban|dabigatran|edoxaban|blood thinner",
	"pijnstiller|analgeticum|paracetamol|ibuprofen|naproxen|diclofenac|painkiller",
	"maagbeschermer|maagzuurremmer|omeprazol|pantoprazol|esomeprazol|antacid",
	"plaspil|diureticum|furosemide|hydrochloorthiazide|bumetanide|water tablet",
	"plastablet|plaspil|diureticum",
	"cholesterolverlager|statine|simvastatine|atorvastatine|rosuvastatine|statin",
	"betablokker|metoprolol|bisoprolol|atenolol|propranolol|beta blocker",
	"antibioticum|antibiotica|amoxicilline|doxycycline|nitrofurantoine|antibiotic",
	"penicilline|amoxicilline|feneticilline|penicillin",
	"slaapmiddel|slaappil|temazepam|zolpidem|sleeping pill",
	"kalmeringsmiddel|oxazepam|diazepam|lorazepam|sedative",
	"antidepressivum|sertraline|citalopram|paroxetine|venlafaxine|antidepressant",
	"puffer|inhalator|salbutamol|formoterol|inhaler",
	"prednison|prednisolon|corticosteroid|cortison",
	"insuline|insulin",
	"de pil|anticonceptie|anticonceptiepil|contraception",
	"spiraal|iud|spiraaltje",
	"allergie|overgevoeligheid|intolerantie|allergy",
	"hooikoorts|allergische rhinitis|pollenallergie|hay fever",
	"eczeem|dermatitis|eczema",
	"huisarts|ha|gp|general practitioner",
	"apotheek|apotheker|pharmacy",
	"ziekenhuis|hospital|umc",
	"hart|cardiologie|cardioloog|cardiaal|heart",
	"hartaanval|hartinfarct|myocardinfarct|heart attack",
	"hartritmestoornis|boezemfibrilleren|atriumfibrilleren|atrial fibrillation",
	"hartfalen|decompensatio cordis|heart failure",
	"beroerte|cva|herseninfarct|hersenbloeding|stroke",
	"tia|voorbijgaande beroerte",
	"longontsteking|pneumonie|pneumonia",
	"astma|asthma",
	"copd|longemfyseem|chronische bronchitis",
	"blaasontsteking|urineweginfectie|cystitis|uwi|bladder infection",
	"kanker|carcinoom|maligniteit|tumor|cancer",
	"gewicht|lichaamsgewicht|weight",
	"lengte|lichaamslengte|height",
	"koorts|temperatuur|lichaamstemperatuur|fever",
	"hartslag|pols|polsslag|hartfrequentie|pulse|heart rate",
	"zuurstof|saturatie|zuurstofsaturatie|spo2|oxygen",
	"ademhaling|ademfrequentie|respiratie|breathing",
	"inenting|vaccinatie|vaccin|prik|vaccination|immunisatie",
	"griepprik|influenzavaccinatie|flu shot",
	"corona|covid|covid 19|sars cov 2",
	"tetanus|dtp|dktp",
	"afspraak|consult|bezoek|appointment",
	"brief|ontslagbrief|verwijsbrief|document|letter",
	"verwijzing|verwijsbrief|referral",
	"foto|rontgen|rontgenfoto|x ray|xray",
	"echo|echografie|ultrasound",
	"mri|mri scan|kernspin",
	"ct|ct scan|scan",
	"hartfilmpje|ecg|elektrocardiogram",
	"operatie|ingreep|chirurgie|behandeling|surgery",
	"klacht|diagnose|aandoening|ziekte|problem",
	"uitslag|resultaat|bepaling|lab|laboratorium|result",
	"urine|plas",
	"ontlasting|feces|faeces|poep|stool",
	"zwanger|zwangerschap|graviditeit|pregnancy",
	"depressie|somberheid|depressive|depression",
	"angst|angststoornis|anxiety",
	"roken|tabak|sigaretten|smoking",
	"alcohol|drank|drinken",
	"drugs|drugsgebruik|verdovende middelen",
	"eiwit|albumine|proteine|protein",
	"ijzer|ferritine|iron",
	"zout|natrium|sodium",
	"kalium|potassium",
	"kalk|calcium",
	"jicht|urinezuur|gout|uraat",
	"trombose|embolie|trombosebeen|dvt|thrombosis",
	"reuma|reumatoide artritis|artritis|arthritis",
	"slijtage|artrose|osteoarthritis",
	"botontkalking|osteoporose|osteoporosis",
	"hoofdpijn|migraine|cefalgie|headache",
	"rugpijn|lumbago|back pain",
	"gehoor|gehoorapparaat|hoortoestel|hearing aid",
	"bril|visus|ogen|oogarts|glasses",
	"verzekering|polis|zorgverzekeraar|insurance",
	"niet reanimeren|reanimatie|wilsverklaring|behandelverbod|directive",
}

// clause is one thing that was typed, in all the ways to say it: any will do.
type clause []alternative

// alternative is one way to say it: all its words are needed.
type alternative struct {
	words []string
	fit   int // at most
}

type synonymTable struct {
	rows   [][][]string     // a row, its terms, their words
	byWord map[string][]int // rows by the first word of a term
}

func newSynonyms() synonymTable {
	t := synonymTable{byWord: map[string][]int{}}
	for i, row := range synonyms {
		var terms [][]string
		for _, term := range strings.Split(row, "|") {
			words := strings.Fields(term)
			terms = append(terms, words)
			t.byWord[words[0]] = append(t.byWord[words[0]], i)
		}
		t.rows = append(t.rows, terms)
	}
	return t
}

// clauses cuts what was typed into things, taking the longest term at each
// place. A word that is no term may be one with a letter wrong.
func (t synonymTable) clauses(words []string) []clause {
	var all []clause
	for i := 0; i < len(words); {
		n, rows := t.longest(words[i:])
		if rows == nil {
			rows = t.almost(words[i])
		}
		c := clause{{words[i : i+n], fitExact}}
		for _, row := range rows {
			for _, term := range t.rows[row] {
				c = append(c, alternative{term, fitSynonym})
			}
		}
		all = append(all, c)
		i += n
	}
	return all
}

// longest gives how many words the longest term at the beginning has, and the
// rows it stands in; one word and no row when there is none.
func (t synonymTable) longest(words []string) (n int, rows []int) {
	n = 1
	for _, row := range t.byWord[words[0]] {
		for _, term := range t.rows[row] {
			if len(term) < n || len(term) > len(words) || !slices.Equal(term, words[:len(term)]) {
				continue
			}
			if len(term) > n {
				n, rows = len(term), nil
			}
			rows = append(rows, row)
		}
	}
	return n, rows
}

func (t synonymTable) almost(word string) []int {
	var rows []int
	if len(word) < 5 {
		return nil
	}
	for i, terms := range t.rows {
		for _, term := range terms {
			if len(term) == 1 && len(term[0]) >= 5 && (oneLetterOff(word, term[0]) || stemOf(word) == stemOf(term[0])) {
				rows = append(rows, i)
				break
			}
		}
	}
	return rows
}
