/** Talks to a local engine over its control port, and tells it from whatever else may listen there. */
import { request } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import type { JsonValue } from '../core/json.ts';
import { sha256 } from '../core/digest.ts';
import { engineStatusSchema, readEngineRecord } from './engine-record.ts';
import type { EngineFiles, EngineRecord, EngineStatus } from './engine-record.ts';

export interface LivingEngine {
  readonly record: EngineRecord;
  readonly status: EngineStatus;
}

export const PROOF_HEADER = 'x-skillos-engine';
const ANSWER_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** What each side shows the other. Both come from the nonce, and neither tells it or the other one. */
export function proofsOf(nonce: string): { readonly ofCommand: string; readonly ofEngine: string } {
  return { ofCommand: sha256(`command ${nonce}`), ofEngine: sha256(`engine ${nonce}`) };
}

/** Compares in constant time. */
export function isProof(given: string | undefined, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given ?? '')), Buffer.from(sha256(expected)));
}

/** The engine whose record is there and which proves on its port that it is the one; else `undefined`. */
export async function findEngine(files: EngineFiles): Promise<LivingEngine | undefined> {
  const record = await readEngineRecord(files);
  if (record === undefined) return undefined;
  const status = await askEngine(record, 'GET /status');
  return status === undefined ? undefined : { record, status };
}

/** The engine's status after what was asked; `undefined` where no engine answered for this record. */
export async function askEngine(
  record: EngineRecord,
  call: 'GET /status' | 'POST /worker' | 'POST /stop',
  body?: JsonValue,
): Promise<EngineStatus | undefined> {
  try {
    return engineStatusSchema.parse(JSON.parse(await exchange(record, call, body)));
  } catch {
    return undefined; // refused, silent, or not our engine: for a command all the same
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
