import { recordingFolder, recordingSchema } from '../../../core/testing/recording.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const RECORDING = {
  schema: 'skillos.recording/v1',
  skill: 's/a',
  run: 's.a-01ARZ3NDEKTSV4RRFFQ69G5FAV',
  at: '2026-01-02T03:04:05.000Z',
  input: { city: 'Kazan' },
  exchanges: [
    {
      request: { method: 'GET', url: 'https://a.test/' },
      response: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'x' },
    },
  ],
  output: null,
};

describe('recordingSchema', () => {
  test('parses a recording', () => {
    expect(recordingSchema.parse(RECORDING)).toEqual({ ...RECORDING, calls: [] });
  });

  test.each([
    ['another schema', { schema: 'skillos.recording/v2' }],
    ['no time', { at: 'now' }],
    ['an exchange without an answer', { exchanges: [{ request: { method: 'GET', url: 'x' } }] }],
    ['a call without an answer', { calls: [{ connector: 'weather', operation: 'request' }] }],
    [
      'a call with an unknown error',
      { calls: [{ connector: 'c', operation: 'query', error: { code: 'no', message: '' } }] },
    ],
    ['no input', { input: undefined }],
  ])('refuses %s', (_, fields) => {
    expect(recordingSchema.safeParse({ ...RECORDING, ...fields }).success).toBe(false);
  });
});

describe('recordingFolder', () => {
  test('is below tests/fixtures', () => {
    expect(recordingFolder(parseSkillId('s/a'))).toBe('tests/fixtures/s/a');
  });
});
