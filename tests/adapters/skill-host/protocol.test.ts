import { array, assert, constantFrom, nat, property, record, string } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Frame } from '../../../adapters/skill-host/protocol.ts';
import { FrameReader, encodeFrame } from '../../../adapters/skill-host/protocol.ts';

const frame: Arbitrary<Frame> = record({
  kind: constantFrom('message' as const, 'result' as const),
  text: string({ unit: 'grapheme', maxLength: 50 }),
});

describe('FrameReader', () => {
  test('gives the frames that were encoded, however their bytes arrive', () => {
    assert(
      property(array(frame), array(nat({ max: 60 })), (frames, sizes) => {
        const reader = new FrameReader(1000);
        let bytes = Buffer.concat(frames.map(encodeFrame));
        const read: Frame[] = [];
        for (const size of sizes) {
          read.push(...reader.push(bytes.subarray(0, size)));
          bytes = bytes.subarray(size);
        }
        read.push(...reader.push(bytes));
        expect(read).toEqual(frames);
      }),
    );
  });

  test.each([
    ['an unknown kind', Buffer.from([0, 0, 0, 0, 2])],
    ['a body over the limit', Buffer.from([0, 0, 3, 233, 0])],
    ['text', Buffer.from('hello there')],
  ])('refuses %s as soon as its header is there', (_, bytes) => {
    expect(() => [...new FrameReader(1000).push(bytes)]).toThrow('Not a frame');
  });
});
