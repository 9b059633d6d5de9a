/** The number of activities, decisions and commands that workers have refused, by error code. */
import type { JsonObject } from '../json.ts';
import type { Records } from '../storage/records.ts';

export const REFUSALS_KIND = 'refusals';
export const REFUSALS_KEY = 'total';

/** Counts by error code. */
export type Refusals = JsonObject & Readonly<Record<string, number>>;

export function countRefusal(current: Refusals | undefined, code: string): Refusals {
  return { ...current, [code]: (current?.[code] ?? 0) + 1 };
}

export async function readRefusals(records: Pick<Records, 'get'>): Promise<Refusals> {
  return (await records.get<Refusals>(REFUSALS_KIND, REFUSALS_KEY)) ?? {};
}
