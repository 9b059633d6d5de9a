import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFrom, trim } from '../../temporal-dev/logs.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('trim', () => {
  test('keeps one older part of a log that grew too large', async () => {
    const file = path.join(tempFolder(), 'a.log');
    writeFileSync(file, 'x'.repeat(100));
    await trim(file, 50);
    appendFileSync(file, 'new');

    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(`${file}.1`).size).toBe(100);
  });

  test('leaves a small one alone', async () => {
    const file = path.join(tempFolder(), 'a.log');
    writeFileSync(file, 'small');
    await trim(file, 50);

    expect(readFileSync(file, 'utf8')).toBe('small');
  });
});

describe('readFrom', () => {
  test('reads what was appended', async () => {
    const file = path.join(tempFolder(), 'a.log');
    writeFileSync(file, 'before ');
    appendFileSync(file, 'after');

    expect(await readFrom(file, 7)).toBe('after');
    expect(await readFrom(file, 12)).toBe('');
  });
});
