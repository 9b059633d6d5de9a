/** Finds files of the installed package: from source, from a bundle and in tests. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the absolute path of a file below the package, such as `dist/workflows.js`. */
export function packageFile(path: string): string {
  return join(packageRoot(), path);
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
