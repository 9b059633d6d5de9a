import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LIBRARY_FILE } from '../../../adapters/embeddings/model-files.ts';
import { loadLibrary } from '../../../adapters/embeddings/onnx.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('a library that does not load is named with the reason and what to do, without its folder', () => {
  const folder = tempFolder();
  writeFileSync(path.join(folder, LIBRARY_FILE), '');
  let caught: unknown;
  try {
    loadLibrary(folder);
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({
    code: 'embeddings_failed',
    message: expect.stringMatching(/cannot be loaded: (?!.*skillos-test-).+/),
    hint: expect.stringContaining('SKILLOS_CACHE_DIR'),
  });
});
