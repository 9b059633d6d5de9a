import { approvalLines } from '../../../cli/views/approval-view.ts';
import { aRequirement } from '../../support/builders.ts';
import { aParkedRun } from '../../support/parked-runs.ts';

test.each([
  [undefined, ['about      /amount: 5']],
  [2, ['about      /amount: 5', 'about      and 2 more']],
])('says how many of the fields that the policy looked at are left out: %p', (leftOut, expected) => {
  const seen = [{ skill: 'a/b', field: '/amount', value: 5 }];
  const requirement = aRequirement({ seen, ...(leftOut && { seenLeftOut: leftOut }) });
  const lines = approvalLines(aParkedRun({ requirement }), {}, undefined);
  expect(lines.filter((line) => line.startsWith('about'))).toEqual(expected);
});
