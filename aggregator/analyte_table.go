package aggregator

// analyteRow is one test of the table of merge.md 4.7.
//
// Codes are LOINC ("l:") or NHG table 45 ("n:"). A code may add what it says
// itself: "=mg/dL" the unit of its property when that is not the unit of the row
// ("=*": either), "@28.014" its own mass, "~blood" its own material.
//
// Conf is how sure the pairing is. A: NHG and LOINC verified by one shared result
// in a public test set. B: both verified, the pairing is ours. C: LOINC from
// memory. NHG numbers that no open source shows are left out on purpose: a
// result with only such a number keeps a series of its own.
//
// Low and high are what no living person exceeds: a value outside is marked,
// never dropped. They are ours, not a norm.
type analyteRow struct {
	key, name, codes string
	specimen         string // that the code implies; "serum" stands for serum and plasma, which LOINC pools
	unit, mass       string // UCUM; g/mol, absent where mass and substance must never convert
	low, high        string
	chart            string // shared by tests that belong in one chart
	harmonised       string // "*", or the method that makes laboratories comparable
	conf             string
}

// analyteRows is THE table.
func analyteRows() []analyteRow {
	const (
		glucose = "180.156"
		sterol  = "386.664"
		mmol    = "mmol/L"
		gfr     = "mL/min/{1.73_m2}"
		millisI = "m[iU]/L"
	)
	return []analyteRow{
		{"glu-v", "Glucose (niet nuchter)", "n:371 l:14749-6 l:2345-7=mg/dL", "serum", mmol, glucose, "0.5", "60", "glu", "", "B"},
		{"glu-v-f", "Glucose nuchter", "n:372 l:14771-0 l:1558-6=mg/dL", "serum", mmol, glucose, "0.5", "60", "glu", "", "B/C"},
		{"glu-c-f", "Glucose capillair nuchter", "n:3208 l:14770-2", "capillary", mmol, glucose, "0.5", "60", "glu", "", "B"},
		{"glu-m", "Glucose (meter)", "n:355 n:381 n:382 n:3221 n:3222 n:3223 n:3224 n:3225 n:3226 n:3227 l:14743-9 l:14760-3", "capillary", mmol, glucose, "0.5", "50", "glu", "", "B"},
		{"hba1c", "HbA1c", "n:2816 l:59261-8", "blood", "mmol/mol", "", "10", "200", "", "*", "B"},
		{"hba1c-poc", "HbA1c (sneltest)", "n:3754", "blood", "mmol/mol", "", "10", "200", "hba1c", "", "B"},
		{"hba1c-n", "HbA1c (NGSP)", "l:4548-4", "blood", "%", "", "3", "20", "", "", "B"},
		{"creat", "Kreatinine", "n:523 l:14682-9 l:2160-0=mg/dL", "serum", "umol/L", "113.12", "10", "3000", "", "enzym", "A"},
		{"creat-u", "Kreatinine urine", "l:14683-7 l:2161-8=mg/dL", "urine", mmol, "113.12", "", "", "", "", "C"},
		{"creat-cl", "Kreatinineklaring", "n:524", "", "mL/min", "", "1", "300", "", "", "B"},
		{"egfr-epi", "eGFR (CKD-EPI)", "n:3583 l:62238-1", "serum", gfr, "", "1", "200", "egfr", "", "A"},
		{"egfr-epi21", "eGFR (CKD-EPI 2021)", "l:98979-8", "serum", gfr, "", "1", "200", "egfr", "", "B"},
		{"egfr-mdrd", "eGFR (MDRD)", "n:1919 l:77147-7", "serum", gfr, "", "1", "200", "egfr", "", "B/C"},
		{"na", "Natrium", "n:624 l:2947-0~blood l:2951-2~serum", "", mmol, "22.990", "100", "190", "", "*", "A"},
		{"k", "Kalium", "n:513 l:6298-4~blood l:2823-3~serum", "", mmol, "39.098", "1.5", "10", "", "*", "A"},
		{"k-u24", "Kalium urine 24 uur", "n:3272 l:2829-0", "urine-24h", "mmol/(24.h)", "", "1", "400", "", "", "A"},
		{"acr", "Albumine/kreatinine urine", "n:40 l:30000-4 l:9318-7=mg/g", "urine", "mg/mmol", "113.12", "0", "1500", "", "", "A"},
		{"alb-u", "Albumine urine", "n:38 l:14957-5", "urine", "mg/L", "", "0", "20000", "", "", "A"},
		{"bili", "Bilirubine", "n:111 l:14631-6 l:1975-2=mg/dL", "serum", "umol/L", "584.673", "0", "1000", "", "", "A"},
		{"inr", "INR", "n:509 l:6301-6", "plasma", "{INR}", "", "0.5", "15", "inr", "", "A"},
		{"inr-c", "INR (vingerprik)", "l:46418-0", "capillary", "{INR}", "", "0.5", "15", "inr", "", "B"},
		{"chol", "Cholesterol totaal", "l:14647-2 l:2093-3=mg/dL", "serum", mmol, sterol, "0.5", "30", "", "*", "B"},
		{"hdl", "HDL-cholesterol", "l:14646-4 l:2085-9=mg/dL", "serum", mmol, sterol, "0.1", "8", "", "", "C"},
		{"ldl-c", "LDL-cholesterol", "n:542 l:39469-2 l:13457-7=mg/dL", "serum", mmol, sterol, "0.1", "25", "ldl", "", "B/C"},
		{"ldl-d", "LDL-cholesterol (direct)", "n:2683 l:69419-0 l:18262-6=mg/dL", "serum", mmol, sterol, "0.1", "25", "ldl", "", "B/C"},
		{"ldl-poc", "LDL-cholesterol (sneltest)", "n:3854", "", mmol, sterol, "0.1", "25", "ldl", "", "B"},
		{"nonhdl", "Non-HDL-cholesterol", "n:3826 l:70204-3", "serum", mmol, sterol, "0.1", "28", "", "", "B/C"},
		{"trig", "Triglyceriden", "l:14927-8 l:2571-8=mg/dL", "serum", mmol, "885.453", "0.1", "100", "", "", "C"},
		{"chol-hdl", "Cholesterol/HDL-ratio", "l:32309-7", "serum", "1", "", "1", "20", "", "", "C"},
		{"hb", "Hemoglobine", "l:59260-0 l:718-7=g/dL l:93846-4", "blood", mmol, "16114.5", "1.5", "15", "", "*", "B"},
		{"ht", "Hematocriet", "l:20570-8 l:4544-3", "blood", "L/L", "", "0.1", "0.75", "", "", "B"},
		{"ery", "Erytrocyten", "l:26453-1 l:789-8", "blood", "10*12/L", "", "0.5", "10", "", "", "B/C"},
		{"mcv", "MCV", "l:30428-7 l:787-2", "blood", "fL", "", "40", "150", "", "", "B"},
		{"leuk", "Leukocyten", "l:26464-8 l:6690-2", "blood", "10*9/L", "", "0.1", "500", "", "", "B"},
		{"trom", "Trombocyten", "l:26515-7 l:777-3", "blood", "10*9/L", "", "1", "3000", "", "", "B/C"},
		{"crp", "CRP", "l:1988-5", "serum", "mg/L", "", "0", "700", "", "*", "B"},
		{"bse", "BSE", "l:4537-7", "blood", "mm/h", "", "0", "150", "", "", "C"},
		{"tsh", "TSH", "l:3016-3", "serum", millisI, "", "0", "500", "", "", "B"},
		{"ft4", "Vrij T4", "l:14920-3 l:3024-7=ng/dL", "serum", "pmol/L", "776.874", "1", "150", "", "", "B/C"},
		{"ferr", "Ferritine", "l:24373-3~blood l:2276-4", "serum", "ug/L", "", "1", "50000", "", "", "B/C"},
		{"b12", "Vitamine B12", "l:14685-6 l:2132-9=pg/mL", "serum", "pmol/L", "1355.388", "30", "3000", "", "", "B/C"},
		{"fol", "Foliumzuur", "l:14732-2", "serum", "nmol/L", "441.404", "0.5", "200", "", "", "C"},
		{"vitd", "Vitamine D", "n:1416 l:14635-7", "serum", "nmol/L", "400.647", "5", "600", "vitd", "", "B/C"},
		{"vitd-23", "Vitamine D (D2 en D3)", "l:62292-8", "serum", "ng/mL", "", "", "", "vitd", "", "B"},
		{"alat", "ALAT", "l:1742-6", "serum", "U/L", "", "1", "20000", "", "", "B"},
		{"asat", "ASAT", "l:1920-8", "serum", "U/L", "", "1", "20000", "", "", "B"},
		{"ggt", "Gamma-GT", "l:2324-2", "serum", "U/L", "", "1", "5000", "", "", "C"},
		{"af", "Alkalische fosfatase", "l:6768-6", "serum", "U/L", "", "5", "5000", "", "", "B"},
		{"ck", "CK", "n:193 l:2157-6", "serum", "U/L", "", "5", "200000", "", "", "B/C"},
		{"ca", "Calcium", "l:2000-8 l:17861-6=mg/dL", "serum", mmol, "40.078", "0.8", "5", "", "", "B/C"},
		{"urea", "Ureum", "l:22664-7 l:3094-0=mg/dL@28.014", "serum", mmol, "60.056", "0.3", "80", "", "", "C"},
		{"urate", "Urinezuur", "l:14933-6", "serum", mmol, "168.112", "0.03", "2", "", "", "C"},
		{"alb-s", "Albumine", "l:1751-7", "serum", "g/L", "", "5", "70", "", "", "B"},
		{"po4", "Fosfaat", "l:14879-1", "serum", mmol, "30.974", "0.1", "5", "", "", "C"},
		{"mg", "Magnesium", "l:2601-3", "serum", mmol, "24.305", "0.1", "5", "", "", "C"},
		{"psa", "PSA", "l:2857-1", "serum", "ug/L", "", "0", "10000", "", "", "C"},
		{"ntprobnp", "NT-proBNP", "l:33762-6=*", "serum", "ng/L", "", "1", "100000", "", "", "B"},
		{"sars2", "SARS-CoV-2 (PCR)", "n:4029 l:94309-2", "", "", "", "", "", "", "", "A"},
		{"chlam", "Chlamydia (PCR)", "n:3260 l:21613-5", "", "", "", "", "", "", "", "A"},
		{"adeno", "Adenovirus (PCR)", "n:2159 l:31709-9", "", "", "", "", "", "", "", "A"},
		{"hsv1", "Herpes simplex 1 (PCR)", "n:3373 l:16130-7", "", "", "", "", "", "", "", "A"},
		{"hsv2", "Herpes simplex 2 (PCR)", "n:3382 l:16131-5", "", "", "", "", "", "", "", "A"},
	}
}

// unitsOfTests are units that laboratories write for another one in a single
// test: a TSH of 2.1 mU/L is one of 2.1 m[iU]/L.
func unitsOfTests() map[string]string { return map[string]string{"tsh": "mU/L"} }
