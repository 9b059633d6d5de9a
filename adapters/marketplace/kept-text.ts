/** Text in the cache folder, with a line that says what it was made from. Another or a damaged file counts as none. */
import { sha256 } from '../../core/values/digest.ts';
import { writeCache } from '../files/files.ts';
import { readTextFile } from '../files/text-file.ts';

interface Kept {
  /** One line, such as an ETag; not empty. */
  readonly origin: string;
  readonly text: string;
}

/** In bytes, beside the text. */
const MAX_HEAD_BYTES = 128 * 1024;

/** Undefined for a file that is not as `keepText` wrote it, or whose text has more than `maxBytes`. */
export function readKept(file: string, maxBytes: number): Kept | undefined {
  const read = readTextFile(file, maxBytes + MAX_HEAD_BYTES);
  if (typeof read !== 'string') return undefined;
  const [hash = '', origin = ''] = read.split('\n', 2);
  const text = read.slice(hash.length + origin.length + 2);
  return origin !== '' && sha256(text) === hash ? { origin, text } : undefined;
}

/** Replaces the file. A cache that cannot be written only costs the next command time. */
export async function keepText(file: string, { origin, text }: Kept): Promise<void> {
  await writeCache(file, `${sha256(text)}\n${origin}\n${text}`);
}
