package mock

import (
	"encoding/json"
	"net/http"
	"regexp"

	models "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/bundel-pgo/bundel/fhir"
)

var subscriptionID = regexp.MustCompile(`^[A-Za-z0-9.-]{64}$`)

// subscribe takes a subscription for which a token was given (extension
// Abonneren). It is checked and acknowledged; no notifications are sent.
func (n *Network) subscribe(w http.ResponseWriter, r *http.Request, platform int) {
	echo(w, r)
	provider, ok := n.world.provider(r.PathValue("provider"))
	g := n.bearer(r)
	switch {
	case !ok || provider.SubscriptionDays == 0:
		notServed.write(w, fhir.STU3)
		return
	case g == nil:
		noToken.write(w, fhir.STU3)
		return
	case g.fixed() || g.asked.sub == "" || g.asked.provider.Name != provider.Name || g.platform != platform:
		notGranted.write(w, fhir.STU3)
		return
	}
	var body struct{ ID, End, Status string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&body)
	end := fhir.ParseDate(body.End)
	if err != nil || !subscriptionID.MatchString(body.ID) || (body.Status != "off" && end.Precision() < fhir.PrecisionMinute) {
		problem{http.StatusBadRequest, models.IssueTypeInvalid, "id (64 letters, digits, dots and dashes), end and status make a subscription", ""}.write(w, fhir.STU3)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
