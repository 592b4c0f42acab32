package medmij

// loginFailures are about the way to the provider and back (3.5, 3.8).
func loginFailures() []Failure {
	return []Failure{
		{
			// Which of the two it was, the provider may not tell, and neither do we.
			Code: CodeCancel, Next: NextLogin, When: "access_denied at the callback: cancelled, refused, or nothing available",
			Dutch:   dutch("U hebt geen toestemming gegeven, of {provider} heeft geen gegevens voor u.", "U kunt opnieuw beginnen."),
			English: english("You gave no permission, or {provider} has no records for you.", "You can start again."),
		},
		{
			Code: CodeLogin, Next: NextLogin, When: "state unknown, used, too old or of another browser; code refused with invalid_grant",
			Dutch:   dutch("Deze aanmelding is verlopen, of begon in een andere browser.", "Begin opnieuw."),
			English: english("This login has ended, or began in another browser.", "Start again."),
		},
		{
			Code: CodeAbandoned, Next: NextLogin, When: "nobody came back within 30 minutes",
			Dutch:   dutch("Het inloggen bij {provider} is niet afgerond.", "Begin opnieuw."),
			English: english("The login at {provider} was not finished.", "Start again."),
		},
		{
			Code: CodeExchange, Next: NextLogin, When: "the login came back and no usable token followed",
			Dutch:   dutch("Het inloggen bij {provider} is niet gelukt.", "Begin opnieuw."),
			English: english("The login at {provider} did not work.", "Start again."),
		},
		{
			Code: CodeExpired, Next: NextLogin, When: "HTTP 401 that renewing does not help; invalid_grant at a renewal; a token that ended",
			Dutch:   dutch("Uw toestemming bij {provider} is verlopen.", "Log opnieuw in."),
			English: english("Your permission at {provider} has ended.", "Log in again."),
		},
		{
			Code: CodeClient, Next: NextMaker, When: "invalid_request, invalid_scope, invalid_client, unauthorized_client, unsupported_response_type",
			Dutch:   dutch("Er ging iets mis tussen deze app en {provider}.", "Meld dit bij de maker van deze app. Geef de code erbij."),
			English: english("Something went wrong between this app and {provider}.", "Report this to the maker of this app. Mention the code."),
		},
		{
			Code: CodeNoMatch, Next: NextSelf, When: "not given by MedMij, which answers access_denied; for apps that know it in another way",
			Dutch:   dutch("{provider} kent u niet als patiënt.", "Staat u daar ingeschreven? Kies anders een andere zorgverlener."),
			English: english("{provider} does not know you as a patient.", "Are you registered there? If not, choose another care provider."),
		},
		{
			Code: CodeAge, Next: NextProvider, When: "not given by MedMij, which answers access_denied; for apps that know it in another way",
			Dutch:   dutch("U moet 16 jaar of ouder zijn om hier gegevens op te halen.", "Vraag {provider} om uw gegevens."),
			English: english("You must be 16 or older to fetch records here.", "Ask {provider} for your records."),
		},
	}
}

// collectFailures are about what a provider answers to a query (4.3).
func collectFailures() []Failure {
	const laterNL, laterEN = "Probeer het later opnieuw.", "Try again later."
	return []Failure{
		{
			Code: CodeForbidden, Next: NextProvider, When: "HTTP 403; a service that was not granted",
			Dutch:   dutch("{provider} geeft geen toegang. Uw bewaarde gegevens blijven staan.", "Vraag {provider} wat u kunt doen."),
			English: english("{provider} gives no access. Your saved records stay.", "Ask {provider} what you can do."),
		},
		{
			Code: CodeNotOffered, Next: NextProvider, When: "HTTP 404 or 410 on a query",
			Dutch:   dutch("{provider} biedt dit onderdeel niet aan.", "Mist u iets? Vraag het aan {provider}."),
			English: english("{provider} does not offer this part.", "Is something missing? Ask {provider}."),
		},
		{
			Code: CodeBusy, Next: NextRetry, When: "HTTP 429 after every try, or a Retry-After above a minute",
			Dutch:   dutch("Het is druk bij {provider}. Dat ligt niet aan u.", laterNL),
			English: english("It is busy at {provider}. That is not your fault.", laterEN),
		},
		{
			Code: CodeUnavailable, Next: NextRetry, When: "HTTP 5xx, no connection, a broken one; server_error, temporarily_unavailable or an unknown error",
			Dutch:   dutch("{provider} reageert niet. Dat ligt niet aan u.", laterNL),
			English: english("{provider} does not respond. That is not your fault.", laterEN),
		},
		{
			Code: CodeTimeout, Next: NextRetry, When: "no answer in time, or one that comes too slowly",
			Dutch:   dutch("{provider} reageert niet op tijd. Dat ligt niet aan u.", laterNL),
			English: english("{provider} does not respond in time. That is not your fault.", laterEN),
		},
		{
			Code: CodeBad, Next: NextRetry, When: "another content type, FHIR release or form than asked; cut or too large",
			Dutch:   dutch("{provider} stuurde iets dat wij niet konden lezen. Wat u al had, blijft staan.", "Probeer het later opnieuw. Gaat het weer mis? Meld het bij de maker van deze app."),
			English: english("{provider} sent something that we could not read. What you had stays.", "Try again later. Does it fail again? Report it to the maker of this app."),
		},
		{
			Code: CodeIncomplete, Next: NextRetry, When: "a limit of pages or resources, a loop of pages, or fewer resources than announced",
			Dutch:   dutch("Niet alles is opgehaald bij {provider}.", laterNL),
			English: english("Not everything was fetched from {provider}.", laterEN),
		},
		{
			Code: CodeStopped, Next: NextRetry, When: "the person stopped the collecting",
			Dutch:   dutch("U hebt het ophalen gestopt. Wat binnen was, blijft.", "U kunt het later opnieuw doen."),
			English: english("You stopped the fetching. What had come in stays.", "You can do it again later."),
		},
		{
			Code: CodeOther, Next: NextRetry, When: "any other HTTP status, and every code that has no words",
			Dutch:   dutch("Bij {provider} is iets niet gelukt. Uw bewaarde gegevens blijven staan.", laterNL),
			English: english("Something did not work at {provider}. Your saved records stay.", laterEN),
		},
	}
}

// documentFailures are about what came in, or could not (4.5).
func documentFailures() []Failure {
	const askNL, askEN = "Vraag {provider} om het document.", "Ask {provider} for the document."
	return []Failure{
		{
			Code: CodeGone, Next: NextProvider, When: "HTTP 404 or 410 on a document",
			Dutch:   dutch("Dit document is er niet, of niet meer, bij {provider}.", askNL),
			English: english("This document is not there, or not any more, at {provider}.", askEN),
		},
		{
			Code: CodeFile, Next: NextProvider, When: "a document of another type, size or hash than announced",
			Dutch:   dutch("Dit bestand van {provider} klopt niet. Wij openen het niet.", askNL),
			English: english("This file from {provider} is not right. We do not open it.", askEN),
		},
		{
			Code: CodeIdentity, Next: NextSelf, When: "records that seem to be of another person",
			Dutch:   dutch("De naam bij {provider} is anders dan die van u. Wij voegen niets samen.", "Kijk of dit uw gegevens zijn."),
			English: english("The name at {provider} differs from yours. We join nothing.", "Check whether these are your records."),
		},
	}
}

// warnings are about what came in well and was not all as agreed.
func warnings() []Failure {
	const askNL, askEN = "Mist u iets? Vraag het aan {provider}.", "Is something missing? Ask {provider}."
	return []Failure{
		{
			Code: CodeUnfiltered, Next: NextProvider, When: "a self link without a parameter that was asked; nothing is left out",
			Dutch:   dutch("{provider} stuurde misschien meer dan wij vroegen. Alles is bewaard.", askNL),
			English: english("{provider} perhaps sent more than we asked. Everything is kept.", askEN),
		},
		{
			Code: CodeAll, Next: NextProvider, When: "the operation $lastn is not there, so everything was asked; nothing is left out",
			Dutch:   dutch("{provider} stuurde alles, niet alleen het nieuwste. Alles is bewaard.", askNL),
			English: english("{provider} sent everything, not only the newest. Everything is kept.", askEN),
		},
		{
			Code: CodeTotal, Next: NextProvider, When: "a total that is not the number of results, so that nobody can tell whether all came",
			Dutch:   dutch("{provider} noemde een ander aantal dan er kwam. Wat kwam, is bewaard.", askNL),
			English: english("{provider} named another number than came in. What came is kept.", askEN),
		},
	}
}

// sendFailures are about what was sent (4.6).
func sendFailures() []Failure {
	return []Failure{
		{
			Code: CodeRefused, Next: NextSelf, When: "HTTP 422, or an entry that the provider refused",
			Dutch:   dutch("{provider} nam dit niet aan. Het blijft bij u staan.", "Kijk of het klopt. Probeer het daarna opnieuw."),
			English: english("{provider} did not accept this. You still have it.", "Check whether it is right. Then try again."),
		},
		{
			Code: CodeUnknown, Next: NextProvider, When: "something was sent and there is no usable answer",
			Dutch:   dutch("Het is niet zeker of dit bij {provider} is aangekomen. Wij sturen het niet opnieuw.", "Vraag het na bij {provider}."),
			English: english("It is not certain whether this has arrived at {provider}. We do not send it again.", "Ask {provider}."),
		},
	}
}

// trustFailures are about the connection itself (4.7) and the lists (2).
func trustFailures() []Failure {
	const laterNL, laterEN = "Probeer het later opnieuw.", "Try again later."
	return []Failure{
		{
			Code: CodeTrust, Next: NextMaker, When: "another certificate, host, address, redirect or TLS version than is allowed",
			Dutch:   dutch("De verbinding met {provider} is niet te vertrouwen. Daarom zijn wij gestopt.", "Meld dit bij de maker van deze app. Geef de code erbij."),
			English: english("The connection with {provider} cannot be trusted. That is why we stopped.", "Report this to the maker of this app. Mention the code."),
		},
		{
			Code: CodeClock, Next: NextSelf, When: "a certificate that is not valid at this moment",
			Dutch:   dutch("De beveiliging van {provider} klopt nu niet. Misschien loopt de klok van dit apparaat verkeerd.", "Kijk of de datum en de tijd kloppen. Probeer het daarna opnieuw."),
			English: english("The security of {provider} is not right now. Perhaps the clock of this device is wrong.", "Check the date and the time. Then try again."),
		},
		{
			Code: CodeConfig, Next: NextMaker, When: "the provider refuses our certificate, or wants one; or the app is not on the lists",
			Dutch:   dutch("{provider} herkent deze app niet. Dat ligt niet aan u.", "Meld dit bij de maker van deze app. Geef de code erbij."),
			English: english("{provider} does not recognise this app. That is not your fault.", "Report this to the maker of this app. Mention the code."),
		},
		{
			Code: CodeGateway, Next: NextRetry, When: "the gateway does not answer, or not as agreed",
			Dutch:   dutch("De dienst tussen deze app en {provider} werkt nu niet. Dat ligt niet aan u.", laterNL),
			English: english("The service between this app and {provider} does not work now. That is not your fault.", laterEN),
		},
		{
			Code: CodeLists, Next: NextRetry, When: "no lists of MedMij, or lists that are too old",
			Dutch:   dutch("Verbinden kan nu niet. Uw gegevens blijven zichtbaar.", laterNL),
			English: english("Connecting is not possible now. You still see your records.", laterEN),
		},
		{
			Code: CodeUnlisted, Next: NextProvider, When: "the provider, or its endpoints, are not on the list of providers any more",
			Dutch:   dutch("{provider} doet nu niet mee met MedMij. Uw bewaarde gegevens blijven staan.", "Vraag {provider} om nieuwe gegevens."),
			English: english("{provider} does not take part in MedMij now. Your saved records stay.", "Ask {provider} for new records."),
		},
		{
			Code: CodeOffline, Next: NextSelf, When: "this device has no internet",
			Dutch:   dutch("U bent niet verbonden met internet. U ziet de gegevens die er waren.", "Maak verbinding en probeer het opnieuw."),
			English: english("You are not connected to the internet. You see the records that were there.", "Connect and try again."),
		},
	}
}
