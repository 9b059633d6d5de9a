/** Calls a local engine over its control port, and verifies that it is the engine and not another process. */
import { request } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import type { JsonValue } from '../../core/json.ts';
import { sha256 } from '../../core/values/digest.ts';
import { engineStatusSchema, readEngineRecord } from './engine-record.ts';
import type { EngineFiles, EngineRecord, EngineStatus } from './engine-record.ts';

export interface LivingEngine {
  readonly record: EngineRecord;
  readonly status: EngineStatus;
}

export const PROOF_HEADER = 'x-skillos-engine';
const ANSWER_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Proofs that the two sides send each other: hashes of the nonce, from which neither nonce nor other proof can be derived. */
export function proofsOf(nonce: string): { readonly ofCommand: string; readonly ofEngine: string } {
  return { ofCommand: sha256(`command ${nonce}`), ofEngine: sha256(`engine ${nonce}`) };
}

/** Compares in constant time; false if no proof was given. */
export function isProof(given: string | undefined, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given ?? '')), Buffer.from(sha256(expected)));
}

/** Resolves to the engine of the record, if it proves itself on its port; otherwise to undefined. */
export async function findEngine(files: EngineFiles): Promise<LivingEngine | undefined> {
  const record = await readEngineRecord(files);
  if (record === undefined) return undefined;
  const status = await requestEngine(record, 'GET /status');
  return status === undefined ? undefined : { record, status };
}

/** Resolves to the engine's status after the call; to undefined if the engine of this record does not answer. */
export async function requestEngine(
  record: EngineRecord,
  call: 'GET /status' | 'POST /worker' | 'POST /stop',
  body?: JsonValue,
): Promise<EngineStatus | undefined> {
  try {
    return engineStatusSchema.parse(JSON.parse(await exchange(record, call, body)));
  } catch {
    return undefined; // refused, silent or another process: the caller treats them alike
  }
}

function exchange(record: EngineRecord, call: string, body: JsonValue | undefined): Promise<string> {
  const [method = '', path = ''] = call.split(' ');
  const proofs = proofsOf(record.nonce);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: record.controlPort,
      method,
      path,
      agent: false,
      headers: { authorization: `Bearer ${proofs.ofCommand}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const proof = response.headers[PROOF_HEADER];
      if (typeof proof !== 'string' || !isProof(proof, proofs.ofEngine)) {
        outgoing.destroy(new Error('not the engine of this record'));
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) outgoing.destroy(new Error('the answer is too long'));
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
