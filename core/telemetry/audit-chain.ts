/**
 * The chain of audit entries. Each process that writes is a writer: it numbers its entries, and signs each together with its
 * entry before by HMAC-SHA-256. No lock orders the writers; entries name the last entries of others that they saw.
 */
import * as z from 'zod';
import type { JsonObject, JsonValue } from '../json.ts';
import { canonicalJson, hmacSha256, isSameSecret, sha256 } from '../values/digest.ts';

/** The last entry of a writer. */
export interface ChainHead {
  readonly writer: string;
  /** The first entry of a writer is 1. */
  readonly number: number;
  /** Lower-case hex. */
  readonly mac: string;
  /** The first digits of the SHA-256 of the writer's key. */
  readonly key: string;
}

/** Field `chain` of an audit entry; the fields are stored with these names. */
interface ChainLink extends ChainHead {
  /** What the log held of other writers. */
  readonly seen?: readonly ChainHead[] | undefined;
}

const headFields = {
  writer: z.string(),
  number: z.int().positive(),
  mac: z.string(),
  key: z.string(),
};
const linkSchema: z.ZodType<ChainLink> = z.object({
  ...headFields,
  seen: z.array(z.object(headFields)).optional(),
});

/** Schema of the document that `audit verify` prints. */
export const AUDIT_VERIFICATION = 'skillos.audit-verification/v1';
const verificationSchema = z.object({
  schema: z.literal(AUDIT_VERIFICATION),
  tenant: z.string(),
  heads: z.array(z.object(headFields)),
});

const KEY_DIGITS = 16;

/** Derives the key of the chain, so that no other use of the server key makes the same codes. */
export function chainKeyOf(serverKey: string): string {
  return hmacSha256(serverKey, 'skillos audit chain v1');
}

export interface Writer {
  readonly id: string;
  readonly key: string;
  /** Its last entry; undefined before the first. */
  readonly last: ChainHead | undefined;
}

/** Returns the entry with the field `chain`, and the head that it is. */
export function linkEntry(
  { id, key, last }: Writer,
  entry: JsonObject,
  seen: readonly ChainHead[],
): { readonly entry: JsonObject; readonly head: ChainHead } {
  const link = {
    writer: id,
    number: (last?.number ?? 0) + 1,
    key: sha256(key).slice(0, KEY_DIGITS),
    ...(seen.length === 0 ? {} : { seen: seen.map(plainHead) }),
  };
  const mac = macOf(key, { ...entry, chain: link }, last?.mac);
  return {
    entry: { ...entry, chain: { ...link, mac } },
    head: { writer: id, number: link.number, mac, key: link.key },
  };
}

/** Returns the last entry of each writer in `entries`, newest first, which are ordered newest first. */
export function headsIn(entries: readonly JsonObject[]): readonly ChainHead[] {
  const heads = new Map<string, ChainHead>();
  for (const entry of entries) {
    const link = linkOf(entry);
    if (link !== undefined && !heads.has(link.writer)) heads.set(link.writer, link);
  }
  return [...heads.values()];
}

type ChainFault =
  /** The entry is not what was written. */
  | 'edited'
  /** Entries before this one are gone, or the last ones of its writer. */
  | 'missing'
  /** The entry stands after a later one of its writer, or twice. */
  | 'reordered'
  /** The entry has no code of this key, though an entry before it has. */
  | 'unsigned';

export interface ChainFinding {
  readonly fault: ChainFault;
  /** Id of the audit entry, if it has one that is text. */
  readonly entry?: string;
  readonly writer?: string;
  /** Numbers of the missing entries, or of the entry itself. */
  readonly numbers?: readonly [number, number];
}

export interface ChainReport {
  readonly entries: number;
  /** Entries whose code was verified. */
  readonly proven: number;
  /** Entries without a code, or with one of another key. */
  readonly unproven: number;
  readonly writers: number;
  /** All faults; `findings` has the first of them. */
  readonly faults: number;
  readonly findings: readonly ChainFinding[];
  /** Last entries of writers that no later entry has seen: kept elsewhere, they show that a tail was cut. */
  readonly heads: readonly ChainHead[];
}

const MAX_FINDINGS = 100;

/** Verifies the entries of one log in their order. */
export class ChainVerifier {
  readonly #key: string;
  readonly #keyId: string;
  readonly #heads = new Map<string, ChainHead>();
  readonly #seen = new Map<string, number>();
  readonly #findings: ChainFinding[] = [];
  #entries = 0;
  #proven = 0;
  #faults = 0;

  /** `key` is the key of the chain, of `chainKeyOf`. */
  constructor(key: string) {
    this.#key = key;
    this.#keyId = sha256(key).slice(0, KEY_DIGITS);
  }

  add(entry: JsonObject): void {
    this.#entries += 1;
    const link = linkOf(entry);
    const id = typeof entry['id'] === 'string' ? { entry: entry['id'] } : {};
    if (link?.key !== this.#keyId) {
      if (this.#proven > 0) this.#find({ fault: 'unsigned', ...id });
      if (link === undefined) return;
    }
    const { writer, number } = link;
    const before = this.#heads.get(writer);
    const expected = (before?.number ?? 0) + 1;
    if (number < expected) {
      this.#find({ fault: 'reordered', ...id, writer, numbers: [number, number] });
      return;
    }
    // A writer has one key, so entries of another one cannot pass for older entries.
    if (before !== undefined && before.key !== link.key)
      this.#find({ fault: 'edited', writer, numbers: [1, expected - 1] });
    if (number > expected) this.#find({ fault: 'missing', writer, numbers: [expected, number - 1] });
    else if (link.key === this.#keyId) this.#verify(entry, { link, before: before?.mac, id });
    this.#heads.set(writer, link);
    for (const head of link.seen ?? []) this.#see(head);
  }

  /** Faults of entries that were there when `heads` were taken. */
  expect(heads: readonly ChainHead[]): void {
    for (const head of heads) {
      const found = this.#heads.get(head.writer);
      this.#lack(head);
      if (found?.number === head.number && found.mac !== head.mac) {
        this.#find({ fault: 'edited', writer: head.writer, numbers: [head.number, head.number] });
      }
    }
  }

  report(): ChainReport {
    const heads = [...this.#heads.values()].filter(
      ({ writer, number }) => (this.#seen.get(writer) ?? 0) < number,
    );
    return {
      entries: this.#entries,
      proven: this.#proven,
      unproven: this.#entries - this.#proven,
      writers: this.#heads.size,
      faults: this.#faults,
      findings: this.#findings,
      heads: heads.map(plainHead),
    };
  }

  #verify(
    entry: JsonObject,
    {
      link,
      before,
      id,
    }: { readonly link: ChainLink; readonly before: string | undefined; readonly id: object },
  ): void {
    const { mac: _, ...unsigned } = entry['chain'] as JsonObject; // `linkOf` has parsed it
    const expected = macOf(this.#key, { ...entry, chain: unsigned }, before);
    if (isSameSecret(link.mac, expected)) this.#proven += 1;
    else {
      const { writer, number } = link;
      this.#find({ fault: 'edited', ...id, writer, numbers: [number, number] });
    }
  }

  #see(head: ChainHead): void {
    this.#lack(head);
    this.#seen.set(head.writer, Math.max(head.number, this.#seen.get(head.writer) ?? 0));
  }

  /** A finding if the log lacks the entry of `head`, which was there once, or has it with another key. */
  #lack({ writer, number, key }: ChainHead): void {
    const found = this.#heads.get(writer);
    const last = found?.number ?? 0;
    if (last < number) this.#find({ fault: 'missing', writer, numbers: [last + 1, number] });
    else if (found?.key !== key) this.#find({ fault: 'edited', writer, numbers: [1, number] });
  }

  #find(finding: ChainFinding): void {
    this.#faults += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
  }
}

/** Without `seen`, which a link has. */
function plainHead({ writer, number, mac, key }: ChainHead) {
  return { writer, number, mac, key };
}

function linkOf(entry: JsonObject): ChainLink | undefined {
  return linkSchema.safeParse(entry['chain']).data;
}

function macOf(key: string, entry: JsonValue, before = ''): string {
  return hmacSha256(key, `${before}\n${canonicalJson(entry)}`);
}

/** Returns tenant and heads of a document of `audit verify`; undefined for any other text. */
export function readVerification(
  text: string,
): { readonly tenant: string; readonly heads: readonly ChainHead[] } | undefined {
  try {
    return verificationSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON
  }
}
