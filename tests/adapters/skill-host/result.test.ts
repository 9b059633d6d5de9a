import vm from 'node:vm';
import { resultText } from '../../../adapters/skill-host/result.ts';

const FROZEN = { a: 1 };

const CYCLE = { rows: [{}, {}] };
Object.assign(CYCLE.rows[1] as object, { of: CYCLE });

class Point {
  readonly x = 1;
  readonly y = 2;
}

class Account {
  readonly #cents = 100;
  readonly owner = 'ann';
  get total(): number {
    return this.#cents;
  }
}

class Sealed {
  readonly #value = 1;
  read(): number {
    return this.#value;
  }
}

class Money {
  readonly #cents = 100;
  get cents(): number {
    return this.#cents;
  }
  toJSON(): string {
    return '1.00';
  }
}

function* numbers() {
  yield 1;
}

describe('resultText', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'null'],
    ['undefined in a list and in an object', { a: [undefined], b: undefined }, '{"a":[null]}'],
    ['a date', [new Date(0)], '["1970-01-01T00:00:00.000Z"]'],
    ['a URL', { url: new URL('http://a.test/') }, '{"url":"http://a.test/"}'],
    ['a Buffer, by its toJSON', Buffer.from('a'), '{"type":"Buffer","data":[97]}'],
    ['fields of a class', { at: new Point() }, '{"at":{"x":1,"y":2}}'],
    ['a class with toJSON', [new Money()], '["1.00"]'],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
    ['an object of another realm', vm.runInNewContext('({a:[{}]})'), '{"a":[{}]}'],
    ['the same object twice', [FROZEN, FROZEN], '[{"a":1},{"a":1}]'],
  ])('writes %s', (_, value, text) => {
    expect(resultText(value)).toBe(text);
  });

  test.each<[unknown, string]>([
    [{ rows: Promise.resolve([1]) }, 'got a Promise at "/rows"'],
    [{ ok: [1, { failed: new Error('q') }] }, 'got an Error at "/ok/1/failed"'],
    [{ failed: new TypeError('q') }, 'got a TypeError at "/failed"'],
    [{ at: new Date('x') }, 'got an invalid Date at "/at"'],
    [{ a: { b: [1] }, c: [{}, {}, numbers()] }, 'got a Generator at "/c/2"'],
    [[1][Symbol.iterator](), 'got an Array Iterator'],
    [{ h: new Headers({ a: 'b' }) }, 'got a Headers at "/h"'],
    [new Response('x'), 'got a Response'],
    [{ bytes: new ArrayBuffer(2) }, 'got an ArrayBuffer at "/bytes"'],
    [{ bytes: new Uint8Array(2) }, 'got a Uint8Array at "/bytes"'],
    [[new Map([[1, 2]])], 'got a Map at "/0"'],
    [new WeakMap(), 'got a WeakMap'],
    [/a/, 'got a RegExp'],
    [new URLSearchParams('a=b'), 'got a URLSearchParams'],
    [{ 'a/b': { '~': 1n } }, 'got a bigint at "/a~1b/~0"'],
    [{ [Symbol('s')]: 1 }, 'got a property whose name is a symbol'],
    ['abc'.match(/b/), 'got an array with the property "groups"'],
    [new Account(), 'got an Account with the getter "total"'],
    [[new Sealed()], 'got a Sealed without fields at "/0"'],
    [{ toJSON: () => Number.NaN }, 'got NaN'],
    [CYCLE, 'got an object that contains itself at "/rows/1/of"'],
  ])('refuses %p', (value, message) => {
    expect(() => resultText(value)).toThrow(`Expected the skill to return JSON: ${message}`);
  });
});
