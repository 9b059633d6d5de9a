import { canonicalText, signedText } from '../../../core/marketplace/signed-text.ts';

describe('canonicalText', () => {
  test('writes the example of RFC 8785, section 3.2.2', () => {
    const given = String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`;
    expect(canonicalText(JSON.parse(given))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('sorts names as section 3.2.3 does, by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const text = canonicalText(Object.fromEntries(names.map((name, index) => [name, index]))) ?? '';
    const order = [...text.matchAll(/:(\d)/g)].map(([, index]) => names[Number(index)]);
    expect(order).toEqual(['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
  });

  test('sorts names made of digits as text', () => {
    expect(canonicalText({ '9': 1, '10': 2 })).toBe('{"10":2,"9":1}');
  });

  // Appendix B: the bits of a double, and its text.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as %s', (bits, text) => {
    expect(canonicalText({ n: Buffer.from(bits, 'hex').readDoubleBE() })).toBe(`{"n":${text}}`);
  });

  test.each([{ text: '\ud800' }, { '\udc00': 1 }])('has no text for %j, which is not Unicode', (value) => {
    expect(canonicalText(value)).toBeUndefined();
  });
});

describe('signedText', () => {
  test('leaves out the signature of the package alone', () => {
    expect(signedText({ signature: 'x', manifest: { signature: 'y' }, id: 'a/b' })).toBe(
      '{"id":"a/b","manifest":{"signature":"y"}}',
    );
  });
});
