package share

// manifestRequest is what a recipient asks the address of a link.
type manifestRequest struct {
	Recipient string `json:"recipient"`
	Passcode  string `json:"passcode,omitempty"`
	// EmbeddedMax is the longest file that may stand in the answer itself;
	// absent: there is no limit.
	EmbeddedMax *int `json:"embeddedLengthMax,omitempty"`
}

// manifest is the answer: the files of a link, each embedded or at a location
// that holds for a short time.
type manifest struct {
	Files []manifestFile `json:"files"`
}

type manifestFile struct {
	ContentType string `json:"contentType"`
	Location    string `json:"location,omitempty"`
	Embedded    string `json:"embedded,omitempty"`
	LastUpdated string `json:"lastUpdated,omitempty"`
	Status      string `json:"status,omitempty"` // finalized, can-change, ...
	FHIRVersion string `json:"fhirVersion,omitempty"`
}

// passcodeAnswer is the body of a 401.
type passcodeAnswer struct {
	Remaining int `json:"remainingAttempts"`
}
