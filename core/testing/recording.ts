/** Recordings: a run of a skill as a fixture, with input, HTTP exchanges and output. */
import * as z from 'zod';
import type { JsonValue } from '../json.ts';
import { idSchema } from '../skills/manifest.ts';
import { exchangesSchema } from './connector-exchange.ts';
import type { SkillId } from '../values/skill-id.ts';

const json = z.json() as z.ZodType<JsonValue>;

const exchange = z.object({
  request: z.object({ method: z.string().toUpperCase(), url: z.string() }),
  response: z.object({
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
});

export const recordingSchema = z.object({
  schema: z.literal('skillos.recording/v1'),
  skill: idSchema,
  run: z.string(),
  /** Start of the run; the clock of a replay starts at the same time. */
  at: z.iso.datetime(),
  input: json,
  exchanges: z.array(exchange),
  /** Exchanges with connectors. */
  calls: exchangesSchema.default([]),
  output: json,
});

export type Recording = z.output<typeof recordingSchema>;

/** Folder relative to the root, with one file per run. */
export function recordingFolder(skill: SkillId): string {
  return `tests/fixtures/${skill}`;
}
