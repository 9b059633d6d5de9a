/** A skills root in a temporary folder, the program of skill processes, and what runs there. */
import { build } from 'esbuild';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { manifestSchema } from '../../core/skills/manifest.ts';

export interface SkillRoot {
  readonly root: string;
  readonly storeDir: string;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export async function aSkillRoot(files: Readonly<Record<string, string>> = {}): Promise<SkillRoot> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'skillos-root-')));
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return {
    root,
    storeDir: path.join(root, 'runtime/bundles'),
    write,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** The entry of a skill `test/<name>` in implementations/test/<name>. */
export function anEntry(name: string, manifest: Readonly<Record<string, unknown>> = {}): SkillEntry {
  const id = `test/${name}`;
  const parsed = manifestSchema.parse({
    id,
    name,
    description: `${name} for a test`,
    version: '1.0.0',
    entrypoint: `implementations.test.${name}:run`,
    ...manifest,
  });
  return { id: parsed.id, manifest: parsed, file: `metadata/${id}.yaml` };
}

/** Bundles adapters/skill-host/child.ts into the folder, as the build does. */
export async function buildSkillChild(folder: string): Promise<string> {
  const outfile = path.join(folder, 'skill-child.mjs');
  await build({
    entryPoints: ['adapters/skill-host/child.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    sourcemap: 'linked',
  });
  return outfile;
}
