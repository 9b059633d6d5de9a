import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../../adapters/catalog/manifest-edit.ts';
import { optimize } from '../../../client/learning/experiments.ts';
import type { Optimized, OptimizePorts } from '../../../client/learning/experiments.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { NoAction, Verdict } from '../../../core/learning/decide.ts';
import { optimizationDocument } from '../../../core/learning/experiment-document.ts';
import { parseGuards } from '../../../core/learning/guards.ts';
import { usesDeployments } from '../../../core/settings/config.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openCheckoutToWrite, openRuntime } from '../../runtime.ts';

export class OptimizeCommand extends SkillosCommand {
  static override paths = [['optimize']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Compare variants of a skill, and promote the better one',
    details:
      'Adds the given results and decides. A variant is promoted if its success rate is higher than that of the active ' +
      'one by --win-delta, with a probability of 0.95 (more, if the experiment is decided on repeatedly). A promotion ' +
      'is rolled back if the variant turns out worse or breaks a guard. Requires the permission skills:write.',
    examples: [
      [
        'Two results',
        'skillos optimize travel/search_flights --variant v1 --variant v2 --result v1:success --result v2:failure',
      ],
      [
        'Roll back also if it becomes slower',
        'skillos optimize travel/search_flights --variant v1 --variant v2 --guard p95=+20%',
      ],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'skill' });
  variants = Option.Array('--variant', [], {
    description: 'A variant; at least two (default: those of the manifest)',
  });
  baseline = Option.String('--baseline', {
    description: 'The variant to begin with (default: the first)',
  });
  results = Option.Array('--result', [], {
    description: 'A result, such as v1:success or v2:failure; repeatable',
  });
  minSamples = Option.String('--min-samples', '5', {
    description: 'Results that a variant needs (default: 5)',
  });
  winDelta = Option.String('--win-delta', '0.1', {
    description: 'Least gain of success rate for a promotion (default: 0.1)',
  });
  rollbackDelta = Option.String('--rollback-delta', '0.1', {
    description: 'Least loss of success rate for a rollback (default: 0.1)',
  });
  guards = Option.Array('--guard', [], {
    description: 'error_rate=+0.05 (the default), p95=+20% or cost=+10%; repeatable',
  });

  apply = Option.Boolean('--apply', false, {
    description: 'Write the promoted variant to the manifest, in place of its variants',
  });

  async perform() {
    const { root, ports } = this.apply ? openCheckoutToWrite(this) : openRuntime(this);
    // A deployment has the code of its variants; without one, and with --apply, it is in the root.
    const isDeployed = usesDeployments(this.config) && !this.apply;
    const checkCode = isDeployed ? () => Promise.resolve() : codeChecker(root);
    const answer = await optimize(
      { ...ports, editManifest: manifestEditor(root), checkCode },
      await actorOf(this),
      {
        skill: parseSkillId(this.skill),
        variants: this.variants,
        baseline: this.baseline,
        results: this.results,
        rules: {
          minSamples: wholeNumber('--min-samples', this.minSamples),
          winDelta: fraction('--win-delta', this.winDelta),
          rollbackDelta: fraction('--rollback-delta', this.rollbackDelta),
          guards: parseGuards(this.guards),
        },
        apply: this.apply,
      },
    );
    this.print({
      text: `optimization_decision: ${answer.verdict.action}`,
      json: { ...optimizationDocument(answer, answer.verdict), ...(answer.isApplied && { applied: true }) },
    });
    this.note(explain(answer.verdict));
    if (this.apply) this.note(appliedNote(answer));
    return EXIT.ok;
  }
}

/** Loads the compiler at the first use. */
function codeChecker(root: string): OptimizePorts['checkCode'] {
  return async (entry) => {
    const { compileSkill } = await import('../../../adapters/skill-code/bundles.ts');
    return compileSkill(root, entry);
  };
}

const NO_ACTION: Readonly<Record<NoAction, string>> = {
  too_few_results: 'fewer results than --min-samples',
  difference_too_small: 'no variant is better by --win-delta',
  evidence_too_weak: 'the difference may be chance: more results are needed',
  guard_broken: 'the better variant breaks a guard',
};

function explain(verdict: Verdict): string {
  if (verdict.action === 'no_action') return `note: ${NO_ACTION[verdict.reason]}`;
  const { from, to, rates, probability, guard } = verdict;
  const cause = guard === undefined ? '' : `, guard ${guard}`;
  return `note: ${from} (${rates.from}) is replaced by ${to} (${rates.to}), better with probability ${probability}${cause}`;
}

function appliedNote({ isApplied, experiment, skill }: Optimized): string {
  return isApplied
    ? `note: the manifest of ${skill} has the code of ${experiment.active} now, and no variants`
    : 'note: none of its variants is promoted, so the manifest is unchanged';
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new SkillosError('usage', `Expected ${option} to be 1 to 999999, got ${JSON.stringify(text)}`);
}

function fraction(option: string, text: string): number {
  if (/^(0?\.\d+|0|1(\.0+)?)$/.test(text)) return Number(text);
  throw new SkillosError(
    'usage',
    `Expected ${option} to be a number from 0 to 1, got ${JSON.stringify(text)}`,
  );
}
