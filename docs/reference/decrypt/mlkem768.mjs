// ML-KEM-768 (FIPS 203), decapsulation only, written to be read beside the standard.
//
// An example, not a product: nothing here is constant-time. Use your platform's ML-KEM where it has one (OpenSSL 3.5,
// Go 1.24, Java 24, Node 24, BoringSSL, AWS-LC). Node 18 has none, and this page must run on a plain Debian 12.

import { createHash } from "node:crypto";

const Q = 3329;
const N = 256;
const K = 3;
const DU = 10;
const DV = 4;
const CIPHERTEXT_BYTES = 32 * (DU * K + DV);

const sha3 = (bits, ...parts) => createHash(`sha3-${bits}`).update(Buffer.concat(parts)).digest();
const shake = (bits, length, ...parts) =>
  createHash(`shake${bits}`, { outputLength: length }).update(Buffer.concat(parts)).digest();

/** The 64-byte seed `d || z` and a ciphertext give the shared secret of 32 bytes (FIPS 203, algorithms 16 and 18). */
export function decapsulate(seed, ciphertext) {
  if (seed.length !== 64 || ciphertext.length !== CIPHERTEXT_BYTES) throw new Error("wrong length");
  const [d, z] = [seed.subarray(0, 32), seed.subarray(32)];
  const { secret, encapsulationKey, rho, t } = expand(d);
  const message = decrypt(secret, ciphertext);
  const both = sha3(512, message, sha3(256, encapsulationKey));
  const [shared, coins] = [both.subarray(0, 32), both.subarray(32)];
  // Implicit rejection: whoever sends a wrong ciphertext learns nothing from the answer.
  return encrypt(t, rho, message, coins).equals(ciphertext) ? shared : shake(256, 32, z, ciphertext);
}

/** K-PKE.KeyGen, algorithm 13: the secret and the encapsulation key that belong to `d`. */
function expand(d) {
  const both = sha3(512, d, Buffer.from([K]));
  const [rho, sigma] = [both.subarray(0, 32), both.subarray(32)];
  const noise = (n) => ntt(centredBinomial(shake(256, 128, sigma, Buffer.from([n]))));
  const secret = range(K).map((i) => noise(i));
  const t = range(K).map((i) => add(product(matrixRow(rho, i, false), secret), noise(K + i)));
  const encapsulationKey = Buffer.concat([...t.map((poly) => pack(poly, 12)), rho]);
  return { secret, encapsulationKey, rho, t };
}

/** K-PKE.Encrypt, algorithm 14. */
function encrypt(t, rho, message, coins) {
  const noise = (n) => centredBinomial(shake(256, 128, coins, Buffer.from([n])));
  const y = range(K).map((i) => ntt(noise(i)));
  const u = range(K).map((i) => add(inverseNtt(product(matrixRow(rho, i, true), y)), noise(K + i)));
  const v = add(add(inverseNtt(product(t, y)), noise(2 * K)), unpack(message, 1).map((bit) => bit * 1665));
  return Buffer.concat([...u.map((poly) => pack(compress(poly, DU), DU)), pack(compress(v, DV), DV)]);
}

/** K-PKE.Decrypt, algorithm 15. */
function decrypt(secret, ciphertext) {
  const each = 32 * DU;
  const u = range(K).map((i) => decompress(unpack(ciphertext.subarray(i * each, (i + 1) * each), DU), DU));
  const v = decompress(unpack(ciphertext.subarray(K * each), DV), DV);
  const masked = inverseNtt(product(secret, u.map(ntt)));
  return pack(compress(v.map((value, i) => mod(value - masked[i])), 1), 1);
}

const range = (count) => Array.from({ length: count }, (_, index) => index);
const mod = (value) => ((value % Q) + Q) % Q;
const add = (a, b) => a.map((value, i) => (value + b[i]) % Q);
const compress = (poly, bits) => poly.map((value) => Math.floor((value * 2 ** bits) / Q + 0.5) % 2 ** bits);
const decompress = (poly, bits) => poly.map((value) => Math.floor((value * Q) / 2 ** bits + 0.5));

/** Row `i` of the matrix A, or of its transpose. */
const matrixRow = (rho, i, transposed) =>
  range(K).map((j) => (transposed ? uniform(rho, i, j) : uniform(rho, j, i)));

/** SampleNTT, algorithm 7, over a stream long enough that rejection practically never exhausts it. */
function uniform(rho, first, second) {
  const stream = shake(128, 168 * 8, rho, Buffer.from([first, second]));
  const poly = [];
  for (let at = 0; poly.length < N; at += 3) {
    if (at + 3 > stream.length) throw new Error("the stream is exhausted");
    const low = stream[at] + 256 * (stream[at + 1] % 16);
    const high = Math.floor(stream[at + 1] / 16) + 16 * stream[at + 2];
    if (low < Q) poly.push(low);
    if (high < Q && poly.length < N) poly.push(high);
  }
  return poly;
}

/** SamplePolyCBD with eta = 2, algorithm 8. */
function centredBinomial(bytes) {
  const bits = unpackBits(bytes, 1, 4 * N);
  return range(N).map((i) => mod(bits[4 * i] + bits[4 * i + 1] - bits[4 * i + 2] - bits[4 * i + 3]));
}

function unpackBits(bytes, bits, count) {
  const values = [];
  for (let i = 0; i < count; i += 1) {
    let value = 0;
    for (let b = 0; b < bits; b += 1) {
      const place = i * bits + b;
      value += ((bytes[place >> 3] >> (place & 7)) & 1) << b;
    }
    values.push(value);
  }
  return values;
}

/** ByteDecode, algorithm 6. */
const unpack = (bytes, bits) => unpackBits(bytes, bits, N);

/** ByteEncode, algorithm 5. */
function pack(poly, bits) {
  const bytes = Buffer.alloc((N * bits) / 8);
  poly.forEach((value, i) => {
    for (let b = 0; b < bits; b += 1) {
      const place = i * bits + b;
      bytes[place >> 3] |= ((value >> b) & 1) << (place & 7);
    }
  });
  return bytes;
}

const bitReversed = (value) => range(7).reduce((sum, bit) => sum + (((value >> bit) & 1) << (6 - bit)), 0);
const power = (exponent) => range(exponent).reduce((value) => (value * 17) % Q, 1);
const ZETAS = range(128).map((i) => power(bitReversed(i)));
const GAMMAS = range(128).map((i) => power(2 * bitReversed(i) + 1));

/** Algorithm 9. */
function ntt(poly) {
  const f = [...poly];
  let zeta = 1;
  for (let length = 128; length >= 2; length /= 2) {
    for (let start = 0; start < N; start += 2 * length, zeta += 1) {
      for (let j = start; j < start + length; j += 1) {
        const turned = (ZETAS[zeta] * f[j + length]) % Q;
        f[j + length] = mod(f[j] - turned);
        f[j] = (f[j] + turned) % Q;
      }
    }
  }
  return f;
}

/** Algorithm 10. */
function inverseNtt(poly) {
  const f = [...poly];
  let zeta = 127;
  for (let length = 2; length <= 128; length *= 2) {
    for (let start = 0; start < N; start += 2 * length, zeta -= 1) {
      for (let j = start; j < start + length; j += 1) {
        const before = f[j];
        f[j] = (before + f[j + length]) % Q;
        f[j + length] = (ZETAS[zeta] * mod(f[j + length] - before)) % Q;
      }
    }
  }
  return f.map((value) => (value * 3303) % Q);
}

/** The sum of the products of two vectors in the NTT domain, algorithms 11 and 12. */
function product(left, right) {
  return left.map((poly, i) => multiply(poly, right[i])).reduce(add);
}

function multiply(f, g) {
  const h = new Array(N);
  for (let i = 0; i < N / 2; i += 1) {
    const [a, b, c, d] = [f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]];
    h[2 * i] = (a * c + ((b * d) % Q) * GAMMAS[i]) % Q;
    h[2 * i + 1] = (a * d + b * c) % Q;
  }
  return h;
}
