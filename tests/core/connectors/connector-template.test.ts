import { load } from 'js-yaml';
import { readConnector } from '../../../core/connectors/connector-file.ts';
import { CONNECTOR_TYPES, connectorTemplate } from '../../../core/connectors/connector-template.ts';
import { secretKeysIn } from '../../../core/connectors/secret-reference.ts';
import type { JsonValue } from '../../../core/json.ts';

test.each(CONNECTOR_TYPES)('the template of %s is a valid definition', (type) => {
  const value = load(connectorTemplate('1e5', type)) as JsonValue;
  expect(readConnector({ file: 'connectors/x.yaml', value, lineOf: () => 1 })).toMatchObject({
    id: '1e5',
    spec: { type },
    findings: [],
  });
  const keys = { http: ['API_TOKEN'], sql: [], vector: ['QDRANT_API_KEY'] };
  expect(secretKeysIn(value)).toEqual(keys[type]);
});
