import { Command, Option } from 'clipanion';
import { join } from 'node:path';
import { openSkillCode } from '../../adapters/bundles.ts';
import { bundleFolder } from '../../adapters/state.ts';
import { openTestBench } from '../../adapters/test-bench.ts';
import { testSkill } from '../../client/skill-tests.ts';
import type { Tested } from '../../client/skill-tests.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { TestResult } from '../../core/skill-test.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { readPayload } from '../payload.ts';
import { oneLine } from '../plain-text.ts';
import { printable } from '../run-command.ts';
import { openRuntime } from '../runtime.ts';

export class TestCommand extends IdentifiedCommand {
  static override paths = [['test']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Test a skill or a composition, offline',
    details:
      'Runs it with each example of its manifest, replays its recorded runs, and runs its own test file. HTTP is ' +
      'answered from recordings or with a reply that says what was asked; other connections are refused, and HOME is ' +
      'an empty folder. Writes which lines were executed, and keeps the report against the exact content that was tested.',
    examples: [
      ['A skill', 'skillos test travel/search_flights'],
      ['With a payload of your own', 'skillos test travel/plan_trip --payload "A week in Kazan"'],
    ],
  });

  skill = Option.String({ name: 'id' });
  payload = Option.String('--payload', { description: 'Text, JSON, @file or -, instead of the examples' });
  coveragePath = Option.String('--coverage-path', {
    description: 'Where to write the coverage (default: coverage/<id>.json below the root)',
  });

  async perform() {
    const id = parseSkillId(this.skill);
    const payload = await readPayload(
      { payload: this.payload, payloadFile: undefined, fromStdin: false },
      this.context.stdin,
    );
    const { root, ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const actor = await this.actor();
    const { config } = this;
    const coveragePath = this.coveragePath ?? join(config.root, 'coverage', `${id.replace('/', '_')}.json`);
    const bench = await openTestBench({ root, config, environment: this.context.env, coveragePath });
    try {
      const code = openSkillCode({ root, storeDir: bundleFolder(root) });
      const onResult = (result: TestResult): void => this.note(resultLine(result));
      return this.printTested(await testSkill({ ...ports, code, bench }, actor, { id, payload, onResult }));
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

function resultLine({ kind, name, passed, message }: TestResult): string {
  const line = `${passed ? 'ok  ' : 'FAIL'} ${kind} ${oneLine(name)}`;
  return message === undefined ? line : `${line}\n     ${oneLine(message)}`;
}
