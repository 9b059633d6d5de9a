/** A real run of a skill as a fixture: what went in, what it heard over HTTP, what came out. */
import * as z from 'zod';
import type { JsonValue } from './json.ts';
import { idSchema } from './skill.ts';
import type { SkillId } from './skill-id.ts';

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
  /** When the run began; a replay's clock begins there too. */
  at: z.iso.datetime(),
  input: json,
  exchanges: z.array(exchange),
  output: json,
});

export type Recording = z.output<typeof recordingSchema>;

/** Below the root; in it a file a run. */
export function recordingFolder(skill: SkillId): string {
  return `tests/fixtures/${skill}`;
}
