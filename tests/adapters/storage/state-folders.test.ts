import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertOwnFolders, assertWritable } from '../../../adapters/storage/state-folders.ts';
import { openState } from '../../../adapters/storage/state.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const STRICT = { followStateLinks: false };

describe('assertOwnFolders', () => {
  test('accepts a root without state, and one with folders', () => {
    const root = tempFolder();
    expect(() => assertOwnFolders(root, STRICT)).not.toThrow();
    mkdirSync(path.join(root, 'runtime', 'records'), { recursive: true });
    mkdirSync(path.join(root, 'logs'));
    expect(() => assertOwnFolders(root, STRICT)).not.toThrow();
  });

  test.each([
    'runtime',
    'runtime/records',
    'runtime/blobs',
    'runtime/bundles',
    'logs',
    'logs/audit',
    'logs/runs',
  ])('refuses a link in place of %s, unless the setting allows it', (folder) => {
    const root = tempFolder();
    mkdirSync(path.dirname(path.join(root, folder)), { recursive: true });
    symlinkSync(tempFolder(), path.join(root, folder));

    expect(() => assertOwnFolders(root, STRICT)).toThrow(
      expect.objectContaining({
        code: 'state_linked',
        message: `Folder "${folder}" of the skills root is a symbolic link: expected a folder, or SKILLOS_FOLLOW_STATE_LINKS=1`,
      }),
    );
    expect(() => assertOwnFolders(root, { followStateLinks: true })).not.toThrow();
  });

  test('refuses a link that leads nowhere, before any state is opened', () => {
    const root = tempFolder();
    symlinkSync(path.join(root, 'missing'), path.join(root, 'runtime'));

    expect(() => openState(parseConfig({ SKILLOS_ROOT: root }))).toThrow(
      expect.objectContaining({ code: 'state_linked' }),
    );
  });
});

describe('assertWritable', () => {
  test('accepts a root without state, and one with folders', () => {
    const root = tempFolder();
    expect(() => assertWritable(root)).not.toThrow();
    mkdirSync(path.join(root, 'logs'));
    expect(() => assertWritable(root)).not.toThrow();
  });

  test.each(['runtime', 'logs'])('refuses a root whose %s cannot be written', (folder) => {
    const root = tempFolder();
    writeFileSync(path.join(root, folder), 'not a folder');
    expect(() => assertWritable(root)).toThrow(
      expect.objectContaining({
        code: 'root_not_writable',
        message: `Cannot write folder "${folder}" of the skills root (EACCES)`,
      }),
    );
  });

  test('refuses a root that is no folder', () => {
    const root = path.join(tempFolder(), 'file');
    writeFileSync(root, '');
    expect(() => assertWritable(root)).toThrow('Cannot write the skills root (EACCES)');
  });
});
