/** Tokens as issuers sign them, and keys to verify them with. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';

export const SECRET = 'a secret of tests that is long enough';

export interface KeyPair {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly pem: string;
  readonly jwk: JWK;
}

export async function keyPair(
  alg: string,
  options: { readonly modulusLength?: number } = {},
): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return { alg, privateKey, pem: await exportSPKI(publicKey), jwk: await exportJWK(publicKey) };
}

export interface TokenOptions {
  readonly alg?: string;
  readonly key?: CryptoKey | Uint8Array;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Good for an hour and for `ann`, unless the claims say otherwise; a claim that is `undefined` is left out. */
export function signToken(claims: object = {}, options: TokenOptions = {}): Promise<string> {
  const { alg = 'HS256', key = new TextEncoder().encode(SECRET), header } = options;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sub: 'ann', iat: now, exp: now + 3600, ...claims })
    .setProtectedHeader({ alg, ...header })
    .sign(key);
}

/** A token made by hand: whatever parts, however wrong. */
export function rawToken(header: unknown, payload: unknown, signature = ''): string {
  const encoded = (part: unknown) =>
    Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
  return `${encoded(header)}.${encoded(payload)}.${signature}`;
}

export interface KeyServer {
  readonly url: string;
  /** How often it was asked. */
  readonly requests: () => number;
  close(): Promise<void>;
}

export async function keyServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<KeyServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
