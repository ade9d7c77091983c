// Opens an envelope (version 2), as docs/reference/envelope.md describes it, with nothing but Node 18.
//
//   node decrypt.mjs KEYS.json ENVELOPE.json [PARTS_DIR OUT_DIR]
//
// KEYS.json is {"keys": [{"kid", "suite", "private"}]}; a hybrid private key is the ML-KEM seed (64 bytes) and the X25519
// scalar (32), an X25519 key the scalar alone, in Base64. The document goes to standard output; attachments are read from
// PARTS_DIR/<sha256> and written to OUT_DIR/<attachment>.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as crypto from "node:crypto";
import { decapsulate } from "./mlkem768.mjs";

const HYBRID = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM";
const CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM";
const KEM_IDS = { [HYBRID]: 0x647a, [CLASSIC]: 0x0020 };
const HKDF_SHA256 = 0x0001;
const AES_256_GCM = 0x0002;
const TAG_BYTES = 16;

const ascii = (text) => Buffer.from(text, "ascii");
const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const u32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
const u64 = (value) => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64BE(BigInt(value)); return bytes; };
const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key, ...parts) => crypto.createHmac("sha256", key).update(Buffer.concat(parts)).digest();

// --- X25519 -------------------------------------------------------------------------------------------------------

const PKCS8_X25519 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_X25519 = Buffer.from("302a300506032b656e032100", "hex");
const privateKey = (scalar) =>
  crypto.createPrivateKey({ key: Buffer.concat([PKCS8_X25519, scalar]), format: "der", type: "pkcs8" });
const publicKey = (raw) =>
  crypto.createPublicKey({ key: Buffer.concat([SPKI_X25519, raw]), format: "der", type: "spki" });
const publicOf = (scalar) =>
  crypto.createPublicKey(privateKey(scalar)).export({ format: "der", type: "spki" }).subarray(SPKI_X25519.length);
const agree = (scalar, raw) => crypto.diffieHellman({ privateKey: privateKey(scalar), publicKey: publicKey(raw) });

// --- HPKE, RFC 9180, base mode -------------------------------------------------------------------------------------

const labelledExtract = (suite, salt, label, ikm) => hmac(salt, ascii("HPKE-v1"), suite, ascii(label), ikm);

function labelledExpand(suite, key, label, info, length) {
  const whole = Buffer.concat([u16(length), ascii("HPKE-v1"), suite, ascii(label), info]);
  let [block, out] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let counter = 1; out.length < length; counter += 1) {
    block = hmac(key, block, whole, Buffer.from([counter]));
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, length);
}

/** DHKEM(X25519, HKDF-SHA256), RFC 9180 section 4.1. */
function decapClassic(scalar, enc) {
  const suite = Buffer.concat([ascii("KEM"), u16(KEM_IDS[CLASSIC])]);
  const prk = labelledExtract(suite, Buffer.alloc(0), "eae_prk", agree(scalar, enc));
  return labelledExpand(suite, prk, "shared_secret", Buffer.concat([enc, publicOf(scalar)]), 32);
}

/** MLKEM768-X25519 of draft-ietf-hpke-pq, which is X-Wing. */
function decapHybrid(secret, enc) {
  const [seed, scalar] = [secret.subarray(0, 64), secret.subarray(64)];
  const [ciphertext, ephemeral] = [enc.subarray(0, 1088), enc.subarray(1088)];
  const parts = [decapsulate(seed, ciphertext), agree(scalar, ephemeral), ephemeral, publicOf(scalar), ascii("\\.//^\\")];
  return crypto.createHash("sha3-256").update(Buffer.concat(parts)).digest();
}

const DECAP = { [HYBRID]: decapHybrid, [CLASSIC]: decapClassic };
const ENC_BYTES = { [HYBRID]: 1088 + 32, [CLASSIC]: 32 };

function openHpke(key, message, info) {
  const enc = message.subarray(0, ENC_BYTES[key.suite]);
  const shared = DECAP[key.suite](key.private, enc);
  const suite = Buffer.concat([ascii("HPKE"), u16(KEM_IDS[key.suite]), u16(HKDF_SHA256), u16(AES_256_GCM)]);
  const none = Buffer.alloc(0);
  const context = Buffer.concat([
    Buffer.from([0]),
    labelledExtract(suite, none, "psk_id_hash", none),
    labelledExtract(suite, none, "info_hash", info),
  ]);
  const secret = labelledExtract(suite, shared, "secret", none);
  const aeadKey = labelledExpand(suite, secret, "key", context, 32);
  const nonce = labelledExpand(suite, secret, "base_nonce", context, 12);
  return openAead(aeadKey, nonce, message.subarray(enc.length), none);
}

function openAead(key, nonce, sealed, associated) {
  const decipher = crypto.createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}

// --- the envelope ----------------------------------------------------------------------------------------------------

const caseBytes = (envelope) => Buffer.from(envelope.case.replaceAll("-", ""), "hex");
const place = (envelope) => Buffer.concat([u32(envelope.kiosk), caseBytes(envelope)]);

function contentKey(envelope, keys) {
  const { kid, wrapped } = envelope.keys.find((recipient) => keys.has(recipient.kid)) ?? {};
  if (kid === undefined) throw new Error("sealed to keys that are not here");
  const info = Buffer.concat([ascii("report-kiosk/key/2\0"), place(envelope), u64(envelope.sequence), ascii(kid)]);
  return openHpke(keys.get(kid), Buffer.from(wrapped, "base64"), info);
}

function openDocument(envelope, key) {
  const parts = envelope.parts.map((part) =>
    Buffer.concat([u32(part.attachment), Buffer.from(part.sha256, "hex"), u64(part.size)]));
  const recipients = envelope.keys.map(({ kid }) => Buffer.concat([Buffer.from([kid.length]), ascii(kid)]));
  const associated = Buffer.concat([
    ascii("report-kiosk/case/2\0"), place(envelope), u64(envelope.sequence), Buffer.from(envelope.previous, "hex"),
    sha256(...parts), sha256(...recipients),
  ]);
  const padded = openAead(key, Buffer.alloc(12), Buffer.from(envelope.sealed, "base64"), associated);
  return padded.subarray(0, padded.lastIndexOf(0x80));
}

function openPart(envelope, key, number, sealed) {
  const part = envelope.parts[number];
  if (sha256(sealed).toString("hex") !== part.sha256) throw new Error(`part ${number} is not what it is called`);
  const nonce = Buffer.concat([Buffer.alloc(4), u64(number + 1)]);
  const associated = Buffer.concat([
    ascii("report-kiosk/part/2\0"), place(envelope), u32(number), u32(part.attachment),
  ]);
  return openAead(key, nonce, sealed, associated);
}

function main([keysFile, envelopeFile, partsFolder, outFolder]) {
  const listed = JSON.parse(readFileSync(keysFile, "utf8")).keys;
  const keys = new Map(listed.map((key) => [key.kid, { ...key, private: Buffer.from(key.private, "base64") }]));
  const envelope = JSON.parse(readFileSync(envelopeFile, "utf8"));
  const key = contentKey(envelope, keys);
  process.stdout.write(openDocument(envelope, key));
  if (outFolder === undefined) return;
  const attachments = [];
  envelope.parts.forEach((part, number) => {
    const opened = openPart(envelope, key, number, readFileSync(join(partsFolder, part.sha256)));
    (attachments[part.attachment] ??= []).push(opened);
  });
  attachments.forEach((pieces, index) => writeFileSync(join(outFolder, String(index)), Buffer.concat(pieces)));
}

main(process.argv.slice(2));
