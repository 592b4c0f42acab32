// Reading a SMART Health Link (HL7 SHL IG 1.0.0) and a one-time code with what
// the browser has: WebCrypto and DecompressionStream.

import { argon2id } from './argon2.js';

// Problem is an error that the page has words for.
export class Problem extends Error {
  constructor(name, remaining) {
    super(name);
    this.remaining = remaining;
  }
}

const text = new TextEncoder();
const SHL = 'shlink:/';

function fromBase64(s) {
  const raw = atob(s.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

function toBase64(b) {
  return btoa(String.fromCharCode(...b)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

// parseLink reads the part of an address behind "#"; null: there is no link.
export function parseLink(fragment) {
  const at = fragment.indexOf(SHL);
  if (at < 0) return null;
  let p;
  try {
    p = JSON.parse(new TextDecoder().decode(fromBase64(fragment.slice(at + SHL.length))));
    p.rawKey = fromBase64(p.key);
    p.target = new URL(p.url);
  } catch {
    throw new Problem('bad');
  }
  if (p.v > 1) throw new Problem('newer');
  if (p.rawKey.length !== 32 || p.url.length > 128) throw new Problem('bad');
  if (p.exp && p.exp * 1000 <= Date.now()) throw new Problem('expired');
  p.flag = p.flag || '';
  return p;
}

// fromCode makes the address and the key of a one-time code, here: neither the
// code nor the date of birth is sent. The numbers are those of share/code.go.
export async function fromCode(typed, born, relay) {
  const code = typed.toUpperCase().replace(/[\s\u00a0\u2013-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{10}$/.test(code)) throw new Problem('badCode');
  const root = await argon2id({
    password: text.encode(`${code}|${born}`), salt: text.encode('bundel one-time code 1'),
    passes: 2, memory: 19 * 1024, lanes: 1, size: 32,
    turn: () => new Promise((next) => { setTimeout(next); }),
  });
  const material = await crypto.subtle.importKey('raw', root, 'HKDF', false, ['deriveBits']);
  const part = async (info) => new Uint8Array(await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: text.encode(info) }, material, 256));
  const id = code.slice(0, 3) + toBase64(await part('bundel code lookup'));
  return { target: new URL(`shl/${id}`, relay), rawKey: await part('bundel code key'), flag: '', code: true };
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { ...options, credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' });
  } catch {
    throw new Problem('offline');
  }
  if (answer.status === 401) throw new Problem('wrong', (await answer.json()).remainingAttempts);
  if (answer.status === 404) throw new Problem('gone');
  if (answer.status === 429) throw new Problem('busy');
  if (!answer.ok) throw new Problem('offline');
  return answer;
}

// files gives what a link leads to: [{type, text}].
export async function files(link, recipient, passcode) {
  if (link.flag.includes('U')) {
    link.target.searchParams.set('recipient', recipient);
    return [await unseal(await (await ask(link.target)).text(), link.rawKey)];
  }
  const body = { recipient };
  if (passcode) body.passcode = passcode;
  const answer = await ask(link.target, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const manifest = await answer.json();
  return Promise.all(manifest.files.map(async (f) => unseal(f.embedded ?? await (await ask(f.location)).text(), link.rawKey)));
}

// unseal decrypts a compact JWE with a direct key and A256GCM, and nothing else.
async function unseal(jwe, rawKey) {
  try {
    const [head, none, iv, body, tag] = jwe.trim().split('.');
    const header = JSON.parse(new TextDecoder().decode(fromBase64(head)));
    if (header.alg !== 'dir' || header.enc !== 'A256GCM' || none !== '') throw new Error('kind');
    const key = await crypto.subtle.importKey('raw', rawKey, 'AES-GCM', false, ['decrypt']);
    const sealed = new Uint8Array([...fromBase64(body), ...fromBase64(tag)]);
    let plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: fromBase64(iv), additionalData: text.encode(head) }, key, sealed);
    if (header.zip === 'DEF') {
      plain = await new Response(new Blob([plain]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer();
    }
    return { type: header.cty, text: new TextDecoder().decode(plain) };
  } catch {
    throw new Problem('changed');
  }
}
