/** The check of a build: dist/ holds the text of the sources and runs. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const top = fileURLToPath(new URL('.', import.meta.url));
const OUTSIDE_ASCII = /\P{ASCII}+/gu;

/**
 * Throws if letters outside ASCII in a string or a regular expression of `sources` are not in any of `files` as Node
 * reads them. Paths are relative to the package. Sources of other packages are not checked.
 */
export async function checkText(sources, files) {
  const built = files.map((file) => readFileSync(join(top, file), 'utf8')).join('\n');
  for (const source of sources.filter((path) => !path.includes('node_modules/'))) {
    const missing = (await textOf(source)).filter((text) => !built.includes(text));
    if (missing.length > 0) {
      throw new Error(`dist/ lacks text of "${source}", expected ${JSON.stringify(missing)}`);
    }
  }
}

/** Returns the non-ASCII text of the code without comments. */
async function textOf(source) {
  const { code } = await transform(readFileSync(join(top, source), 'utf8'), {
    loader: extname(source).slice(1),
    minifyWhitespace: true, // removes comments
    legalComments: 'none',
    charset: 'utf8',
  });
  return code.match(OUTSIDE_ASCII) ?? [];
}

/** Throws if the built program does not print its version. */
export function checkProgram() {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  const printed = execFileSync(process.execPath, [join(top, 'dist/skillos.mjs'), '--version'], {
    encoding: 'utf8',
  });
  if (printed !== `${version}\n`)
    throw new Error(`dist/skillos.mjs printed "${printed}", expected "${version}"`);
}
