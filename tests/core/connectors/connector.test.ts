import { knownOperation } from '../../../core/connectors/connector.ts';

test.each([
  ['request', 'request'],
  ['collections', 'collections'],
  ['a secret text', 'unknown'],
])('reports show the operation %j as %s', (operation, shown) => {
  expect(knownOperation(operation)).toBe(shown);
});
