package fhir

// ToXML lets the tests of the readings write XML.
var ToXML = toXML
