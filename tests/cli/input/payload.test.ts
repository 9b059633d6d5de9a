import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { readPayload } from '../../../cli/input/payload.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function read(payload: string) {
  return readPayload({ payload, payloadFile: undefined, fromStdin: false }, Readable.from([]));
}

describe('readPayload', () => {
  test('reads a file, without its byte order mark', async () => {
    const file = path.join(tempFolder(), 'a.json');
    writeFileSync(file, '\uFEFF{"a":"ü"}');
    await expect(read(`@${file}`)).resolves.toBe('{"a":"ü"}');
    await expect(read('@/dev/null')).resolves.toBe('');
  });

  test.each([
    ['/dev/zero', 'payload_too_large', 'Payload of file "/dev/zero" is larger than 33554432 bytes'],
    [
      '/dev',
      'input_unreadable',
      'Cannot read payload file "/dev": illegal operation on a directory (EISDIR)',
    ],
    ['/none', 'input_unreadable', 'Cannot read payload file "/none": no such file or directory (ENOENT)'],
    ['/dev/null/a', 'input_unreadable', 'Cannot read payload file "/dev/null/a": not a directory (ENOTDIR)'],
  ])('refuses %s, and says why', async (file, code, message) => {
    await expect(read(`@${file}`)).rejects.toMatchObject({ code, message });
  });
});
