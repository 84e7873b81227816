'use strict';
// SHA-256 (FIPS 180-4). Browsers have their own for pages from secure addresses alone, which a page
// from a disk is not.

const sha256Constants = (() => {
  // The first 32 bits of the fractions of the primes' roots.
  const fraction = root => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; ++n) {
    if (primes.every(prime => n % prime !== 0)) primes.push(n);
  }
  return {
    start: Int32Array.from(primes.slice(0, 8), prime => fraction(Math.sqrt(prime))),
    rounds: Int32Array.from(primes, prime => fraction(Math.cbrt(prime))),
  };
})();

/// Digest of bytes, as 32 bytes.
function sha256(bytes) {
  const {start, rounds} = sha256Constants;
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = Int32Array.from(start);
  const words = new Int32Array(64);
  const turned = (x, n) => x >>> n | x << 32 - n;
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; ++i) words[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; ++i) {
      const x = words[i - 15], y = words[i - 2];
      const before = turned(x, 7) ^ turned(x, 18) ^ x >>> 3;
      const after = turned(y, 17) ^ turned(y, 19) ^ y >>> 10;
      words[i] = words[i - 16] + before + words[i - 7] + after;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; ++i) {
      const right = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const left = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const first = h + right + (e & f ^ ~e & g) + rounds[i] + words[i] | 0;
      const second = left + (a & b ^ a & c ^ b & c) | 0;
      h = g;
      g = f;
      f = e;
      e = d + first | 0;
      d = c;
      c = b;
      b = a;
      a = first + second | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => state[i] += value);
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

/// SHA-256 of a text's UTF-8, then of the 32 bytes before, `rounds` digests in all, as 64
/// hexadecimal digits.
function sha256Hex(text, rounds = 1) {
  let bytes = new TextEncoder().encode(text);
  for (let round = 0; round < rounds; ++round) bytes = sha256(bytes);
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
