
const at = (id) => document.getElementById(id);
const words = JSON.parse(at('words').textContent);
const sealed = JSON.parse(at('sealed').textContent);
const bytes = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
const utf8 = (s) => new TextEncoder().encode(s);

// The code as it was made: groups of four, without letters that look like digits.
const tidy = (s) => s.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
const grouped = (s) => s.match(/.{4}/g).join('-');

async function unlock(code) {
  const base = await crypto.subtle.importKey('raw', utf8(code), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(sealed.salt), iterations: sealed.iterations };
  const key = await crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  const about = utf8(`bundel-file/${sealed.v}/${sealed.iterations}`);
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(sealed.iv), additionalData: about }, key, bytes(sealed.data));
  return JSON.parse(new TextDecoder().decode(plain));
}

function show(bundle) {
  const all = bundle.entry.map((e) => e.resource);
  const composition = all[0];
  const person = all.find((r) => r.resourceType === 'Patient') || {};
  at('content').replaceChildren(
    ...head({ name: person.name?.[0]?.text, birthDate: person.birthDate, date: composition.date }, words.lang),
    ...composition.section.flatMap((s) => [element('h2', {}, s.title), narrative(s.text.div)]).filter(Boolean),
  );
  document.title = at('name').textContent = composition.title;
  at('answer').textContent = words.shared;
  at('rest').textContent = '';
  at('ask').remove();
  at('name').focus();
}

at('ask').addEventListener('submit', async (e) => {
  e.preventDefault();
  const say = (text) => { at('say').textContent = text; };
  const code = tidy(at('code').value);
  if (!window.crypto?.subtle) return say(words.old);
  if (code.length !== 16) return say(words.short);
  say(words.busy);
  try {
    show(await unlock(grouped(code)));
  } catch {
    say(words.wrong);
    at('code').focus();
  }
});
