/** The content of a deployment: what a skills root defines. Secrets, settings and state are no part of it. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import { canonicalJson } from '../values/digest.ts';
import { jsonIn } from '../values/json-text.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const contentSchema = z.strictObject({
  format: z.literal(1),
  files: z.record(z.string(), z.union([z.string(), z.strictObject({ base64: z.base64() })])),
  code: z.record(z.string(), hash),
});

export interface DeploymentContent {
  readonly format: 1;
  /** By path below the root, with forward slashes: the text, or the bytes of a file that is not UTF-8. */
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
  /** Content hashes of bundles by `codeName`. */
  readonly code: Readonly<Record<string, string>>;
}

/** Port for the contents of deployments, each under its id. */
export interface DeploymentContents {
  /** Resolves to the id. */
  put(content: DeploymentContent): Promise<string>;
  /** Rejects with `blob_unavailable` if it is missing, and with `state_corrupt` if it is not what its id says. */
  get(id: string): Promise<DeploymentContent>;
}

/** Returns the text whose SHA-256 is the id of the deployment. */
export function contentText(content: DeploymentContent): string {
  return canonicalJson({ ...content });
}

/** Throws `state_corrupt` for a text that `contentText` has not written. */
export function readContent(id: string, text: string): DeploymentContent {
  const parsed = contentSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  throw new SkillosError('state_corrupt', `Deployment "${shortId(id)}" is not readable`, {
    details: { kind: 'blobs', key: id },
  });
}

/** The name under which the code of a skill, or of one of its variants, stands in a deployment. */
export function codeName({ id, variant }: Pick<SkillEntry, 'id' | 'variant'>): string {
  return variant === undefined ? id : `${id}@${variant}`;
}

/** The id as people see it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
