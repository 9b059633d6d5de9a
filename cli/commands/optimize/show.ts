import { Command, Option } from 'clipanion';
import { showExperiment } from '../../../client/learning/experiments.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { experimentDocument, summariesOf } from '../../../core/learning/experiment-document.ts';
import type { Summary } from '../../../core/learning/experiment-document.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../views/table.ts';

export class OptimizeShowCommand extends SkillosCommand {
  static override paths = [['optimize', 'show']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show the variants of a skill, their results, and past decisions',
    details:
      'RATE is the success rate with its 95 % interval, BEST the probability that it is the highest of all. Requires the ' +
      'permission runs:read.',
    examples: [['The experiment of a skill', 'skillos optimize show travel/search_flights']],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'skill' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const summary = await showExperiment(openRuntime(this).ports, await actorOf(this), skill);
    this.print({
      text: [...variantsOf(summary), ...decisionsOf(summary)],
      json: experimentDocument(summary),
    });
    return EXIT.ok;
  }
}

function variantsOf(summary: Summary): readonly string[] {
  const { active, baseline, previous } = summary.experiment;
  const rows = [...summariesOf(summary)].map(([name, one]) => [
    name,
    String(one.results),
    one.rate.toFixed(3),
    one.interval.map((bound) => bound.toFixed(3)).join('-'),
    one.probability_best.toFixed(3),
    String(one.cost ?? '-'),
    one.p95_ms === undefined ? '-' : `${one.p95_ms} ms`,
    [name === active && 'active', name === previous && 'previous', name === baseline && 'baseline']
      .filter(Boolean)
      .join(', '),
  ]);
  return renderTable(['VARIANT', 'RESULTS', 'RATE', '95 %', 'BEST', 'COST', 'P95', ''], rows);
}

function decisionsOf({ experiment: { decisions } }: Summary): readonly string[] {
  if (decisions.length === 0) return [];
  const rows = [...decisions]
    .reverse()
    .map(({ at, action, from, to, rates, probability, by }) => [
      at,
      action,
      `${from} (${rates.from}) -> ${to} (${rates.to})`,
      String(probability),
      by.subject,
    ]);
  return ['', ...renderTable(['AT', 'DECISION', 'VARIANTS', 'PROBABILITY', 'BY'], rows)];
}
