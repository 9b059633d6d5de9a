/** Files of a skills root, by their paths below it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A manifest that breaks no rule; `more` is YAML below it. */
export function aManifest(id: string, more = ''): string {
  return `id: ${id}
name: A skill
description: Does one thing
version: 1.0.0
entrypoint: implementations.${id.replace('/', '.')}:run
${more}`;
}
