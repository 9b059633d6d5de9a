import { createPayloadCodec, dataConverterOf } from '../../../adapters/temporal/payload-codec.ts';

const SECRET = 'a key of at least thirty-two bytes';
const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"card":"4111"}') };

describe('createPayloadCodec', () => {
  test('gives back what it encrypted, and shows nothing of it', async () => {
    const codec = createPayloadCodec(SECRET);
    const sealed = await codec.encode([payload]);
    expect(
      JSON.stringify(sealed.map(({ data }) => Buffer.from(data ?? []).toString('latin1'))),
    ).not.toContain('4111');
    expect(Buffer.from(sealed[0]?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
    expect(await codec.decode(sealed)).toEqual([payload]);
  });

  test('encrypts the same payload differently each time', async () => {
    const codec = createPayloadCodec(SECRET);
    const [a, b] = await codec.encode([payload, payload]);
    expect(a?.data).not.toEqual(b?.data);
  });

  test('reads what was stored before encryption was turned on', async () => {
    expect(await createPayloadCodec(SECRET).decode([payload])).toEqual([payload]);
  });

  test('refuses another key', async () => {
    const sealed = await createPayloadCodec('another key of at least thirty-two bytes').encode([payload]);
    await expect(createPayloadCodec(SECRET).decode(sealed)).rejects.toMatchObject({
      code: 'payload_unreadable',
    });
  });

  test.each([
    ['the IV', 0],
    ['the tag', 12],
    ['the text', 28],
  ])('refuses a change of %s', async (_, at) => {
    const codec = createPayloadCodec(SECRET);
    const [sealed] = await codec.encode([payload]);
    const data = Buffer.from(sealed?.data ?? []);
    data[at] = (data[at] ?? 0) ^ 1;
    await expect(codec.decode([{ ...sealed, data }])).rejects.toMatchObject({ code: 'payload_unreadable' });
  });

  test('refuses what was cut short', async () => {
    const codec = createPayloadCodec(SECRET);
    const [sealed] = await codec.encode([payload]);
    await expect(codec.decode([{ ...sealed, data: Buffer.from('short') }])).rejects.toMatchObject({
      code: 'payload_unreadable',
    });
  });
});

test('dataConverterOf encrypts only where there is a key', () => {
  expect(dataConverterOf(undefined)).toEqual({});
  expect(dataConverterOf(SECRET).payloadCodecs).toHaveLength(1);
});

test('a worker reads what nobody has encrypted as null', async () => {
  const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"a":1}') };
  const worker = createPayloadCodec(SECRET, 'ignore');
  expect((await worker.decode([plain])).map(({ data }) => Buffer.from(data ?? []).toString())).toEqual([
    'null',
  ]);
  expect(await createPayloadCodec(SECRET).decode([plain])).toEqual([plain]);
  const [sealed] = await worker.encode([plain]);
  expect(await worker.decode([sealed ?? {}])).toEqual([plain]);
});
