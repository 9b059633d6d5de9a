/** The plan file of `--plan-path`: a dry run writes it, and a later run is bound to it. */
import { readFile } from 'node:fs/promises';
import { writeAtomic } from '../../adapters/files/files.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { parsePlanFile, planFileText } from '../../core/preparing/plan-file.ts';
import type { PlanFile } from '../../core/preparing/plan-file.ts';

/** Rejects with `plan_not_found`, or as `parsePlanFile` does. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  return parsePlanFile(await readText(path));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SkillosError('plan_not_found', `Cannot read plan file ${JSON.stringify(path)}`, {
      cause: error,
      hint: `Write it with --dry-run --plan-path ${path}`,
    });
  }
}

/** Replaces an existing file. */
export async function writePlanFile(path: string, plan: Parameters<typeof planFileText>[0]): Promise<void> {
  try {
    await writeAtomic(path, planFileText(plan));
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot write plan file ${JSON.stringify(path)}`, {
      cause: error,
    });
  }
}
