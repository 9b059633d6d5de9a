import { faultLine } from '../../../cli/processes/serve-api.ts';

describe('the line about a fault of a request', () => {
  const error = new Error('Failed to start Workflow', {
    cause: new Error('8 RESOURCE_EXHAUSTED: overloaded'),
  });
  const line = 'fault in request 01M8: Failed to start Workflow (caused by 8 RESOURCE_EXHAUSTED: overloaded)';

  test('has the causes of the error', () => {
    expect(faultLine(error, '01M8', false)).toBe(line);
    expect(faultLine('text', '01M8', true)).toBe('fault in request 01M8: text');
  });

  test('has the stack too, if SKILLOS_DEBUG is set', () => {
    expect(faultLine(error, '01M8', true)).toBe(`${line}\n${error.stack}`);
  });
});
