package clinical

import "github.com/bundel-pgo/bundel/fhir"

// Product is a medicinal product (data-services.md 2.0, 2.2). Its code is often
// in several systems of the G-Standaard at once; see [fhir.PRK] and its kin.
type Product struct {
	Head
	Code        fhir.Coded   // code
	Form        fhir.Coded   // form
	Ingredients []Ingredient // ingredient
	Description string       // ext zib-Product-Description; R4 ext-PharmaceuticalProduct.Description
	Lot         string       // STU3 package.batch[].lotNumber; R4 batch.lotNumber
	Expires     fhir.Date    // STU3 package.batch[].expirationDate; R4 batch.expirationDate
}

// Ingredient is one substance of a product.
type Ingredient struct {
	Code        fhir.Coded     // itemCodeableConcept
	Substance   fhir.Reference // itemReference
	Active      Answer         // isActive
	Strength    fhir.Quantity  // numerator of amount (STU3) or strength (R4)
	StrengthPer fhir.Quantity  // denominator of it
}

// ReadProduct reads a Medication.
func ReadProduct(r fhir.Resource) (*Product, []Warning) { return as[Product](Read(r)) }

func readProduct(r reader) Reading {
	p := &Product{
		Code: r.concept("code"), Form: r.concept("form"),
		Description: r.ext("zib-Product-Description", "ext-PharmaceuticalProduct.Description").text(),
	}
	batch := r.get("batch")
	if !batch.exists() {
		batch = r.get("package", "batch")
	}
	p.Lot, p.Expires = batch.text("lotNumber"), batch.date("expirationDate")
	for _, item := range r.each("ingredient") {
		i := Ingredient{
			Code: item.concept("itemCodeableConcept"), Substance: item.ref("itemReference"), Active: item.get("isActive").answer(),
		}
		amount := item.get("strength")
		if !amount.exists() {
			amount = item.get("amount")
		}
		i.Strength, i.StrengthPer = amount.quantity("numerator"), amount.quantity("denominator")
		p.Ingredients = append(p.Ingredients, i)
	}
	return p
}

// Substance is what a product is made of, or what was examined
// (data-services.md 2.4).
type Substance struct {
	Head
	Status      string       // status
	Categories  []fhir.Coded // category[]
	Code        fhir.Coded   // code
	Description string       // description
}

// ReadSubstance reads a Substance.
func ReadSubstance(r fhir.Resource) (*Substance, []Warning) { return as[Substance](Read(r)) }

func readSubstance(r reader) Reading {
	return &Substance{
		Status: r.code("status", "active inactive entered-in-error"), Categories: r.concepts("category"),
		Code: r.concept("code"), Description: r.text("description"),
	}
}
