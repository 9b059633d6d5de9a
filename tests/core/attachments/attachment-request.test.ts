import { parseAttachments } from '../../../core/attachments/attachment-request.ts';

const LIMITS = { attachmentMaxSizeBytes: 10, attachmentMaxCount: 16 };
const GOOD = { filename: 'note.txt', content_type: 'text/plain', data: 'aGk=' };

const parse = (value: unknown) => parseAttachments(value as never, LIMITS);

test.each([[undefined], [null], [[]]])('%j is none', (value) => {
  expect(parse(value)).toEqual([]);
});

test.each([[GOOD], [{ name: 'note.txt', type: 'TEXT/Plain', data: 'aGk=' }]])('reads %j', (value) => {
  expect(parse([value])).toEqual([
    { filename: 'note.txt', contentType: 'text/plain', data: 'aGk=', sizeBytes: 2 },
  ]);
});

const seventeen = Array.from({ length: 17 }, () => GOOD);

test.each<readonly [unknown, string, string]>([
  ['x', 'attachment_invalid', 'Invalid attachments: expected a list of attachments'],
  [seventeen, 'attachment_invalid', 'Invalid attachments: expected at most 16 attachments, got 17'],
  [['x'], 'attachment_invalid', 'Invalid attachments[0]: expected an object with filename'],
  [[null], 'attachment_invalid', 'Invalid attachments[0]: expected an object'],
  [[[]], 'attachment_invalid', 'Invalid attachments[0]: expected an object'],
  [[{ ...GOOD, path: 'x' }], 'attachment_invalid', 'Invalid attachments[0]: expected no field "path"'],
  [
    [{ ...GOOD, name: 'x' }],
    'attachment_invalid',
    'Invalid attachments[0]: expected one of filename and name',
  ],
  [
    [GOOD, { ...GOOD, filename: 7 }],
    'attachment_invalid',
    'Invalid attachments[1].filename: expected a text',
  ],
  [[{ ...GOOD, data: undefined }], 'attachment_invalid', 'Invalid attachments[0].data: expected a text'],
  [
    [{ ...GOOD, filename: '../../x' }],
    'attachment_invalid',
    'Invalid attachments[0].filename "../../x": expected a file name',
  ],
  [[{ ...GOOD, filename: 'x'.repeat(300) }], 'attachment_invalid', 'xxx...": expected a file name'],
  [
    [{ ...GOOD, content_type: 'image/svg+xml' }],
    'attachment_invalid',
    'content_type "image/svg+xml": expected one of application/json',
  ],
  [
    [{ ...GOOD, content_type: 'text/plain; charset=utf-8' }],
    'attachment_invalid',
    'expected one of application/json',
  ],
  [[{ ...GOOD, data: '' }], 'attachment_invalid', 'Invalid attachments[0].data: expected base64'],
  [[{ ...GOOD, data: 'aG k=' }], 'attachment_invalid', 'Invalid attachments[0].data: expected base64'],
  [[{ ...GOOD, data: 'aGk=\n' }], 'attachment_invalid', 'Invalid attachments[0].data: expected base64'],
  [[{ ...GOOD, data: 'A'.repeat(16) }], 'attachment_too_large', 'expected at most 10 bytes, got 12'],
])('refuses %j', (value, code, message) => {
  expect(() => parse(value)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
  );
});
