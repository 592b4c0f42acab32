package store

// commonWords are what people in the Netherlands choose when a form asks for a
// password: written down for this package, not taken from a list of leaked ones.
// Letters only, lower case.
const commonWords = `
wachtwoord wachtwoorden wachtzin password passwords passwort passphrase passcode paswoord motdepasse
geheim geheimpje geheimwoord secret secrets sesam sesamopenu opensesame toegang access letmein laatmeerin
mijn mijne onze my
welkom welkomthuis welcome hallo hello hallohallo hoi doei dag goedemorgen goedendag goodmorning
login inloggen aanmelden inlog account gebruiker user admin administrator beheerder beheer root test testen
tester testtest demo voorbeeld example changeme verander veranderen wijzigen standaard default tijdelijk temp
qwerty qwertyuiop azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx qwer abc abcd abcdef abcdefgh
iloveyou ikhouvanjou ikhouvanje liefde love lover schatje schat lieverd liefje knuffel kusje darling honey
prinses princess koning koningin king queen draak dragon monkey aap aapje poes poesje kat katten hond hondje
konijn paard paardje vlinder tijger leeuw beer olifant dolfijn sunshine zonnetje zonneschijn bloem bloemen
roos rozen tulp tulpen regenboog rainbow ster sterren superman batman spiderman pokemon starwars minecraft
pikachu mickey disney barbie hellokitty voetbal football soccer ajax feyenoord psv oranje heracles twente
utrecht amsterdam rotterdam denhaag eindhoven groningen tilburg almere breda nijmegen enschede haarlem arnhem
nederland holland netherlands belgie vlaanderen friesland brabant limburg zeeland gelderland
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday
sunday januari februari maart april mei juni juli augustus september oktober november december january february
march june july august october winter lente zomer herfst spring summer autumn
vakantie holiday verjaardag birthday kerstmis christmas kerst pasen sinterklaas
computer laptop internet telefoon iphone samsung google facebook microsoft windows apple android whatsapp
ziggo kpn tmobile vodafone
bundel medmij digid zorg zorgverlener huisarts apotheek ziekenhuis dokter doctor patient gezondheid health
medisch medical dossier pgo
jan piet klaas kees henk hans peter johan willem anna maria sophie emma julia lisa sanne kim linda monique
mohamed fatima daan sem lucas levi noah finn bram thomas michael daniel robert jessica jennifer ashley michelle
papa mama papaenmama opa oma zoon dochter broer zus familie family moeder vader
master shadow trustno jezus jesus god bijbel vrijheid freedom geluk lucky happy gelukkig blij mooi lekker
cheese kaas chocola chocolade koffie coffee pizza banaan appel cookie
eenvoudig makkelijk moeilijk simpel niks niets iets zomaar weetikniet geenidee vergeten nietvergeten
fuck fuckyou shit klote kut hoer sexy
`
