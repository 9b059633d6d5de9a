import { Command, Option } from 'clipanion';
import { join } from 'node:path';
import { openSkillCode } from '../../adapters/skill-code/bundles.ts';
import { bundleFolder } from '../../adapters/storage/state.ts';
import { openTestBench } from '../../adapters/testing/test-bench.ts';
import { testSkill } from '../../client/skills/skill-tests.ts';
import type { Tested } from '../../client/skills/skill-tests.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { TestResult } from '../../core/testing/skill-test.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { junitOption, writeJUnit } from '../input/junit.ts';
import { readPayload } from '../input/payload.ts';
import { printable } from '../views/plain-text.ts';
import { resultLine } from '../views/test-result.ts';
import { openCheckout } from '../runtime.ts';

export class TestCommand extends SkillosCommand {
  static override paths = [['test']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Test a skill or a composition, offline',
    details:
      'Runs each example of its manifest, replays recorded runs, and runs its test file. HTTP requests are ' +
      'answered from recordings, or with a reply that repeats the request, and calls of connectors from recordings or ' +
      'tests/fixtures/<id>.connectors.json; other connections are refused, and HOME is an empty folder. ' +
      'A skill with side effects runs in a temporary copy of the root, unless --in-place. Writes line coverage, and ' +
      'stores the report for the tested content.',
    examples: [
      ['A skill', 'skillos test travel/search_flights'],
      ['With a payload of your own', 'skillos test travel/plan_trip --payload "A week in Kazan"'],
      ['With a report for a CI server', 'skillos test travel/search_flights --junit reports/test.xml'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  payload = Option.String('--payload', { description: 'Text, JSON, @file or -, instead of the examples' });
  inPlace = Option.Boolean('--in-place', false, {
    description: 'Run a skill with side effects in the root itself',
  });
  coveragePath = Option.String('--coverage-path', {
    description: 'File for the coverage (default: coverage/<id>.json below the root)',
  });
  junit = junitOption();

  async perform() {
    const id = parseSkillId(this.skill);
    const payload = await readPayload(
      { payload: this.payload, payloadFile: undefined, fromStdin: false },
      this.context.stdin,
    );
    const { root, ports } = openCheckout(this);
    const actor = await actorOf(this);
    const { config } = this;
    const coveragePath = this.coveragePath ?? join(config.root, 'coverage', `${id.replace('/', '_')}.json`);
    const bench = await openTestBench({ root, config, environment: this.context.env, coveragePath });
    try {
      const code = openSkillCode({ root, storeDir: bundleFolder(root), production: config.production });
      const onResult = (result: TestResult): void => this.note(resultLine(result));
      const ask = { id, payload, inPlace: this.inPlace, onResult };
      const tested = await testSkill({ ...ports, code, bench }, actor, ask);
      await writeJUnit(this.junit, [{ name: id, ...tested.report }]);
      return this.printTested(tested);
    } finally {
      await bench.close();
    }
  }

  private printTested({ report, coverage, output }: Tested) {
    const { skill, digest, passed, at, by, results } = report;
    this.print({
      text: [
        ...(output === undefined ? [] : [printable(output)]),
        `${passed ? 'test_passed' : 'test_failed'}: ${skill}`,
        `coverage_written: ${coverage.file}`,
      ],
      json: {
        schema: 'skillos.test/v1',
        skill,
        passed,
        digest,
        at,
        by,
        results,
        coverage: { path: coverage.file, ratio: coverage.ratio },
        ...(output === undefined ? {} : { output }),
      },
    });
    return passed ? EXIT.ok : EXIT.failed;
  }
}
