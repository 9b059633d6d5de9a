import { termsOf } from '../../../core/preparing/terms.ts';
import { isSingle, onlyStep } from '../../../core/runs/single-request.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aManifest, aRequest } from '../../support/builders.ts';

describe('a request for one step', () => {
  const terms = termsOf(aManifest());
  const single = { ...aRequest({ plan: { kind: 'step', step: { skill: parseSkillId('a/b') } } }), terms };

  test('is a single request if its caller gives the terms', () => {
    const { terms: _, ...unknown } = single;
    expect(isSingle(single)).toBe(true);
    expect(isSingle(unknown)).toBe(false);
    expect(isSingle({ ...single, plan: { kind: 'sequence', plans: [single.plan] } })).toBe(false);
  });

  test('gives its step before anything is decided', () => {
    expect(isSingle(single) && onlyStep(single)).toEqual({ number: 1, skill: 'a/b', ...terms });
  });
});
