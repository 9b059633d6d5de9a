import { join } from 'node:path';
import { Command, Option } from 'clipanion';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { openTestBench } from '../../../adapters/testing/test-bench.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { evalSkill, listScores } from '../../../client/skills/skill-evals.ts';
import { listSkills } from '../../../client/skills/skills.ts';
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { isAboutEval } from '../../../core/skills/validation.ts';
import { evalDocument, hasPassed } from '../../../core/testing/eval.ts';
import type { EvalReport, EvalScore } from '../../../core/testing/eval.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import type { SkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { junitOption, writeJUnit } from '../../input/junit.ts';
import { openCheckout } from '../../runtime.ts';
import type { Runtime } from '../../runtime.ts';
import { oneLine } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';
import { unreadableOf, warnOfUnreadable } from '../../views/unreadable.ts';
import { resultLine } from '../../views/test-result.ts';

export class EvalCommand extends SkillosCommand {
  static override paths = [['eval']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Score a skill on the cases in its manifest, offline',
    details:
      'Runs each case under eval in the manifest as skillos test runs an example, and compares the output with what is ' +
      'expected; without an id it does so for every skill with cases. A skill with side effects runs in a temporary copy of ' +
      'the root. Exits with 0 whatever the score, unless --fail-on-threshold is given or a skill cannot be read.',
    examples: [
      ['A skill', 'skillos eval travel/search_flights'],
      ['All skills, in CI', 'skillos eval --fail-on-threshold --junit reports/eval.xml'],
      ['Keep the score, and see how it changes', 'skillos eval travel/search_flights --save'],
      ['Earlier scores', 'skillos eval travel/search_flights --history'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id', required: false });
  save = Option.Boolean('--save', false, { description: 'Keep the score in the history of the skill' });
  history = Option.Boolean('--history', false, { description: 'Show the kept scores, and run nothing' });
  failOnThreshold = Option.Boolean('--fail-on-threshold', false, {
    description: 'Exit with 1 if a score is below the pass_threshold of the manifest',
  });
  junit = junitOption();

  async perform() {
    const id = this.skill === undefined ? undefined : parseSkillId(this.skill);
    if (this.history) return this.printHistory(id);
    const runtime = openCheckout(this);
    const actor = await actorOf(this);
    const { ids, broken } = id === undefined ? await evaluable(runtime, actor) : { ids: [id], broken: 0 };
    const reports: EvalReport[] = [];
    let isComplete = broken === 0;
    for (const each of ids) {
      try {
        reports.push(await this.evaluate(runtime, actor, each));
      } catch (error) {
        if (id !== undefined || !isSkillosError(error)) throw error;
        isComplete = false; // the scores of the others count all the same
        this.note(`eval_failed: ${each} ${oneLine(error.message)} (${error.code})`);
      }
    }
    await writeJUnit(
      this.junit,
      reports.map(({ skill, score, results }) => ({ name: skill, at: score.at, results })),
    );
    const texts = reports.flatMap((report) => textOf(report, this.save));
    const [first] = reports;
    this.print({
      text: texts.length === 0 ? 'no_evals' : texts,
      json:
        id !== undefined && first !== undefined
          ? { schema: 'skillos.eval/v1', ...evalDocument(first) }
          : { schema: 'skillos.evals/v1', items: reports.map(evalDocument), ...unreadableOf(broken) },
    });
    warnOfUnreadable(this, broken);
    const failed = reports.filter(({ score }) => !hasPassed(score));
    for (const { skill, score } of failed) this.note(`eval_failed: ${skill} ${belowThreshold(score)}`);
    return isComplete && !(this.failOnThreshold && failed.length > 0) ? EXIT.ok : EXIT.failed;
  }

  private async evaluate({ root, ports }: Runtime, actor: Actor, id: SkillId): Promise<EvalReport> {
    const { config, save } = this;
    const coveragePath = join(config.root, 'coverage', `${id.replace('/', '_')}.json`);
    const bench = await openTestBench({ root, config, environment: this.context.env, coveragePath });
    try {
      const code = openSkillCode({ root, storeDir: bundleFolder(root), production: config.production });
      this.note(`eval ${id}`);
      return await evalSkill({ ...ports, code, bench }, actor, {
        id,
        save,
        onResult: (result) => this.note(resultLine(result)),
      });
    } finally {
      await bench.close();
    }
  }

  private async printHistory(id: SkillId | undefined) {
    if (id === undefined || this.save || this.failOnThreshold || this.junit !== undefined) {
      throw new SkillosError('usage', 'Expected the id of a skill with --history, and no other option', {
        hint: 'skillos eval travel/search_flights --history',
      });
    }
    const scores = await listScores(openCheckout(this).ports, await actorOf(this), id);
    const head = ['AT', 'CONTENT', 'PASSED', 'RATE', 'THRESHOLD', 'BY'];
    this.print({
      text: scores.length === 0 ? 'no_scores' : renderTable(head, scores.map(rowOf)),
      json: { schema: 'skillos.eval-history/v1', skill: id, items: scores },
    });
    return EXIT.ok;
  }
}

/** The skills with an eval, valid or not, that the caller may run; `broken` counts the files that do not load. */
async function evaluable(
  { ports }: Runtime,
  actor: Actor,
): Promise<{ readonly ids: readonly SkillId[]; readonly broken: number }> {
  const all = { tags: [], withDeprecated: true };
  const { items, broken } = await listSkills(ports.catalogs, actor.rights, all);
  const { findings } = await ports.catalogs.load();
  const invalid = new Set(findings.filter(isAboutEval).map(({ file }) => file));
  const ids = items
    .filter(({ manifest, file }) => manifest.eval !== undefined || invalid.has(file))
    .map(({ id }) => id);
  return { ids, broken };
}

/** The tokens of the predecessor. */
function textOf({ skill, score, results }: EvalReport, isSaved: boolean): readonly string[] {
  const failed = results.filter(({ passed }) => !passed);
  return [
    `skill: ${skill}`,
    `success_rate: ${score.success_rate}`,
    `pass_threshold: ${score.pass_threshold}`,
    `status: ${hasPassed(score) ? 'ok' : 'failed'}`,
    ...failed.map(
      ({ name, match, message = '' }) =>
        `failed_case: input=${oneLine(name)} match=${match} details=${oneLine(message)}`,
    ),
    ...(isSaved ? [`eval_saved: ${skill} ${score.digest.slice(0, 12)}`] : []),
  ];
}

function belowThreshold({ success_rate: rate, pass_threshold: least }: EvalScore): string {
  return `passes ${rate} of its cases, expected at least ${least}`;
}

function rowOf({ at, digest, passed, total, success_rate: rate, pass_threshold, by }: EvalScore) {
  return [
    at,
    digest.slice(0, 12),
    `${passed} of ${total}`,
    String(rate),
    String(pass_threshold),
    oneLine(by),
  ];
}
