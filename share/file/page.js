"use strict";
(() => {
	const at = id => document.getElementById(id);
	const words = JSON.parse(at("words").textContent);
	const sealed = JSON.parse(at("sealed").textContent);
	const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
	const utf8 = s => new TextEncoder().encode(s);

	// The code as it was made: groups of four, without letters that look like digits.
	const tidy = s => s.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
	const grouped = s => s.match(/.{4}/g).join("-");

	async function unlock(code) {
		const base = await crypto.subtle.importKey("raw", utf8(code), "PBKDF2", false, ["deriveKey"]);
		const how = {name: "PBKDF2", hash: "SHA-256", salt: bytes(sealed.salt), iterations: sealed.iterations};
		const key = await crypto.subtle.deriveKey(how, base, {name: "AES-GCM", length: 256}, false, ["decrypt"]);
		const about = utf8("bundel-file/" + sealed.v + "/" + sealed.iterations);
		const plain = await crypto.subtle.decrypt({name: "AES-GCM", iv: bytes(sealed.iv), additionalData: about}, key, bytes(sealed.data));
		return JSON.parse(new TextDecoder().decode(plain));
	}

	function add(to, tag, text) {
		const e = document.createElement(tag);
		if (text) e.textContent = text;
		to.append(e);
		return e;
	}

	// Only tables and words of a narrative are shown, made anew: no attribute and
	// no other element gets onto the page.
	const shown = new Set(["div", "p", "table", "thead", "tbody", "tr", "th", "td"]);
	function copy(from, to) {
		for (const n of from.childNodes) {
			if (n.nodeType === Node.TEXT_NODE) to.append(n.textContent);
			else if (shown.has(n.localName)) copy(n, add(to, n.localName));
		}
	}

	function show(bundle) {
		const all = bundle.entry.map(e => e.resource);
		const document_ = all[0], person = all.find(r => r.resourceType === "Patient");
		const day = s => new Date(s).toLocaleDateString(words.lang, {dateStyle: "long"});
		const to = at("summary");
		const name = person.name && person.name[0].text;
		if (name) add(to, "p", name).className = "name";
		if (person.birthDate) add(to, "p", words.born + ": " + (person.birthDate.length === 10 ? day(person.birthDate) : person.birthDate));
		add(to, "p", words.made + " " + day(document_.date) + ". " + words.later);
		for (const s of document_.section) {
			add(to, "h2", s.title);
			const div = add(to, "div");
			div.className = "wide";
			copy(new DOMParser().parseFromString(s.text.div, "application/xml").documentElement, div);
		}
		at("title").textContent = document.title = document_.title;
		at("ask").remove();
		to.hidden = false;
		at("title").focus();
	}

	at("ask").addEventListener("submit", async e => {
		e.preventDefault();
		const code = tidy(at("code").value);
		if (!window.crypto || !crypto.subtle) { at("say").textContent = words.old; return; }
		if (code.length !== 16) { at("say").textContent = words.short; return; }
		at("say").textContent = words.busy;
		try {
			show(await unlock(grouped(code)));
		} catch {
			at("say").textContent = words.wrong;
			at("code").focus();
		}
	});
})();
