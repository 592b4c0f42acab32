// Argon2id (RFC 9106) in plain JavaScript, for one-time codes: the code and the
// date of birth must not leave this computer, so the key is made here. It is
// slower than a program, so it gives the page a turn after every slice of
// memory. Tested against the vectors of the RFC and against Go.

const MASK = (1n << 64n) - 1n;

const IV = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];

const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

const rotr = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;

function mix(v, a, b, c, d, x, y) {
  v[a] = (v[a] + v[b] + x) & MASK;
  v[d] = rotr(v[d] ^ v[a], 32n);
  v[c] = (v[c] + v[d]) & MASK;
  v[b] = rotr(v[b] ^ v[c], 24n);
  v[a] = (v[a] + v[b] + y) & MASK;
  v[d] = rotr(v[d] ^ v[a], 16n);
  v[c] = (v[c] + v[d]) & MASK;
  v[b] = rotr(v[b] ^ v[c], 63n);
}

function compress(h, block, count, last) {
  const view = new DataView(block.buffer, block.byteOffset, 128);
  const m = Array.from({ length: 16 }, (_, i) => view.getBigUint64(8 * i, true));
  const v = [...h, ...IV];
  v[12] ^= BigInt(count);
  if (last) v[14] ^= MASK;
  for (let round = 0; round < 12; round++) {
    const s = SIGMA[round % 10];
    for (let i = 0; i < 4; i++) mix(v, i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]]);
    for (let i = 0; i < 4; i++) mix(v, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
  }
  for (let i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

// blake2b gives size bytes (1 to 64). It is used a few hundred times, so it may
// count with BigInt.
export function blake2b(size, ...parts) {
  const input = concat(...parts);
  const h = [...IV];
  h[0] ^= 0x01010000n ^ BigInt(size);
  let at = 0;
  for (; input.length - at > 128; at += 128) compress(h, input.subarray(at, at + 128), at + 128, false);
  const tail = new Uint8Array(128);
  tail.set(input.subarray(at));
  compress(h, tail, input.length, true);
  const out = new Uint8Array(64);
  const view = new DataView(out.buffer);
  h.forEach((word, i) => view.setBigUint64(8 * i, word, true));
  return out.slice(0, size);
}

function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function le32(n) {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n, true);
  return out;
}

// longHash is H' of the RFC: a hash of any size.
function longHash(size, ...parts) {
  if (size <= 64) return blake2b(size, le32(size), ...parts);
  const out = new Uint8Array(size);
  let v = blake2b(64, le32(size), ...parts);
  let at = 0;
  for (; size - at > 64; at += 32) {
    out.set(v.subarray(0, 32), at);
    v = blake2b(size - at - 32 > 64 ? 64 : size - at - 32, v);
  }
  out.set(v, at);
  return out;
}

// A block is 256 words of 32 bits: the low and the high half of 128 numbers.
const WORDS = 256;

// gb is the core of the RFC, on four 64-bit numbers in halves: a + b + 2 times
// the product of the low halves, and so on. The high half of a product comes
// from products of 16 bits.
function gb(v, a, b, c, d) {
  fold(v, a, b);
  swap(v, d, a, 32);
  fold(v, c, d);
  swap(v, b, c, 24);
  fold(v, a, b);
  swap(v, d, a, 16);
  fold(v, c, d);
  swap(v, b, c, 63);
}

function fold(v, a, b) {
  const x = v[a], y = v[b];
  const x0 = x & 0xffff, x1 = x >>> 16, y0 = y & 0xffff, y1 = y >>> 16;
  const low = Math.imul(x0, y0), middle = (low >>> 16) + Math.imul(x1, y0);
  const cross = (middle & 0xffff) + Math.imul(x0, y1);
  const high = Math.imul(x1, y1) + (middle >>> 16) + (cross >>> 16);
  const product = Math.imul(x, y) >>> 0;
  const sum = x + y + ((product << 1) >>> 0);
  v[a + 1] = v[a + 1] + v[b + 1] + ((high << 1) | (product >>> 31)) + Math.floor(sum / 4294967296);
  v[a] = sum;
}

// swap: v[to] = (v[to] ^ v[by]) turned right.
function swap(v, to, by, turn) {
  const l = v[to] ^ v[by], h = v[to + 1] ^ v[by + 1];
  if (turn === 32) {
    v[to] = h;
    v[to + 1] = l;
  } else if (turn === 63) {
    v[to] = (l << 1) | (h >>> 31);
    v[to + 1] = (h << 1) | (l >>> 31);
  } else {
    v[to] = (l >>> turn) | (h << (32 - turn));
    v[to + 1] = (h >>> turn) | (l << (32 - turn));
  }
}

// permute is the round P on sixteen numbers: eight pairs, from starts that lie
// step words apart.
function permute(v, start, step) {
  const at = (i) => start + (i >> 1) * step + (i & 1) * 2;
  const [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  const [i, j, k, l, m, n, o, p] = [at(8), at(9), at(10), at(11), at(12), at(13), at(14), at(15)];
  gb(v, a, e, i, m);
  gb(v, b, f, j, n);
  gb(v, c, g, k, o);
  gb(v, d, h, l, p);
  gb(v, a, f, k, p);
  gb(v, b, g, l, m);
  gb(v, c, h, i, n);
  gb(v, d, e, j, o);
}

const R = new Uint32Array(WORDS);
const Z = new Uint32Array(WORDS);

// fill is G of the RFC: the block at to, from two others; xor keeps what was.
function fill(mem, x, y, to, xor) {
  for (let i = 0; i < WORDS; i++) Z[i] = R[i] = mem[x + i] ^ mem[y + i];
  for (let i = 0; i < 8; i++) permute(Z, i * 32, 4);
  for (let i = 0; i < 8; i++) permute(Z, i * 4, 32);
  for (let i = 0; i < WORDS; i++) mem[to + i] = (xor ? mem[to + i] : 0) ^ R[i] ^ Z[i];
}

// addresses gives the numbers that say where to look, where Argon2 does not
// take them from the data: the first half of the first pass.
function addresses(state) {
  const scratch = new Uint32Array(4 * WORDS); // zero, input, once, twice
  scratch.set(state, WORDS);
  let made = -1;
  return (i) => {
    const block = Math.floor(i / 128);
    if (block !== made) {
      made = block;
      scratch[WORDS + 12] = block + 1;
      fill(scratch, 0, WORDS, 2 * WORDS, false);
      fill(scratch, 0, 2 * WORDS, 3 * WORDS, false);
    }
    const at = 3 * WORDS + (i % 128) * 2;
    return [scratch[at], scratch[at + 1]];
  };
}

// argon2id gives size bytes. memory is in KiB; secret and data may be empty.
// turn is awaited after every slice.
export async function argon2id({ password, salt, secret = new Uint8Array(), data = new Uint8Array(), passes, memory, lanes, size, turn = async () => {} }) {
  const h0 = blake2b(64, le32(lanes), le32(size), le32(memory), le32(passes), le32(0x13), le32(2),
    le32(password.length), password, le32(salt.length), salt, le32(secret.length), secret, le32(data.length), data);
  const segment = Math.floor(memory / (4 * lanes));
  const columns = 4 * segment;
  const mem = new Uint32Array(lanes * columns * WORDS);
  for (let lane = 0; lane < lanes; lane++) {
    for (let i = 0; i < 2; i++) mem.set(words(longHash(1024, h0, le32(i), le32(lane))), (lane * columns + i) * WORDS);
  }
  const shape = { mem, lanes, columns, segment, passes };
  for (let pass = 0; pass < passes; pass++) {
    for (let slice = 0; slice < 4; slice++) {
      for (let lane = 0; lane < lanes; lane++) fillSegment(shape, pass, slice, lane);
      await turn();
    }
  }
  const last = mem.slice((columns - 1) * WORDS, columns * WORDS);
  for (let lane = 1; lane < lanes; lane++) {
    for (let i = 0; i < WORDS; i++) last[i] ^= mem[((lane + 1) * columns - 1) * WORDS + i];
  }
  const out = longHash(size, bytes(last));
  mem.fill(0);
  return out;
}

function fillSegment({ mem, lanes, columns, segment, passes }, pass, slice, lane) {
  const state = new Uint32Array(WORDS);
  [pass, lane, slice, lanes * columns, passes, 2].forEach((n, i) => { state[2 * i] = n; });
  const independent = pass === 0 && slice < 2 ? addresses(state) : null;
  for (let i = pass === 0 && slice === 0 ? 2 : 0; i < segment; i++) {
    const column = slice * segment + i;
    const before = (lane * columns + (column === 0 ? columns - 1 : column - 1)) * WORDS;
    const [j1, j2] = independent ? independent(i) : [mem[before], mem[before + 1]];
    const other = pass === 0 && slice === 0 ? lane : j2 % lanes;
    // How many blocks may be looked at, and from where they are counted.
    let area = pass === 0 ? slice * segment : columns - segment;
    if (other === lane) area += i - 1;
    else if (i === 0) area--;
    const back = exactHigh(area, exactHigh(j1, j1));
    const start = pass === 0 || slice === 3 ? 0 : (slice + 1) * segment;
    const from = (start + area - 1 - back) % columns;
    fill(mem, before, (other * columns + from) * WORDS, (lane * columns + column) * WORDS, pass > 0);
  }
}

// exactHigh is the high half of a product of two 32-bit numbers; a number of
// JavaScript holds only 53 bits.
function exactHigh(x, y) {
  const x0 = x & 0xffff, x1 = x >>> 16, y0 = y & 0xffff, y1 = y >>> 16;
  const middle = ((x0 * y0) >>> 16) + x1 * y0;
  const cross = (middle % 65536) + x0 * y1;
  return x1 * y1 + Math.floor(middle / 65536) + Math.floor(cross / 65536);
}

function words(b) {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  return Uint32Array.from({ length: b.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

function bytes(w) {
  const out = new Uint8Array(w.length * 4);
  const view = new DataView(out.buffer);
  w.forEach((word, i) => view.setUint32(4 * i, word, true));
  return out;
}
